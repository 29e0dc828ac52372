// The states in which installs of the original are found, each with the catalog of a pretend POS or with empty tables.
import { expect } from 'vitest';
import type { Install } from './save-as-the-original.ts';

/** Installs that hold the catalog of the pretend POS. */
export const installs: Install[] = [
  { name: 'every wand_source_id NULL', schema: {}, wand: 'null', data: 'raw' },
  { name: 'the 42P10 state: no keys at all, NULL beside filled', schema: { keys: 'none' }, wand: 'mixed', data: 'raw' },
  { name: 'keys NULLS NOT DISTINCT', schema: { keys: 'nulls_not_distinct' }, wand: 'vendor', data: 'formatted' },
  {
    name: 'no path_id column, data that names no path',
    schema: { paths: false, keys: 'none' },
    wand: 'null',
    data: 'none',
  },
  { name: 'no hierarchy tables', schema: { hierarchy: 'none' }, wand: 'vendor', data: 'raw' },
  { name: 'sources in a retired table too', schema: { retiredSources: true }, wand: 'vendor', data: 'raw' },
  {
    name: 'hierarchy without rows, no triggers',
    schema: { hierarchy: 'empty', triggers: false },
    wand: 'mixed',
    data: 'raw',
  },
  { name: 'source_id and wand_source_id differ', schema: { keys: 'none' }, wand: 'other', data: 'raw' },
  {
    name: 'an invalid index left behind, and rows that nothing attributes',
    schema: { keys: 'none' },
    wand: 'null',
    data: 'raw',
    extra: async (database) => {
      const key = 'create unique index concurrently integration_products_wand_source_external_unique';
      await expect(database.query(`${key} on integration_products (source_id)`)).rejects.toThrow();
      await database.query(
        `insert into integration_products (external_id, name) values ('lost', 'one'), ('lost', 'two'), ('gone', 'three')`,
      );
    },
  },
  { name: 'every row a hundred times', schema: { keys: 'none' }, wand: 'null', data: 'raw', copies: 100 },
  {
    name: 'two identities on one source',
    schema: { keys: 'none' },
    wand: 'vendor',
    data: 'raw',
    copies: 2,
    twoConfigs: true,
  },
  { name: 'every row twice', schema: { keys: 'none' }, wand: 'null', data: 'raw', copies: 2 },
  {
    name: 'the first columns only, with its key',
    schema: { oldColumns: true, keys: 'none', triggers: false },
    wand: 'null',
    data: 'raw',
    extra: async (database) => {
      await database.query('alter table integration_products add constraint first_key unique (source_id, external_id)');
    },
  },
  {
    name: 'the first columns only, no path_id, every row twice',
    schema: { oldColumns: true, paths: false, keys: 'none', triggers: false },
    wand: 'null',
    data: 'none',
    copies: 2,
  },
];

/** Those of them that lack what later versions of the original added. */
export const firstColumns = installs.filter(({ schema }) => schema.oldColumns);

/** Installs whose item tables have no rows. */
export const emptyInstalls = (['plain', 'nulls_not_distinct', 'none'] as const).map(
  (keys): Install => ({ name: `keys ${keys}`, schema: { keys }, wand: 'null', data: 'raw', copies: 0 }),
);
emptyInstalls.push({
  name: 'the first columns only',
  schema: { oldColumns: true, paths: false, keys: 'none', hierarchy: 'none', triggers: false },
  wand: 'null',
  data: 'none',
  copies: 0,
});
