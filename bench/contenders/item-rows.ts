// Items as rows of our item tables: the columns a peer writes, and the lines of COPY that the limit writes.
import { hash } from 'node:crypto';
import type { Item, Kind } from '../../src/catalog/item.ts';
import { copyLine } from '../../src/db/copy.ts';

export type ColumnType = 'uuid' | 'text' | 'numeric' | 'boolean' | 'jsonb' | 'timestamptz';

/** A row by column name. Amounts are decimal text, `data` is the item's own value. */
export type ItemRow = Record<string, unknown>;

/** The key that each table's upsert names. */
export const keyColumns: Readonly<Record<Kind, readonly string[]>> = {
  products: ['wand_source_id', 'external_id'],
  modifiers: ['wand_source_id', 'external_id', 'path_id'],
  discounts: ['wand_source_id', 'external_id'],
};

/** The columns a caller of an upsert sets, as the original's callers do; no fingerprint and no run ids. */
export const peerColumns: Readonly<Record<Kind, Readonly<Record<string, ColumnType>>>> = {
  products: peer({ path_id: 'text', name: 'text', item_type: 'text', price: 'numeric' }),
  modifiers: peer({
    path_id: 'text',
    name: 'text',
    modifier_group_id: 'text',
    modifier_group_name: 'text',
    price: 'numeric',
  }),
  discounts: peer({ name: 'text', discount_amount: 'numeric', discount_percent: 'numeric', price: 'numeric' }),
};

function peer(own: Record<string, ColumnType>): Record<string, ColumnType> {
  return {
    wand_source_id: 'uuid',
    source_id: 'uuid',
    source_config_id: 'uuid',
    external_id: 'text',
    ...own,
    currency: 'text',
    is_available: 'boolean',
    data: 'jsonb',
    last_synced_at: 'timestamptz',
    updated_at: 'timestamptz',
  };
}

export function tableOf(kind: Kind): string {
  return `integration_${kind}`;
}

// Rows carry a config's id in any case; which one makes no difference to the cost.
export const anyConfig = '00000000-0000-4000-8000-000000000001';

/** The row of an item with the columns of peerColumns, in their order. `time` is ISO text. */
export function itemRow(item: Item, sourceId: string, time: string): ItemRow {
  return {
    wand_source_id: sourceId,
    source_id: sourceId,
    source_config_id: anyConfig,
    external_id: item.externalId,
    ...ownValues(item),
    currency: item.currency,
    is_available: item.isAvailable,
    data: item.data,
    last_synced_at: time,
    updated_at: time,
  };
}

function ownValues(item: Item): ItemRow {
  const { name, price } = item;
  if (item.kind === 'products') return { path_id: item.pathId, name, item_type: item.itemType, price };
  if (item.kind === 'discounts') {
    return { name, discount_amount: item.discountAmount, discount_percent: item.discountPercent, price };
  }
  return {
    path_id: item.pathId,
    name,
    modifier_group_id: item.modifierGroupId,
    modifier_group_name: item.modifierGroupName,
    price,
  };
}

/** COPY into a table, with every column that tillsync itself fills on a first sync. */
export function copyStatement(kind: Kind): string {
  const columns = [...Object.keys(peerColumns[kind]), 'created_at', 'content_hash', 'created_run_id', 'last_run_id'];
  return `copy ${tableOf(kind)} (${columns.join(', ')}) from stdin`;
}

/** One line for copyStatement. */
export function itemLine(item: Item, sourceId: string, time: string): string {
  const row = itemRow(item, sourceId, time);
  const values = Object.values({ ...row, data: JSON.stringify(item.data) }).map((value) =>
    value === null ? null : String(value),
  );
  const digest = hash('sha256', JSON.stringify(item), 'hex').slice(0, 32);
  return copyLine([...values, time, `\\x${digest}`, anyConfig, anyConfig]);
}

/** Lines in pieces of 64 KiB, as bytes: nothing is left to do for whoever sends them. */
export function linePieces(items: readonly Item[], sourceId: string, time: string): Buffer[] {
  const pieces: Buffer[] = [];
  let piece = '';
  for (const item of items) {
    piece += itemLine(item, sourceId, time);
    if (piece.length > 65_536) {
      pieces.push(Buffer.from(piece));
      piece = '';
    }
  }
  if (piece !== '') pieces.push(Buffer.from(piece));
  return pieces;
}
