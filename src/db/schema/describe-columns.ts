// Table → column → what stands behind its name in `alter table … add column`: the list that verify compares with.
import type { Schema } from './read-schema.ts';

export type ExpectedColumns = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The columns of every table as SQL, e.g. `{ integration_products: { price: 'numeric', id: 'uuid default … not null' } }`. */
export function describeColumns(schema: Schema): ExpectedColumns {
  return Object.fromEntries(
    schema.tables.map((table) => [
      table.name,
      Object.fromEntries(
        table.columns.map(({ name, type, filled, not_null }) => [
          name,
          [type, filled, not_null ? 'not null' : null].filter((part) => part !== null).join(' '),
        ]),
      ),
    ]),
  );
}
