// F80: the original's save function goes on working before, during and after adoption, and the next sync sees what it did.
import { expect, it } from 'vitest';
import { adopt } from '../../src/db/adopt/adopt.ts';
import type { Database } from '../../src/db/database.ts';
import { openAgain } from '../support/database.ts';
import { oneRow } from './dump-database.ts';
import { adoptFully, expectAdopted, legacyDatabase } from './expect-adopted.ts';
import { addLegacyConfig, addLegacyItems, ids, oldSave } from './legacy-schema.ts';
import { ports } from './test-ports.ts';

async function twoSites(): Promise<Database> {
  return await legacyDatabase({ keys: 'plain' }, async (db) => {
    await addLegacyConfig(db, { id: ids.config, brand: 'acme', establishment: '17', site: 17 });
    await addLegacyConfig(db, { id: ids.otherConfig, brand: 'acme', establishment: '18', site: 18 });
    await addLegacyItems(db, { products: 40, modifiers: 40, discounts: 10, path: `'m-' || n` });
    await addLegacyItems(db, { discounts: 3, source: `'${ids.otherVendor}'`, config: `'${ids.otherConfig}'` });
  });
}

it('F80: old saves run through the whole adoption without one error, and their last values stand', async () => {
  const database = await twoSites();
  const old = await openAgain(database.url);
  let running = true;
  let saves = 0;
  const saving = (async () => {
    while (running || saves < 3) {
      saves++;
      // Existing keys and new ones in turn, with a price that tells the last save.
      const externalId = saves % 2 === 0 ? 'm-3' : `n-${saves}`;
      await oldSave(old, {
        arbiter: 'source_id',
        sourceId: ids.vendor,
        externalId,
        price: String(saves),
        configId: ids.config,
      });
    }
  })();
  await adopt(database, ports);
  running = false;
  await saving;
  const expected = String(saves % 2 === 0 ? saves : saves - 1);
  expect(
    await oneRow(database, `select price from integration_modifiers where external_id = 'm-3' and path_id = 'm-3'`),
  ).toEqual({
    price: expected,
  });
  expect(
    await oneRow(database, `select count(*)::int as rows from integration_products where external_id like 'n-%'`),
  ).toEqual({
    rows: Math.ceil(saves / 2),
  });
  expect(await oneRow(database, 'select count(*)::int as rows from integration_items_archive')).toEqual({ rows: 0 });
  await expectAdopted(database);
});

it.each(['source_id', 'wand_source_id'] as const)(
  'F80: after adoption the old upserts ON CONFLICT (%s, …) work and are seen by the next sync',
  async (arbiter) => {
    const database = await twoSites();
    await adoptFully(database);
    await database.query(
      `update integration_products set content_hash = '\\x01', removed_at = now() where external_id = 'p-1'`,
    );
    // As a sync leaves them: our own writes set fingerprint and removal without the trigger.
    await database.transaction(
      (connection) =>
        connection.query(
          `update integration_products set content_hash = '\\x01', removed_at = now() where external_id = 'p-1'`,
        ),
      { ownWrites: true },
    );
    const before = await oneRow(database, 'select count(*)::int as rows from integration_products');
    await oldSave(database, {
      arbiter,
      sourceId: ids.vendor,
      externalId: 'p-1',
      price: '99.125',
      configId: ids.config,
    });
    await oldSave(database, {
      arbiter,
      sourceId: ids.vendor,
      externalId: 'p-1',
      price: '99.125',
      configId: ids.config,
    });
    expect(await oneRow(database, 'select count(*)::int as rows from integration_products')).toEqual(before);
    expect(
      await oneRow(
        database,
        `select price, content_hash, removed_at, source_id = wand_source_id as twins from integration_products where external_id = 'p-1'`,
      ),
    ).toEqual({ price: '99.125', content_hash: null, removed_at: null, twins: true });
  },
);

it('O7: an old save that names the vendor for a site that was split off reaches that site’s source', async () => {
  const database = await twoSites();
  await adoptFully(database);
  await oldSave(database, {
    arbiter: 'source_id',
    sourceId: ids.vendor,
    externalId: 'p-1',
    price: '7',
    configId: ids.otherConfig,
  });
  const { rows } = await database.query<{ source: string; price: string }>(
    `select wand_source_id as source, price from integration_products where external_id = 'p-1' order by price`,
  );
  expect(rows.map(({ price }) => price)).toEqual(['1.25', '7']);
  expect(rows[0]?.source).toBe(ids.vendor);
  const config = await oneRow<{ source: string }>(
    database,
    `select wand_source_id as source from integration_source_configs where id = '${ids.otherConfig}'`,
  );
  expect(rows[1]?.source).toBe(config.source);
});

it('O4: the trigger of the original still stamps foreign writes, and no longer ours', async () => {
  const database = await twoSites();
  await adoptFully(database);
  const touch = `update integration_products set name = name || '!' where external_id = 'p-2'`;
  const stamp = () =>
    oneRow(
      database,
      `select updated_at = '2025-10-01T00:00:02Z' as kept from integration_products where external_id = 'p-2'`,
    );
  await database.transaction((connection) => connection.query(touch), { ownWrites: true });
  expect(await stamp()).toEqual({ kept: true });
  await database.query(touch);
  expect(await stamp()).toEqual({ kept: false });
});
