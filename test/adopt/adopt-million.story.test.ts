// F74: a million rows, a tenth of them duplicates, of three sites on one vendor row; then one site's first syncs among them.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrateApp } from '../../src/app.ts';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import type { Database } from '../../src/db/database.ts';
import { itemTables } from '../../src/db/keys/key-definitions.ts';
import { depsOver } from '../support/deps-over.ts';
import { countsText, syncNow } from '../support/engine.ts';
import { oneRow } from './dump-database.ts';
import { expectAdopted, legacyDatabase } from './expect-adopted.ts';
import { addLegacyConfig, ids, oldSave } from './legacy-schema.ts';
import { saveAsTheOriginal } from './save-as-the-original.ts';

let pos: FakeQu;
beforeAll(async () => {
  pos = await startFakeQu({ seed: 74 });
});
afterAll(() => pos.stop());

/** The site of the pretend POS, its neighbour with the very same ids, and a million rows of the neighbour and a third site. */
async function threeSites(): Promise<Database> {
  return await legacyDatabase({ keys: 'none', triggers: false }, async (db) => {
    await saveAsTheOriginal(db, pos, { name: 'one site', schema: {}, wand: 'null', data: 'raw' });
    await addLegacyConfig(db, { id: ids.otherConfig, brand: 'acme', establishment: '18', site: 18 });
    await addLegacyConfig(db, { id: ids.thirdConfig, brand: 'acme', establishment: '19', site: 19 });
    for (const table of itemTables) {
      await db.query(`insert into ${table} select (jsonb_populate_record(t, jsonb_build_object(
        'id', gen_random_uuid(), 'source_config_id', '${ids.otherConfig}'))).* from ${table} t`);
    }
    await db.query('drop index idx_integration_products_external_id, idx_integration_products_wand_source');
    // Ids in their order: random ones would each look for their place in the key, here and in the backfill.
    await db.query(`insert into integration_products (id, source_id, source_config_id, external_id, name, price, last_synced_at)
      select lpad(to_hex(n), 32, '0')::uuid, '${ids.vendor}', case when n % 3 = 0 then '${ids.otherConfig}' else '${ids.thirdConfig}' end::uuid,
        (n % 900000)::text, 'product', 1, '2025-10-01Z' from generate_series(1, 1000000) n`);
  });
}

/** Rows of all other sources and a checksum of them; xmin tells even a row that was rewritten as it was. */
async function othersOf(database: Database, sourceId: string | null): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const table of itemTables) {
    const { rows } = await database.query(
      `select count(*)::int as rows, sum(hash_record_extended(row(t.xmin, t), 0))::text as checksum
         from ${table} t where wand_source_id <> $1`,
      [sourceId],
    );
    found.push(rows[0]);
  }
  return found;
}

async function stampsOf(database: Database, sourceId: string | null): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const table of itemTables) {
    const { rows } = await database.query(
      `select id, updated_at, removed_at from ${table} where wand_source_id = $1 order by id`,
      [sourceId],
    );
    found.push(...rows);
  }
  return found;
}

it('F74: a million rows with 100,000 duplicates are adopted, and a sync of one site changes nothing and sees old saves', {
  timeout: 300_000,
}, async () => {
  const database = await threeSites();
  const deps = await depsOver(database);
  const { products } = await oneRow<{ products: number }>(
    database,
    `select count(*)::int as products from integration_products where source_config_id = '${ids.config}'`,
  );
  expect(products).toBeGreaterThan(300);
  const { adoption } = await migrateApp({ database, deps });
  const rows = 1_000_000 + 2 * products;
  expect(adoption?.tables[0]).toMatchObject({ rows, without_source: rows, duplicate_losers: 100_000 });
  expect(
    await oneRow(
      database,
      `select (select count(*)::int from integration_products) as kept, (select count(*)::int from integration_items_archive) as archived,
         (select count(distinct wand_source_id)::int from integration_products) as sources`,
    ),
  ).toEqual({ kept: 900_000 + 2 * products, archived: 100_000, sources: 3 });
  await expectAdopted(database);

  const { source } = await oneRow<{ source: string }>(
    database,
    `select wand_source_id as source from integration_source_configs where id = '${ids.config}'`,
  );
  const others = await othersOf(database, source);
  expect(others).toMatchObject([{ rows: 900_000 + products }, { rows: 685 }, { rows: 10 }]);
  const stamps = await stampsOf(database, source);
  expect(stamps).toHaveLength(products + 695);
  for (const _time of ['first', 'second']) {
    const run = await syncNow(deps, ids.config);
    expect(run).toMatchObject({ status: 'success', error: null, source_id: source });
    expect(countsText(run)).toMatch(/^products \+0 ~0 =\d+ -0.*modifiers \+0 ~0 =685 -0.*discounts \+0 ~0 =10 -0$/);
    expect(run.counts?.products.unchanged).toBe(products);
    expect(await stampsOf(database, source)).toEqual(stamps);
  }

  const key = String(pos.catalog.menuItems[0]?.pathId);
  const save = { arbiter: 'source_id', sourceId: ids.vendor, configId: ids.config, price: '77.25' } as const;
  await oldSave(database, { ...save, externalId: key });
  // The old save made a modifier and a discount of that id, too.
  expect(await stampsOf(database, source)).toHaveLength(stamps.length + 2);
  const run = await syncNow(deps, ids.config);
  expect(run).toMatchObject({ status: 'success', error: null });
  expect(run.counts?.products).toMatchObject({ updated: 1, created: 0, unchanged: products - 1, removed: 0 });
  expect(run.counts?.modifiers).toMatchObject({ updated: 0, created: 0, unchanged: 685, removed: 1 });
  expect(run.counts?.discounts).toMatchObject({ updated: 0, created: 0, unchanged: 10, removed: 1 });
  expect(await othersOf(database, source)).toEqual(others);
});
