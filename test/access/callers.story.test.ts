// Callers and what they may do from one request to the next: keys, the edge functions, streams, and catalogs of others.
import { beforeAll, describe, expect, test } from 'vitest';
import { addKey, listKeys, revokeKey, rotateKey } from '../../src/access/manage-keys.ts';
import { createFunctionsApp } from '../../src/api/functions/create-functions-app.ts';
import { functionsOptions } from '../../src/api/functions/index.ts';
import type { ApiApp } from '../../src/api/v1/api-given.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { openEngine } from '../support/engine.ts';
import { fillTables, type Tenant, tenants } from './tenant-rows.ts';

const [ada, bert] = tenants as [Tenant, Tenant];
let deps: Deps & { url: string };
let app: ApiApp;
let functions: ReturnType<typeof createFunctionsApp>;

beforeAll(async () => {
  deps = await openEngine();
  await fillTables(deps.database);
  const options = functionsOptions({ deps, config: { adminKey: null, corsOrigins: [] } });
  app = createV1App(deps, { ...options, heartbeatMs: 20 });
  functions = createFunctionsApp(deps, options);
});

const keyOf = (tenant: Tenant, access: 'read' | 'sync' | 'admin' = 'admin') =>
  addKey(deps.database, { name: 'k', access, level: 'site', levelId: String(tenant.site), by: 'test' });

async function call(request: string, key: string, body?: unknown) {
  const [method = 'GET', path = ''] = request.split(' ', 2);
  const serve = path.startsWith('/functions') ? functions : app;
  const response = await serve.request(`http://localhost${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'if-match': '*' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe('a key', () => {
  test('S35: is renewed with an overlap: both work, then only the new one', async () => {
    const old = await keyOf(ada, 'read');
    const fresh = await rotateKey(deps.database, { id: old.id, overlapHours: 1, by: 'test' });
    expect(fresh).toMatchObject({ name: 'k', access: 'read', level: 'site', level_id: ada.site });
    for (const { key } of [old, fresh]) expect((await call('GET /api/v1/configs', key)).status).toBe(200);
    await deps.database.query(`update integration_api_keys set expires_at = now() where id = $1`, [old.id]);
    expect((await call('GET /api/v1/configs', old.key)).status).toBe(401);
    expect((await call('GET /api/v1/configs', fresh.key)).status).toBe(200);
    await expect(rotateKey(deps.database, { id: old.id, by: 'test' })).rejects.toMatchObject({ code: 'key_ended' });
  });

  test('S35: that is renewed at once by two is replaced once', async () => {
    const old = await keyOf(ada);
    const tries = [1, 2, 3].map(() => rotateKey(deps.database, { id: old.id, by: 'test' }));
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('S20, S35: that is ended, or may do less from now on, obeys at the next request', async () => {
    const { id, key } = await keyOf(ada);
    const rename = () => call(`PATCH /api/v1/configs/${ada.config}`, key, { name: 'Ada' });
    expect((await rename()).status).not.toBe(403);
    await deps.database.query(`update integration_api_keys set access = 'read' where id = $1`, [id]);
    expect((await rename()).status).toBe(403);
    expect((await call(`GET /api/v1/configs/${ada.config}`, key)).status).not.toBe(404);
    await deps.database.query(`update integration_api_keys set level_id = $2 where id = $1`, [id, bert.site]);
    expect((await call(`GET /api/v1/configs/${ada.config}`, key)).status).toBe(404);
    await revokeKey(deps.database, { id, by: 'test' });
    expect((await call('GET /api/v1/configs', key)).status).toBe(401);
  });

  test('S14: cannot make a key for more than its own places, nor change what the server decides', async () => {
    const { key } = await keyOf(ada);
    const make = (body: object) => call('POST /api/v1/keys', key, { name: 'x', access: 'admin', ...body });
    expect((await make({ level: 'site', level_id: ada.site })).status).toBe(201);
    for (const place of [
      {},
      { level: 'all' },
      { level: 'company', level_id: ada.company },
      { level: 'site', level_id: bert.site },
    ]) {
      expect((await make(place)).body.code).toBe('place_unknown');
    }
    for (const field of ['id', 'key_hash', 'created_by', 'revoked_at', 'last_used_at', 'prefix']) {
      const answer = await make({ level: 'site', level_id: ada.site, [field]: 'x' });
      expect(answer).toMatchObject({ status: 400, body: { code: 'request_invalid' } });
    }
    const soon = new Date(Date.now() + 3_600_000);
    const place = { level: 'site' as const, levelId: String(ada.site) };
    const short = await addKey(deps.database, { name: 'x', access: 'admin', ...place, expiresAt: soon, by: 'test' });
    const asked = { name: 'x', access: 'read', level: 'site', level_id: ada.site };
    expect((await call('POST /api/v1/keys', short.key, asked)).body.expires_at).toBe(soon.toISOString());
    const listed = await listKeys(deps.database, { scope: { all: false, concepts: [], companies: [], sites: [] } });
    expect(listed.data).toEqual([]);
  });

  test('S44: is written down when it is made, renewed and ended, and never itself', async () => {
    const made = await keyOf(ada);
    const fresh = await rotateKey(deps.database, { id: made.id, by: 'cli:ada' });
    await revokeKey(deps.database, { id: made.id, by: 'cli:ada' });
    const { rows } = await deps.database.query<{ action: string; actor: string; row: string }>(
      `select action, actor, to_jsonb(a)::text as row from integration_audit_log a where subject_id = $1 order by at`,
      [made.id],
    );
    expect(rows.map(({ action, actor }) => [action, actor])).toEqual([
      ['key.created', 'test'],
      ['key.rotated', 'cli:ada'],
      ['key.revoked', 'cli:ada'],
    ]);
    for (const { row } of rows) for (const { key } of [made, fresh]) expect(row).not.toContain(key.slice(9));
  });
});

describe('the edge functions', () => {
  test.each([
    ['sync-orchestrator', (t: Tenant) => ({ config_id: t.config })],
    ['fetch-integration-data', (t: Tenant) => ({ config_id: t.config })],
    ['save-integration-data', (t: Tenant) => ({ config_id: t.config, formatted_data: { products: [] } })],
  ])('S22, S23: %s asks for sync access, and knows no config of others', async (name, body) => {
    const [reader, syncer] = [await keyOf(ada, 'read'), await keyOf(ada, 'sync')];
    const answer = (key: string, about: Tenant) => call(`POST /functions/v1/${name}`, key, body(about));
    expect(await answer(reader.key, ada)).toMatchObject({ status: 403, body: { error_code: 'AUTH_ERROR' } });
    expect((await answer(syncer.key, bert)).status).toBe(404);
    expect([401, 403, 404]).not.toContain((await answer(syncer.key, ada)).status);
  });

  test('S23: format-integration-data takes a config of one’s own only', async () => {
    const { key } = await keyOf(ada, 'read');
    const body = (t: Tenant) => ({ integration_type: 'file', data: {}, config_id: t.config });
    expect((await call('POST /functions/v1/format-integration-data', key, body(bert))).status).toBe(404);
    expect((await call('POST /functions/v1/format-integration-data', key, body(ada))).status).not.toBe(404);
  });
});

describe('a stream of events', () => {
  test('S60: ends when its caller may no longer look, and a foreign run has none', async () => {
    const { id, key } = await keyOf(ada);
    const run = crypto.randomUUID();
    await deps.database.query(
      `insert into integration_sync_history (id, wand_source_id, source_config_id, status) values ($1, $2, $3, 'queued')`,
      [run, ada.source, ada.config],
    );
    const open = (by: string) =>
      app.request(`http://localhost/api/v1/runs/${run}/events`, { headers: { authorization: `Bearer ${by}` } });
    expect((await open((await keyOf(bert)).key)).status).toBe(404);
    const stream = await open(key);
    expect(stream.status).toBe(200);
    await revokeKey(deps.database, { id, by: 'test' });
    expect(await stream.text()).toContain('event: run');
  });
});

describe('a catalog that another place reads', () => {
  test('S16: is not joined by naming its identity', async () => {
    const params = { brand: 'bert', establishment: '17', base_url: 'https://pos.example' };
    const theirs = await addConfig(deps, { connectorId: 'qu', name: 'b', siteId: bert.site, params, secrets: {} });
    const { key } = await keyOf(ada);
    const mine = { connector_id: 'qu', name: 'a', site_id: ada.site };
    expect(await call('POST /api/v1/configs', key, { ...mine, params })).toMatchObject({
      status: 403,
      body: { code: 'not_yours' },
    });
    const free = await call('POST /api/v1/configs', key, { ...mine, params: { ...params, brand: 'ada' } });
    expect(free.status).toBe(201);
    const joined = await call(`PATCH /api/v1/configs/${free.body.id}`, key, {
      params: { brand: 'bert' },
      identity_change: 'new_source',
    });
    expect(joined.body.code).toBe('not_yours');
    const tried = await call(`POST /api/v1/configs/${free.body.id}/what-if`, key, { params: { brand: 'bert' } });
    expect(tried.body.code).toBe('not_yours');
    const { rows } = await deps.database.query<{ id: string }>(
      'select id from integration_source_configs where wand_source_id = $1',
      [theirs.source_id],
    );
    expect(rows.map(({ id }) => id)).toEqual([theirs.id]);
  });
});
