// Adoption as the API tells it: what it would do on tables of the original, that telling writes nothing, and what it then did.
import { expect, test } from 'vitest';
import { authenticateKey } from '../../src/access/authenticate-key.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import type { Database } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate/migrate.ts';
import { identifyLegacy } from '../../src/sync/configs/identify-legacy.ts';
import { apiClient } from '../support/api-client.ts';
import { depsOver } from '../support/deps-over.ts';
import { dumpDatabase } from './dump-database.ts';
import { legacyDatabase } from './expect-adopted.ts';
import { addLegacyConfig, addLegacyItems, ids } from './legacy-schema.ts';
import { ports } from './test-ports.ts';

const adminKey = 'the-admin-key-of-this-server';

async function original(): Promise<Database> {
  return await legacyDatabase({ keys: 'none' }, async (database) => {
    await addLegacyConfig(database, { id: ids.config, brand: 'acme', establishment: '17', vendor: ids.vendor });
    await addLegacyItems(database, { products: 40, modifiers: 10, discounts: 4, copies: 2 });
    await database.query(`insert into integration_products (external_id, name) values ('lost', 'nobody’s')`);
  });
}

test('says what `migrate --dry-run` says, and writes nothing; afterwards it says what was done', async () => {
  const database = await original();
  const deps = await depsOver(database);
  const authenticate = (candidate: string) => authenticateKey(database, candidate);
  const api = apiClient(createV1App(deps, { adminKey, corsOrigins: [], authenticate }), adminKey);
  const before = await dumpDatabase(database);
  const told = await api.call('GET /api/v1/adoption');
  expect(told.status).toBe(200);
  expect(await dumpDatabase(database)).toEqual(before);
  const { adoption, applied } = await migrate(database, { dryRun: true, identify: identifyLegacy(deps) });
  expect(told.body).toMatchObject({ state: 'waiting', report: JSON.parse(JSON.stringify(adoption)) });
  expect(told.body.pending.map(({ name }: { name: string }) => name)).toEqual(applied);
  expect(told.body.pending[0].sql).toContain('create table');
  const [products] = told.body.report.tables;
  expect(products).toMatchObject({ duplicate_groups: 40, duplicate_losers: 40, unattributable: 1 });
  expect(products.examples[0]).toMatchObject({ winner: expect.any(String), losers: [expect.any(String)] });

  await migrate(database, { ...ports, identify: identifyLegacy(deps) });
  const after = (await api.call('GET /api/v1/adoption')).body;
  expect(after).toMatchObject({ state: 'adopted', pending: [], report: { complete: true } });
  expect(after.report.tables[0]).toEqual(products);
  // The original let everybody read: that goes only when somebody says so, and what would be run is told.
  expect(after.lock_down.join('\n')).toContain('drop policy');
});
