// The source that a row belongs to, whether few sources or many are told apart in the statement.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { freshDatabase } from '../../../../test/support/database.ts';
import type { TableShape } from '../tables/read-shape.ts';
import { itemSql } from './item-sql.ts';

const column = (name: string) => ({ name, type: 'uuid', not_null: false, default: null, generated: false });
const shape: TableShape = {
  name: 'integration_discounts',
  columns: ['source_config_id', 'wand_source_id', 'source_id'].map(column),
  constraints: [],
  indexes: [],
  options: [],
};

test.each([0, 1, 20, 21, 60])(
  'of %i sources a row belongs to its config’s, else to the one that it names',
  async (count) => {
    const { database } = await freshDatabase({ migrated: false });
    const sources = Array.from({ length: count }, () => randomUUID());
    // Two configs of each source.
    const targets = Object.fromEntries([...sources, ...sources].map((source) => [randomUUID(), source]));
    const [wand, source, stranger] = [randomUUID(), randomUUID(), randomUUID()];
    const cases = [
      ...Object.entries(targets).map(([config, target]) => ({ config, wand, source, target })),
      { config: stranger, wand, source, target: wand },
      { config: null, wand, source, target: wand },
      { config: null, wand: null, source, target: source },
      { config: stranger, wand: null, source: null, target: null },
    ];
    const { rows } = await database.query<{ target: string | null }>(
      `select ${itemSql(shape, targets).target} as target
       from rows from (unnest($1::uuid[]), unnest($2::uuid[]), unnest($3::uuid[])) with ordinality
         t (source_config_id, wand_source_id, source_id, n) order by n`,
      [cases.map(({ config }) => config), cases.map((one) => one.wand), cases.map((one) => one.source)],
    );
    expect(rows.map(({ target }) => target)).toEqual(cases.map(({ target }) => target));
  },
);

test('what is no id does not come into a statement', () => {
  expect(() => itemSql(shape, { "'": randomUUID() })).toThrow('not an id');
  expect(() => itemSql(shape, { [randomUUID()]: "' or '" })).toThrow('not an id');
});
