// How an item maps to the columns of its table: one description per kind, used by every statement on items.
import type { Item, Kind } from '../../catalog/item.ts';

/** A content column: what the fingerprint covers and a change row names. */
export interface ItemColumn {
  column: string;
  /** SQL type that the column's text is cast to. */
  type: 'text' | 'numeric' | 'boolean' | 'jsonb';
  /** The value as text (or null), ready for COPY and for text[] parameters; `data` is the JSON text of the item's data. */
  text(item: Item, data: string): string | null;
}

export interface ItemTable {
  kind: Kind;
  table: string;
  /** Whether path_id is part of the key. */
  keyHasPath: boolean;
  columns: readonly ItemColumn[];
}

const text = (column: string, value: (item: Item) => string | null): ItemColumn => ({
  column,
  type: 'text',
  text: value,
});
const numeric = (column: string, value: (item: Item) => string | null): ItemColumn => ({
  column,
  type: 'numeric',
  text: value,
});
const ending: readonly ItemColumn[] = [
  numeric('price', (item) => item.price),
  text('currency', (item) => item.currency),
  {
    column: 'is_available',
    type: 'boolean',
    text: (item) => (item.isAvailable === null ? null : String(item.isAvailable)),
  },
  { column: 'data', type: 'jsonb', text: (_item, data) => data },
];

export const itemTables: Readonly<Record<Kind, ItemTable>> = {
  products: {
    kind: 'products',
    table: 'integration_products',
    keyHasPath: false,
    columns: [
      text('path_id', (item) => item.pathId),
      text('name', (item) => item.name),
      text('item_type', (item) => item.itemType),
      ...ending,
    ],
  },
  modifiers: {
    kind: 'modifiers',
    table: 'integration_modifiers',
    keyHasPath: true,
    columns: [
      text('name', (item) => item.name),
      text('modifier_group_id', (item) => item.modifierGroupId),
      text('modifier_group_name', (item) => item.modifierGroupName),
      ...ending,
    ],
  },
  discounts: {
    kind: 'discounts',
    table: 'integration_discounts',
    keyHasPath: false,
    columns: [
      text('name', (item) => item.name),
      numeric('discount_amount', (item) => item.discountAmount),
      numeric('discount_percent', (item) => item.discountPercent),
      ...ending,
    ],
  },
};

/**
 * SQL that finds the rows of source $1 by a list of keys `k(external_id, path_id)`, one index look-up each; put it behind the
 * list. `offset 0` keeps the look-up as it is written: joined freely, the planner may read the whole source for each batch
 * (a hash join), for each key of it (a nested loop over a table without statistics: 700 ms for 1,000 keys of 6,000), or the
 * rows of an id in every source there is.
 */
export function lookUp(kind: Kind, select: string): string {
  const { table, keyHasPath } = itemTables[kind];
  return `cross join lateral (
       select ${select} from ${table} r
        where r.wand_source_id = $1 and r.external_id = k.external_id
          ${keyHasPath ? 'and r.path_id is not distinct from k.path_id' : ''} offset 0) as found`;
}

const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A uuid as an SQL literal, for COPY, which takes no parameters. Throws on anything that is not a uuid. */
export function uuidLiteral(uuid: string): string {
  if (!uuidText.test(uuid)) throw new Error('not a uuid');
  return `'${uuid}'`;
}
