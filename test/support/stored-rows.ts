// What stands in the item tables of one source, read without the engine's own readers.
import { type Kind, kinds } from '../../src/catalog/item.ts';
import type { Queryable } from '../../src/db/database.ts';
import { type Columns, modelKey } from './model.ts';

export interface StoredRow {
  id: string;
  columns: Columns;
  removed: boolean;
  created: string;
  updated: string;
  synced: string | null;
  /** As the view tells it; null for removed rows too. */
  seen: string | null;
}

/** By modelKey(). */
export type StoredRows = Map<string, StoredRow>;

const contentOf: Readonly<Record<Kind, string>> = {
  products: 'path_id, name, item_type, price::text, currency, is_available, data',
  modifiers: 'name, modifier_group_id, modifier_group_name, price::text, currency, is_available, data',
  discounts: 'name, discount_amount::text, discount_percent::text, price::text, currency, is_available, data',
};

const seen = (kind: Kind) => `(select c.last_seen_at::text from integration_${kind}_current c where c.id = t.id)`;

/** Every row of the source, removed ones too. Throws when two rows have one key, or when the twin columns differ. */
export async function readStored(queryable: Queryable, sourceId: string): Promise<StoredRows> {
  const stored: StoredRows = new Map();
  for (const kind of kinds) {
    const { rows } = await queryable.query<Columns & Record<string, never>>(
      `select id as "#id", external_id as "#external_id", ${kind === 'modifiers' ? 'path_id' : 'null::text'} as "#path_id",
              removed_at is not null as "#removed", created_at::text as "#created", updated_at::text as "#updated",
              last_synced_at::text as "#synced", ${seen(kind)} as "#seen", source_id is not distinct from wand_source_id as "#twins", ${contentOf[kind]}
         from integration_${kind} t where wand_source_id = $1`,
      [sourceId],
    );
    for (const row of rows) {
      const key = modelKey(kind, row['#external_id'] as unknown as string, row['#path_id'] as unknown as string | null);
      if (stored.has(key)) throw new Error(`two rows have the key ${key}`);
      if (row['#twins'] !== true) throw new Error(`the twin columns of ${key} differ`);
      stored.set(key, storedRow(row));
    }
  }
  return stored;
}

function storedRow(row: Columns): StoredRow {
  return {
    id: String(row['#id']),
    columns: Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('#'))),
    removed: row['#removed'] === true,
    created: String(row['#created']),
    updated: String(row['#updated']),
    synced: row['#synced'] as string | null,
    seen: row['#seen'] as string | null,
  };
}

/** Compares by a text's code units, as sort() without a function does. */
export function byteOrder<T>(textOf: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => (textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : 0);
}
