// One small database in which nearly every state of an install meets: for tests that kill adoption everywhere.
import type { Database } from '../../src/db/database.ts';
import { addLegacyConfig, addLegacyItems, createLegacySchema, ids } from './legacy-schema.ts';

/** Two sites on one vendor row, duplicates, NULLs, rows of no source, a retired table, an invalid index, credentials. */
export async function fillMixedShape(database: Database): Promise<void> {
  await createLegacySchema(database, { keys: 'none', retiredSources: false });
  await addLegacyConfig(database, {
    id: ids.config,
    brand: 'acme',
    establishment: '17',
    site: 17,
    credentials: { key: 'k' },
  });
  await addLegacyConfig(database, { id: ids.otherConfig, brand: 'acme', establishment: '18', site: 18 });
  await addLegacyConfig(database, { id: ids.thirdConfig, brand: 'acme', establishment: '17', site: 18 });
  await addLegacyItems(database, { products: 12, modifiers: 12, discounts: 3, copies: 2 });
  await addLegacyItems(database, { products: 5, modifiers: 5, discounts: 2, wand: `'${ids.vendor}'` });
  await addLegacyItems(database, { products: 6, modifiers: 6, discounts: 2, config: `'${ids.otherConfig}'` });
  await addLegacyItems(database, { products: 2, modifiers: 2, discounts: 2, source: 'null', config: 'null' });
  await addLegacyItems(database, { products: 2, discounts: 1, source: `'${ids.retired}'`, config: 'null' });
  await database.query(`
    create table products (mrn integer generated always as identity, product uuid references integration_products (id) on delete cascade);
    insert into products (product) select id from integration_products order by id;
    alter table integration_products add foreign key (wand_source_id) references wand_integration_sources (id) on delete cascade;
    alter table integration_products add foreign key (source_config_id) references integration_source_configs (id);
    create unique index stray on integration_discounts (id, external_id);
    insert into integration_sync_history (id, source_config_id, status, started_at) values
      ('99999999-9999-4999-8999-999999999999', '${ids.config}', 'in_progress', '2025-09-01Z')`);
  try {
    await database.query(
      'create unique index concurrently half_done on integration_modifiers (source_id, external_id)',
    );
  } catch {
    // Meant to fail on the duplicates: it leaves the invalid index that an install may have.
  }
}
