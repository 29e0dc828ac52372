// The edge functions behind a pooler in transaction mode: role and forms hold for a transaction, and none stays on a session.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey } from '../../src/access/create-key.ts';
import { serveFunction } from '../../src/api/functions/index.ts';
import { type App, openApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { addQuConfig, openEngine } from '../support/engine.ts';
import { openTransactionPooler, type TransactionPooler } from '../support/faults/transaction-pooler.ts';
import { superuserOf } from '../support/superuser.ts';

let deps: Deps & { url: string };
let pos: FakeQu;
let pooler: TransactionPooler;
let app: App;
let other: pg.Client;
let login: string;

beforeAll(async () => {
  deps = await openEngine();
  pos = await startFakeQu({ products: 12, modifiers: 8, discounts: 2, repeated: 0 });
  // It has no right of its own but to take a role: a statement without one is refused.
  login = `edge_${randomBytes(4).toString('hex')}`;
  await superuserOf(deps.url, `create role ${login} login noinherit`);
  await superuserOf(deps.url, `grant tillsync_app, tillsync_worker to ${login}`);
  await superuserOf(deps.url, `revoke all on all tables in schema public from public`);
  pooler = await openTransactionPooler(deps.url.replace('//tillsync@', `//${login}@`), 2);
  const address = `postgres://${login}@127.0.0.1:${pooler.port}/${new URL(deps.url).pathname.slice(1)}`;
  const config = readConfig({
    DATABASE_URL: address,
    TILLSYNC_ADMIN_KEY: 'an-admin-key-of-the-test',
    TILLSYNC_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    TILLSYNC_ALLOW_PRIVATE_HOSTS: '1',
  });
  app = await openApp({ config, applicationName: 'tillsync-edge', pooled: true });
  // Another program at the same pooler, which leaves behind what it sets.
  other = new pg.Client({ connectionString: address });
  await other.connect();
});
afterAll(async () => {
  await app.close();
  await other.end();
  await pooler.close();
  await pos.stop();
});

const leaveBehind = [
  `set timezone = 'Asia/Tokyo'`,
  `set datestyle = 'SQL, DMY'`,
  `set bytea_output = 'escape'`,
  'set role tillsync_app',
];

async function call(name: 'save-integration-data' | 'sync-orchestrator', body: unknown, key: string) {
  for (const statement of leaveBehind) {
    await Promise.all([other.query(statement), app.database.query('select 1'), app.database.query('select 2')]);
  }
  const answer = await serveFunction(name, () => Promise.resolve(app))(
    new Request(`https://functions.example/functions/v1/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
  return { status: answer.status, body: await answer.json() };
}

test('S16: the functions take their role in each transaction: a login that may do nothing else saves and syncs behind a pooler', async () => {
  await expect(other.query('select count(*) from integration_products')).rejects.toThrow(/permission denied/);
  const { configId, sourceId } = await addQuConfig(deps, pos.url);
  const key = await createKey(deps.database, { name: 'edge', access: 'sync', createdBy: 'test' });
  const products = Array.from({ length: 30 }, (_, i) => ({ id: `p${i}`, name: `Dish ${i}`, price: i / 4 }));
  const body = { config_id: configId, source_id: sourceId, formatted_data: { products } };
  expect(await call('save-integration-data', body, key.key)).toMatchObject({
    status: 200,
    body: { success: true, changes: { products: { created: 30 } } },
  });
  expect(await call('save-integration-data', body, key.key)).toMatchObject({
    status: 200,
    body: { changes: { products: { created: 0, updated: 0, unchanged: 30, removed: 0 } } },
  });
  expect(pooler.handovers()).toBeGreaterThan(10);
});

test('S16: a sync through the functions behind a pooler is whole, and its times are true whatever others have set', async () => {
  const { configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: 'pooled' });
  const answer = await call('sync-orchestrator', { config_id: configId }, 'an-admin-key-of-the-test');
  expect(answer).toMatchObject({ status: 200, body: { counts: { products: 12, modifiers: 8, discounts: 2 } } });
  const { rows } = await deps.database.query<{ late: string }>(
    `select count(*)::text as late from integration_products
      where wand_source_id = $1 and (last_synced_at < now() - interval '5 minutes' or last_synced_at > now())`,
    [sourceId],
  );
  expect(rows).toEqual([{ late: '0' }]);
});

test('S16: what the functions set is gone from a session when the next client has it', async () => {
  for (const statement of ['reset role', 'reset timezone', 'reset datestyle', 'reset bytea_output']) {
    // Both sessions: each statement goes to the one that this client did not have before.
    for (let i = 0; i < 4; i++) await Promise.all([other.query(statement), app.database.query('select 1')]);
  }
  await Promise.all([app.database.query('select 1'), app.database.query('select 2')]);
  for (let i = 0; i < 4; i++) {
    const { rows } = await other.query(
      `select current_user::text as role, coalesce(current_setting('tillsync.claims', true), '') as claims,
              coalesce(current_setting('tillsync.sync', true), '') as sync, current_setting('statement_timeout') as timeout`,
    );
    expect(rows).toEqual([{ role: login, claims: '', sync: '', timeout: '0' }]);
    await app.database.query('select 1');
  }
});
