// Reads stored items by name: the few that one external id names, or the one.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import { inputError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { itemOrder } from '../cursor.ts';
import { isUuid } from '../row-values.ts';
import { readLocations } from './item-locations.ts';
import { itemTables } from './item-table.ts';
import {
  itemColumns,
  type ShownItem,
  type StoredItemRow,
  type StoredItemWithData,
  storedItemOf,
} from './stored-item.ts';

/** Names items by their external id, as closely as the caller can. */
export interface ItemName {
  externalId: string;
  sourceId?: string | undefined;
  kind?: Kind | undefined;
  /** null = the item without a path; absent = whatever path. */
  pathId?: string | null | undefined;
}

/** At most this many items of one external id are looked at; more are told apart by source, kind or path. */
const namesakeLimit = 100;

/** The items that a name fits, live ones first in each kind, at most 100 per kind. */
export async function findItems(q: Queryable, name: ItemName): Promise<StoredItemWithData[]> {
  if (name.sourceId !== undefined && !isUuid(name.sourceId)) return [];
  const found: StoredItemWithData[] = [];
  for (const kind of kinds) {
    if (name.kind !== undefined && name.kind !== kind) continue;
    const { table } = itemTables[kind];
    const { rows } = await q.query<StoredItemRow & { data: Json }>(
      `select * from (select ${itemColumns(kind)}, data from ${table}
         where ($1::uuid is null or wand_source_id = $1) and external_id = $2) items
        where $3::boolean or path_id is not distinct from $4::text
        order by (removed_at is not null)::int, source_id, ${itemOrder} limit ${namesakeLimit}`,
      [name.sourceId ?? null, name.externalId, name.pathId === undefined, name.pathId ?? null],
    );
    found.push(...rows.map((row) => storedItemOf(kind, row)));
  }
  return found;
}

/**
 * The one item that a name fits, null when none does.
 * Throws TillsyncError item_ambiguous when several do, naming what tells them apart.
 */
export async function getItem(q: Queryable, name: ItemName): Promise<ShownItem | null> {
  const found = await findItems(q, name);
  const [item] = found;
  if (item === undefined) return null;
  if (found.length === 1) return { ...item, locations: await readLocations(q, item) };
  const examples = found
    .slice(0, 5)
    .map((item) => `${item.kind} of source ${item.source_id}${item.path_id === null ? '' : `, path ${item.path_id}`}`);
  throw inputError(
    'item_ambiguous',
    `${found.length} items have the external id ${name.externalId}: ${examples.join('; ')}.`,
    'Say which one with its kind, source or path.',
  );
}
