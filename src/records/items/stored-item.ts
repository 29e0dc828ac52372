// What a stored item is to callers, the same shape for all three kinds.
import type { Kind } from '../../catalog/item.ts';
import type { Json } from '../../json.ts';
import { numberOf, timeOf } from '../row-values.ts';
import { itemTables } from './item-table.ts';

/** One stored item; money and percents are decimal text, times ISO text in UTC, absent is null. */
export interface StoredItem {
  kind: Kind;
  id: string;
  source_id: string;
  config_id: string | null;
  external_id: string;
  path_id: string | null;
  name: string | null;
  /** Products only. */
  item_type: string | null;
  /** Modifiers only. */
  modifier_group_id: string | null;
  modifier_group_name: string | null;
  /** Discounts only. */
  discount_amount: string | null;
  discount_percent: string | null;
  price: string | null;
  currency: string | null;
  is_available: boolean | null;
  site_id: number | null;
  /** When a run last saw it. */
  last_synced_at: string | null;
  created_at: string;
  updated_at: string;
  /** When it left the POS; null = live. */
  removed_at: string | null;
  created_run_id: string | null;
  last_run_id: string | null;
}

/** A stored item with the item as the POS gave it. */
export interface StoredItemWithData extends StoredItem {
  data: Json;
}

/** What a POS says of an item at one of its locations. */
export interface ShownLocation {
  location_id: string;
  /** null = nobody said which site it is. */
  site_id: number | null;
  /** null = the item's own price holds. */
  price: string | null;
  currency: string | null;
  is_available: boolean | null;
  /** Whether the location has the item at all. */
  present: boolean;
}

/** One item with everything that is stored of it. */
export interface ShownItem extends StoredItemWithData {
  /** Those that differ, by location id; [] = the item is everywhere as it says itself. */
  locations: ShownLocation[];
}

type TimeName = 'last_synced_at' | 'created_at' | 'updated_at' | 'removed_at';

/** A row as `itemColumns` reads it. */
export interface StoredItemRow extends Omit<StoredItem, TimeName | 'kind' | 'site_id'> {
  site_id: string | null;
  last_synced_at: Date | null;
  created_at: Date;
  updated_at: Date;
  removed_at: Date | null;
}

const ownColumns: Readonly<Record<Kind, readonly string[]>> = {
  products: ['path_id', 'item_type'],
  modifiers: ['path_id', 'modifier_group_id', 'modifier_group_name'],
  discounts: ['discount_amount', 'discount_percent'],
};
const everyOwnColumn = {
  path_id: 'text',
  item_type: 'text',
  modifier_group_id: 'text',
  modifier_group_name: 'text',
  discount_amount: 'numeric',
  discount_percent: 'numeric',
};

/** The select list behind a StoredItem of one kind; columns that the kind does not have are null. */
export function itemColumns(kind: Kind): string {
  const own = Object.entries(everyOwnColumn).map(([column, type]) =>
    ownColumns[kind].includes(column) ? column : `null::${type} as ${column}`,
  );
  const { table } = itemTables[kind];
  // As the views say it: where the last sync stands once per source, the row's own time is that of its last change.
  const lastSeen = `case when removed_at is null and content_hash is not null
         then greatest(last_synced_at, (select s.all_seen_at from integration_sync_state s
                where s.wand_source_id = ${table}.wand_source_id and ${table}.created_at <= s.all_seen_at))
         else last_synced_at end as last_synced_at`;
  return `id, wand_source_id as source_id, source_config_id as config_id, external_id, ${own.join(', ')}, name, price,
    currency, is_available, site_id, ${lastSeen}, created_at, updated_at, removed_at, created_run_id, last_run_id`;
}

/** The item behind a row. */
export function storedItemOf<Row extends StoredItemRow>(kind: Kind, row: Row) {
  return {
    kind,
    ...row,
    site_id: numberOf(row.site_id),
    last_synced_at: timeOf(row.last_synced_at),
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
    removed_at: timeOf(row.removed_at),
  };
}
