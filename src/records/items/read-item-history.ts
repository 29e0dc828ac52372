// Reads the timeline of an item: when it came, and each change a committed run made to it.
import type { Kind } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import type { Json } from '../../json.ts';
import { timeOf } from '../row-values.ts';
import { findItems, type ItemName } from './read-items.ts';
import type { StoredItem } from './stored-item.ts';

/** One moment of an item's life. */
export interface ItemEvent {
  /** ISO time, UTC. */
  at: string;
  /** null = before tillsync, or by another program. */
  run_id: string | null;
  operation: 'created' | 'updated' | 'removed' | 'restored';
  /** field → [old, new]; {} for a creation. */
  fields: Record<string, [Json, Json]>;
}

/** One item and its events, oldest first. */
export interface ItemHistory {
  kind: Kind;
  source_id: string;
  external_id: string;
  path_id: string | null;
  name: string | null;
  events: ItemEvent[];
}

/** The histories of the items that a name fits; [] when none does. What a held or planned run would do is no event. */
export async function itemHistory(q: Queryable, name: ItemName): Promise<ItemHistory[]> {
  const items = await findItems(q, name);
  const histories: ItemHistory[] = [];
  for (const item of items) histories.push(await historyOf(q, item));
  return histories;
}

async function historyOf(q: Queryable, item: StoredItem): Promise<ItemHistory> {
  const { kind, source_id, external_id, path_id, name } = item;
  const { rows } = await q.query<Omit<ItemEvent, 'at'> & { at: Date }>(
    `select c.created_at as at, c.run_id, c.operation, c.fields
       from integration_item_changes c join integration_sync_history h on h.id = c.run_id
      where c.wand_source_id = $1 and c.kind = $2 and c.external_id = $3
        and ($2 <> 'modifiers' or c.path_id is not distinct from $4)
        and h.status in ('success', 'partial')
      order by c.created_at, c.run_id`,
    [source_id, kind, external_id, path_id],
  );
  const changes = rows.map((row) => ({ ...row, at: timeOf(row.at) }));
  // Creations are kept by the item itself, not by a change row; adopted items know their time but no run.
  const creation: ItemEvent = { at: item.created_at, run_id: item.created_run_id, operation: 'created', fields: {} };
  const events = changes[0]?.operation === 'created' ? changes : [creation, ...changes];
  return { kind, source_id, external_id, path_id, name, events };
}
