// The diagnostic bundle: with secrets put everywhere, by API and by command, none of them is in it.
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../../src/access/create-key.ts';
import { rateLimits } from '../../src/api/edge/rate-limits.ts';
import { startServer } from '../../src/api/start-server.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { makeBundle } from '../../src/sync/system/diagnostic-bundle.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { formsOf } from '../redaction/canary-pos.ts';
import { traceIn } from '../redaction/find-traces.ts';
import { openEngine, syncNow } from '../support/engine.ts';
import { openCli } from '../support/run-cli.ts';
import { superuserOf } from '../support/superuser.ts';

const [encryptionKey, previousKey] = [0, 1].map(() => randomBytes(32).toString('base64')) as [string, string];
const secret = 'canary-KEY/+"0123456789-wxyz';
const jwt = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"sub":"canary"}').toString('base64url')}.c2lnbmF0dXJl`;

/** What somebody may have written anywhere, whose secret nobody stored. */
const strangers = [
  'postgresql://ada:canary-password-01@db.example/tillsync',
  'https://pos.example/menu?api_key=canary-in-a-query&page=2',
  'Authorization: Bearer canary.bearer-token-01',
  'the body was {"client_secret": "canary-in-json"} and {\\"password\\": \\"canary-deeper\\"}',
  `the caller sent ts_${'canary'.repeat(8)}`,
  `the token was ${jwt}`,
];

let deps: Deps & { url: string };
let configId = '';
let runId = '';

beforeAll(async () => {
  deps = await openEngine({ deps: { vault: openVault({ active: encryptionKey }) } });
  const params = { brand: 'acme', establishment: '17', base_url: 'http://127.0.0.1:1', auth: 'api_key' };
  const config = await addConfig(deps, { connectorId: 'qu', name: 'QU POS', params, secrets: { api_key: secret } });
  configId = config.id;
  runId = (await syncNow(deps, configId)).id;
  const text = [...formsOf(secret), ...strangers].join(' | ');
  const facts = { password: 'canary', nested: [{ 'x-api-key': 'canary', note: text }], [secret]: text };
  const { database } = deps;
  await database.query(
    `update integration_sync_history set error = error || jsonb_build_object('message', $2::text, 'facts', $3::jsonb),
       error_message = $2, source_name = $4, requested_by = $5, notes = jsonb_build_array($2::text) where id = $1`,
    [runId, text, JSON.stringify(facts), `QU ${secret}`, `cli:${secret}`],
  );
  await database.query(`update integration_sync_log set message = $2, facts = $3 where run_id = $1`, [
    runId,
    text,
    JSON.stringify(facts),
  ]);
  await database.query(
    `update integration_source_configs set config_name = $2, last_error = $3, paused_reason = $3 where id = $1`,
    [configId, `QU ${secret}`, text],
  );
  await database.query(`insert into integration_workers (worker, slots, version) values ($1, 1, $1)`, [secret]);
});

describe('a diagnostic bundle', () => {
  test('has what explains a fault, and no secret, however it is written and wherever it stands', async () => {
    // Of another process: what this one has seen is not known there.
    const fresh = { ...deps, vault: openVault({ active: encryptionKey }) };
    const text = await makeBundle(fresh, { calls: null, actor: 'cli:ada' });
    expect(traceIn(text)).toBeNull();
    // Nor the end of one whose beginning was taken out.
    expect(text).not.toMatch(/wxyz|0123456789/);
    const bundle = JSON.parse(text);
    expect(bundle.redaction).toEqual({ looked_for: 1, not_opened: 0, not_read: [] });
    expect(bundle.failed_runs).toMatchObject([{ id: runId, status: 'failed', error: { code: expect.any(String) } }]);
    expect(bundle.failed_runs[0].log.length).toBeGreaterThan(1);
    expect(bundle.system.database.version).toBe(bundle.verify.server_version);
    expect(bundle.system.vault.keys[0]).toMatchObject({ state: 'active', opens: 1 });
    expect(bundle.verify.tables).toHaveLength(3);
    expect(bundle.tables.map(({ table }: { table: string }) => table)).toContain('integration_products');
    expect(bundle.postgres_settings.map(({ name }: { name: string }) => name)).toContain('shared_buffers');
    expect(bundle.schedules).toMatchObject([{ config_id: configId, connector_id: 'qu' }]);
    expect(bundle.schedules[0]).not.toHaveProperty('params');
  });

  test('is an entry of the audit log', async () => {
    await makeBundle(deps, { calls: null, actor: 'cli:grace' });
    const { rows } = await deps.database.query(
      `select action from integration_audit_log where actor = 'cli:grace' and action = 'diagnostics.exported'`,
    );
    expect(rows).toHaveLength(1);
  });

  test('is made with another key, too, and on a schema that does not fit: what cannot be read says why', async () => {
    const lost = { ...deps, vault: openVault({ active: randomBytes(32).toString('base64') }) };
    expect(JSON.parse(await makeBundle(lost, { calls: null })).redaction).toMatchObject({ not_opened: 1 });
    const odd = await openEngine();

    await superuserOf(odd.url, 'alter table integration_webhook_endpoints rename to elsewhere');
    const bundle = JSON.parse(await makeBundle(odd, { calls: null }));
    expect(bundle.redaction.not_read).toEqual(['webhook_secrets']);
    expect(bundle.system.unread).toMatchObject({
      code: expect.any(String),
      message: expect.stringContaining('missing'),
    });
    expect(bundle.verify.ok).toBe(false);
    expect(bundle.failed_runs).toEqual([]);
  });
});

test('`tillsync diagnose` writes it as a file, here and through a server, and nothing over another file', async () => {
  const password = `canary-${randomBytes(12).toString('hex')}`;
  const cli = openCli({
    DATABASE_URL: deps.url.replace('://tillsync@', `://tillsync:${password}@`),
    TILLSYNC_ENCRYPTION_KEY: encryptionKey,
    TILLSYNC_ENCRYPTION_KEY_PREVIOUS: previousKey,
    TILLSYNC_ADMIN_KEY: 'canary-of-the-admin-0001',
    SUPABASE_JWT_SECRET: 'canary-of-supabase-with-thirty-two-characters',
    SUPABASE_URL: 'https://ada:canary-password-01@project.example',
    TILLSYNC_DATA_DIR: 'data',
  });
  const written = await cli.run(['diagnose', '--out', 'bundle.json.gz']);
  expect(written).toMatchObject({
    code: 0,
    stdout: 'Wrote bundle.json.gz.\n',
    stderr: expect.stringContaining('without secrets'),
  });
  const file = join(cli.folder, 'bundle.json.gz');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = gunzipSync(readFileSync(file)).toString('utf8');
  expect(traceIn(text + written.stderr)).toBeNull();
  for (const key of [encryptionKey, previousKey]) expect(text).not.toContain(key);
  const settings = JSON.parse(text).system.settings as { name: string; value: string | null; source: string }[];
  const of = (name: string) => settings.find((setting) => setting.name === name);
  expect(of('DATABASE_URL')).toMatchObject({ value: null, is_set: true, is_secret: true, source: 'environment' });
  expect(of('TILLSYNC_PORT')).toMatchObject({ value: '4600', is_set: false, source: 'default' });
  const again = await cli.run(['diagnose', '--out', 'bundle.json.gz']);
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('bundle.json.gz is there already') });

  const { key } = await createKey(deps.database, { name: 'helper', createdBy: 'test', access: 'admin' });
  const server = await startServer(
    { deps, config: { adminKey: null, corsOrigins: [] } },
    { host: '127.0.0.1', port: 0 },
  );
  const remote = openCli({ TILLSYNC_SERVER: server.url, TILLSYNC_API_KEY: key });
  const there = await remote.run(['diagnose', '--json']);
  await server.stop();
  expect(there.code).toBe(0);
  expect(traceIn(there.stdout)).toBeNull();
  expect(JSON.parse(there.stdout).system.limits.calls).toHaveLength(Object.keys(rateLimits).length);
  const { rows } = await deps.database.query<{ actor: string; address: string | null }>(
    `select actor, address from integration_audit_log where action = 'diagnostics.exported' and actor = 'key:helper'`,
  );
  expect(rows).toEqual([{ actor: 'key:helper', address: expect.stringContaining('127.0.0.1') }]);
}, 180_000);
