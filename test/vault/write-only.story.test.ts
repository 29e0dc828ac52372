// Secrets go in and never come out: what the API and the command show of one is when it was set and how it ends.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { rotateKeys } from '../../src/sync/vault/rotate-keys.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { freshDatabase } from '../support/database.ts';
import { depsOver } from '../support/deps-over.ts';
import { openCli } from '../support/run-cli.ts';

const add = ['configs', 'add', '--connector', 'qu', '--name', 'QU POS', '--param', 'auth=api_key'];

interface Shown {
  id: string;
  secrets: Record<string, { set_at: string | null; ends_in: string | null }>;
}

test('S15: a secret is shown as set on a date and its last characters, a short one without them', async () => {
  const { url } = await freshDatabase();
  const cli = openCli({ DATABASE_URL: url, TILLSYNC_ENCRYPTION_KEY: randomBytes(32).toString('base64') });
  expect((await cli.run([...add, '--secret', 'api_key=-'], 'canary-0123456789-wxyz')).code).toBe(0);
  const shown = await cli.json<Shown>(['configs', 'show', 'QU POS']);
  expect(shown.answer.secrets).toEqual({ api_key: { set_at: expect.stringMatching(/^20/), ends_in: 'wxyz' } });
  const text = await cli.run(['configs', 'show', 'QU POS']);
  expect(text.stdout).toMatch(/^secrets +api_key set on \d{4}-\d\d-\d\d, ends in wxyz$/m);
  expect(text.stdout).not.toContain('canary');
  await cli.run(['configs', 'set', 'QU POS', '--secret', 'api_key=-'], 'canary-0123');
  const short = await cli.json<Shown>(['configs', 'show', 'QU POS']);
  expect(short.answer.secrets).toEqual({ api_key: { set_at: expect.stringMatching(/^20/), ends_in: null } });
  await cli.run(['configs', 'set', 'QU POS', '--unset-secret', 'api_key']);
  expect((await cli.json<Shown>(['configs', 'show', 'QU POS'])).answer.secrets).toEqual({});
}, 300_000);

test('S15: of one that was stored before, a rotation says how it ends and leaves open when it was set', async () => {
  const { database } = await freshDatabase();
  const [first, second] = [0, 1].map(() => randomBytes(32).toString('base64')) as [string, string];
  const id = '0199c0de-0000-7000-8000-000000000001';
  const seal = (field: string, value: string) => openVault({ active: first }).encrypt(id, field, value);
  const sealed = {
    token: await seal('token', 'canary-0123456789-wxyz'),
    headers_json: await seal('headers_json', '{"X-Key": "canary-0123456789"}'),
    password: await seal('password', 'canary'),
  };
  await database.query(
    `insert into integration_source_configs (id, config_name, connector_id, credentials_encrypted) values ($1, 'old', 'qu', $2)`,
    [id, JSON.stringify(sealed)],
  );
  const deps = { ...(await depsOver(database)), vault: openVault({ active: second, others: [first] }) };
  const { getConfig } = await import('../../src/records/configs/read-configs.ts');
  const unknown = { set_at: null, ends_in: null };
  expect((await getConfig(database, id))?.secrets).toEqual({
    token: unknown,
    headers_json: unknown,
    password: unknown,
  });
  await rotateKeys(deps, { keyFile: null, requestedBy: 'test' });
  expect((await getConfig(database, id))?.secrets).toEqual({
    token: { set_at: null, ends_in: 'wxyz' },
    headers_json: unknown,
    password: unknown,
  });
});
