// API keys against a real database: made, recognised, revoked, expired, their use noted.
import { expect, it } from 'vitest';
import { freshDatabase } from '../../test/support/database.ts';
import { authenticateKey } from './authenticate-key.ts';
import { createFirstKey, createKey } from './create-key.ts';

const { database } = await freshDatabase();

it('S35: a key is 256 random bits with a prefix, and only its digest is stored', async () => {
  const made = await createKey(database, { name: 'kiosk', createdBy: 'cli:ada', access: 'admin' });
  expect(made.key).toMatch(/^ts_[\w-]{43}$/);
  expect(made.key.startsWith(made.prefix)).toBe(true);
  const { rows } = await database.query<{ row: string }>(
    `select to_jsonb(k)::text as row from integration_api_keys k where id = $1`,
    [made.id],
  );
  expect(rows[0]?.row).toContain(made.prefix);
  expect(rows[0]?.row).not.toContain(made.key.slice(made.prefix.length));
});

it('a key names its holder; any other text names nobody', async () => {
  const { key, id } = await createKey(database, { name: 'billing', createdBy: 'cli:ada', access: 'admin' });
  expect(await authenticateKey(database, key)).toEqual({
    kind: 'key',
    id,
    name: 'billing',
    grants: [{ access: 'admin', level: 'all', levelId: null }],
  });
  for (const wrong of ['', 'ts_', key.slice(0, -1), `${key}x`, key.toUpperCase()]) {
    expect(await authenticateKey(database, wrong)).toBeNull();
  }
});

it('S35: a revoked and an expired key are refused', async () => {
  const revoked = await createKey(database, { name: 'revoked', createdBy: 'cli:ada', access: 'admin' });
  const expired = await createKey(database, { name: 'expired', createdBy: 'cli:ada', access: 'admin' });
  await database.query('update integration_api_keys set revoked_at = now() where id = $1', [revoked.id]);
  await database.query(`update integration_api_keys set expires_at = now() - interval '1 second' where id = $1`, [
    expired.id,
  ]);
  expect(await authenticateKey(database, revoked.key)).toBeNull();
  expect(await authenticateKey(database, expired.key)).toBeNull();
});

it('S35: the last use of a key is noted, at most once a minute', async () => {
  const { id, key } = await createKey(database, { name: 'often', createdBy: 'cli:ada', access: 'admin' });
  const lastUsed = async () => {
    const { rows } = await database.query<{ at: string | null }>(
      'select last_used_at::text as at from integration_api_keys where id = $1',
      [id],
    );
    return rows[0]?.at;
  };
  expect(await lastUsed()).toBeNull();
  await authenticateKey(database, key);
  const first = await lastUsed();
  expect(first).toEqual(expect.any(String));
  await authenticateKey(database, key);
  expect(await lastUsed()).toBe(first);
  await database.query(`update integration_api_keys set last_used_at = now() - interval '61 seconds' where id = $1`, [
    id,
  ]);
  const stale = await lastUsed();
  await authenticateKey(database, key);
  expect(await lastUsed()).not.toBe(stale);
});

it('the first key is made only where no usable key exists', async () => {
  const { database: empty } = await freshDatabase();
  const first = await createFirstKey(empty, 'start');
  expect(first?.key).toMatch(/^ts_/);
  expect(await createFirstKey(empty, 'start')).toBeNull();
  await empty.query('update integration_api_keys set revoked_at = now()');
  expect(await createFirstKey(empty, 'start')).not.toBeNull();
});

it.each(['', '  ', 'a\nb', 'x'.repeat(101), '\ud800'])('a key cannot be named %j', async (name) => {
  await expect(createKey(database, { name, createdBy: 'cli:ada', access: 'admin' })).rejects.toMatchObject({
    code: 'key_name_invalid',
  });
});
