// Legacy vendor rows become sources: one identity takes the row and its id, several split it, unknown ones wait.
import { expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { oneRow } from './dump-database.ts';
import { adoptFully, legacyDatabase } from './expect-adopted.ts';
import { addLegacyConfig, addLegacyItems, ids } from './legacy-schema.ts';

interface ConfigFacts {
  id: string;
  source: string | null;
  legacy: string | null;
  active: boolean;
  connector: string;
}

async function configs(database: Database): Promise<ConfigFacts[]> {
  const { rows } = await database.query<ConfigFacts>(
    `select id, wand_source_id as source, legacy_source_id as legacy, is_active as active, connector_id as connector
       from integration_source_configs order by id`,
  );
  return rows;
}

async function rowsPerSource(database: Database): Promise<Record<string, number>> {
  const { rows } = await database.query<{ name: string; rows: number }>(
    `select s.name, count(*)::int as rows from integration_products p
       join wand_integration_sources s on s.id = p.wand_source_id group by 1`,
  );
  return Object.fromEntries(rows.map(({ name, rows }) => [name, rows]));
}

it('O7: a vendor row used by one config takes its identity and keeps its id', async () => {
  const database = await legacyDatabase({}, async (db) => {
    await addLegacyConfig(db, { id: ids.config, brand: 'acme', establishment: '17', site: 17 });
    await addLegacyItems(db, { products: 5, modifiers: 5, discounts: 5 });
  });
  await adoptFully(database);
  expect(await configs(database)).toEqual([
    { id: ids.config, source: ids.vendor, legacy: ids.vendor, active: true, connector: 'qu' },
  ]);
  expect(
    await oneRow(
      database,
      `select origin, identity, integration_type from wand_integration_sources where id = '${ids.vendor}'`,
    ),
  ).toEqual({
    origin: 'https://qu-api.wand.test',
    identity: { brand: 'acme', establishment: '17' },
    integration_type: 'qu',
  });
  expect(await oneRow(database, 'select config_params as params from integration_source_configs')).toEqual({
    params: {
      brand: 'acme',
      establishment: '17',
      wand_domain: 'api.wand.test',
      base_url: 'https://qu-api.wand.test',
      exclude_categories: ['OLO'],
    },
  });
});

it('O7: two sites on one vendor row get a source each; the one with more rows keeps the id', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await addLegacyConfig(db, { id: ids.config, brand: 'acme', establishment: '17', site: 17 });
    await addLegacyConfig(db, { id: ids.otherConfig, brand: 'acme', establishment: '18', site: 18 });
    await addLegacyItems(db, { products: 4, config: `'${ids.config}'` });
    await addLegacyItems(db, { products: 9, modifiers: 9, discounts: 2, config: `'${ids.otherConfig}'` });
    await addLegacyItems(db, { products: 1, config: 'null' });
  });
  const report = await adoptFully(database);
  const [first, second] = await configs(database);
  expect(second?.source).toBe(ids.vendor);
  expect(first?.source).not.toBe(ids.vendor);
  expect(first?.legacy).toBe(ids.vendor);
  // The row without a config stays with the id, and is a duplicate of that source's row.
  expect(await rowsPerSource(database)).toEqual({ 'Qu POS': 9, 'Qu POS: Config a': 4 });
  expect(report.sources.find(({ outcome }) => outcome === 'split')).toMatchObject({
    split_from: ids.vendor,
    identity: { brand: 'acme', establishment: '17' },
    configs: [ids.config],
  });
  const copied = await oneRow(
    database,
    `select base_url_template like 'https://qu-%' as kept from wand_integration_sources where id = '${first?.source}'`,
  );
  expect(copied).toEqual({ kept: true });
});

it('two active configs with one identity: the one with fewer rows is switched off and named', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await addLegacyConfig(db, { id: ids.config, brand: 'acme', establishment: '17', site: 17 });
    await addLegacyConfig(db, { id: ids.otherConfig, brand: 'acme', establishment: '17', site: 18 });
    await addLegacyItems(db, { products: 4, config: `'${ids.config}'` });
    await addLegacyItems(db, { products: 9, config: `'${ids.otherConfig}'` });
  });
  const report = await adoptFully(database);
  expect((await configs(database)).map(({ source, active }) => [source, active])).toEqual([
    [ids.vendor, false],
    [ids.vendor, true],
  ]);
  expect(report.warnings.join()).toContain(`config Config a (${ids.config}) has the same identity`);
  expect(await rowsPerSource(database)).toEqual({ 'Qu POS': 9 });
});

it('an identity that is not known keeps id and rows and is warned about; it is never mixed with a known one', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await addLegacyConfig(db, { id: ids.config, brand: 'acme', establishment: '17', site: 17 });
    await addLegacyConfig(db, { id: ids.otherConfig, brand: 'acme', site: 18 });
    await addLegacyConfig(db, {
      id: ids.thirdConfig,
      brand: 'x',
      establishment: '1',
      site: 17,
      vendor: ids.otherVendor,
    });
    await addLegacyItems(db, { products: 9, config: `'${ids.config}'` });
    await addLegacyItems(db, { products: 4, config: `'${ids.otherConfig}'` });
    await addLegacyItems(db, { products: 3, source: `'${ids.otherVendor}'`, config: `'${ids.thirdConfig}'` });
  });
  const report = await adoptFully(database);
  expect(await rowsPerSource(database)).toEqual({ 'Qu POS': 9, 'Qu POS: Config b': 4, 'Revel POS': 3 });
  const [, second, third] = await configs(database);
  expect(second).toMatchObject({ legacy: ids.vendor, active: true });
  expect(third).toMatchObject({ source: ids.otherVendor, connector: 'revel' });
  expect(report.warnings.filter((warning) => warning.includes('identity is not known'))).toHaveLength(2);
});

it('a concept without identity stays a default; one that is a catalog of its own hands its params down', async () => {
  const database = await legacyDatabase({}, async (db) => {
    await addLegacyConfig(db, { id: ids.config, brand: 'acme', level: 'concept', concept: 7 });
    await addLegacyConfig(db, { id: ids.otherConfig, establishment: '17', site: 17 });
  });
  await adoptFully(database);
  const [concept, site] = await configs(database);
  expect(concept?.source).toBeNull();
  expect(site?.source).toBe(ids.vendor);
  const kept = await oneRow<{ params: object }>(
    database,
    `select config_params as params from integration_source_configs where id = '${ids.otherConfig}'`,
  );
  expect(kept.params).not.toHaveProperty('brand');

  const second = await legacyDatabase({}, async (db) => {
    await addLegacyConfig(db, { id: ids.config, brand: 'acme', establishment: '1', level: 'concept', concept: 7 });
    await addLegacyConfig(db, { id: ids.otherConfig, establishment: '17', site: 17 });
  });
  await adoptFully(second);
  const sources = (await configs(second)).map(({ source }) => source);
  expect(new Set(sources).size).toBe(2);
  expect(sources).not.toContain(null);
  const handed = await oneRow<{ params: object }>(
    second,
    `select config_params as params from integration_source_configs where id = '${ids.otherConfig}'`,
  );
  expect(handed.params).toMatchObject({ brand: 'acme', establishment: '17' });
});

it('a config without a vendor is found by its rows; one without rows says so', async () => {
  const database = await legacyDatabase({}, async (db) => {
    await addLegacyConfig(db, { id: ids.config, brand: 'acme', establishment: '17', site: 17, vendor: null });
    await addLegacyConfig(db, { id: ids.otherConfig, brand: 'acme', establishment: '18', site: 18, vendor: null });
    await addLegacyItems(db, { products: 5 });
  });
  const report = await adoptFully(database);
  expect((await configs(database)).map(({ source, connector }) => [source, connector])).toEqual([
    [ids.vendor, 'qu'],
    [null, 'unknown'],
  ]);
  expect(report.warnings.join()).toContain('names no vendor');
});
