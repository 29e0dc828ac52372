// F74: a million rows, a tenth of them duplicates, of two sites on one vendor row.
import { expect, it } from 'vitest';
import { adopt } from '../../src/db/adopt/adopt.ts';
import { testMajor } from '../support/test-major.ts';
import { oneRow } from './dump-database.ts';
import { expectAdopted, legacyDatabase } from './expect-adopted.ts';
import { addLegacyConfig, ids } from './legacy-schema.ts';
import { ports } from './test-ports.ts';

it.skipIf(testMajor !== 18)(
  'F74: a million rows with 100,000 duplicates are adopted',
  { timeout: 300_000 },
  async () => {
    const database = await legacyDatabase({ keys: 'none', triggers: false }, async (db) => {
      await addLegacyConfig(db, { id: ids.config, brand: 'acme', establishment: '17', site: 17 });
      await addLegacyConfig(db, { id: ids.otherConfig, brand: 'acme', establishment: '18', site: 18 });
      await db.query('drop index idx_integration_products_external_id, idx_integration_products_wand_source');
      await db.query(`insert into integration_products (source_id, source_config_id, external_id, name, price, last_synced_at)
      select '${ids.vendor}', case when n % 3 = 0 then '${ids.otherConfig}' else '${ids.config}' end::uuid,
        (n % 900000)::text, 'product', 1, '2025-10-01Z' from generate_series(1, 1000000) n`);
    });
    const report = await adopt(database, ports);
    expect(report.tables[0]).toMatchObject({ rows: 1_000_000, without_source: 1_000_000, duplicate_losers: 100_000 });
    expect(
      await oneRow(
        database,
        `select (select count(*)::int from integration_products) as kept, (select count(*)::int from integration_items_archive) as archived,
         (select count(distinct wand_source_id)::int from integration_products) as sources`,
      ),
    ).toEqual({ kept: 900_000, archived: 100_000, sources: 2 });
    await expectAdopted(database);
  },
);
