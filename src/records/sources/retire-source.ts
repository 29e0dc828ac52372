// Takes a source out of use: its rows are marked removed, or everything that is known of it is deleted.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import { itemTables } from '../items/item-table.ts';

/** The configs of a source, active ones first. */
export async function readConfigsOf(
  q: Queryable,
  sourceId: string,
): Promise<{ id: string; name: string; is_active: boolean }[]> {
  const { rows } = await q.query<{ id: string; name: string; is_active: boolean }>(
    `select id, config_name as name, is_active from integration_source_configs where wand_source_id = $1
      order by is_active desc, created_at, id`,
    [sourceId],
  );
  return rows;
}

/** Marks every live row removed and the source retired; returns how many rows. Inside a transaction with ownWrites, locked. */
export async function retireSourceRows(q: Queryable, sourceId: string): Promise<Record<Kind, number>> {
  const removed: [Kind, number][] = [];
  for (const kind of kinds) {
    const { rowCount } = await q.query(
      `update ${itemTables[kind].table} set removed_at = now(), is_available = false, updated_at = now()
        where wand_source_id = $1 and removed_at is null`,
      [sourceId],
    );
    removed.push([kind, rowCount]);
  }
  await q.query('update integration_item_locations set present = false where wand_source_id = $1 and present', [
    sourceId,
  ]);
  await q.query(
    'update wand_integration_sources set retired_at = coalesce(retired_at, now()), updated_at = now() where id = $1',
    [sourceId],
  );
  return Object.fromEntries(removed) as Record<Kind, number>;
}

/**
 * Deletes a source with its items; configs that named it name none. Its runs stay in history until retention takes them.
 * Returns how many rows. Inside a transaction with ownWrites, locked.
 */
export async function deleteSourceRows(q: Queryable, sourceId: string): Promise<Record<Kind, number>> {
  const deleted: [Kind, number][] = [];
  for (const kind of kinds) {
    const { rowCount } = await q.query(`delete from ${itemTables[kind].table} where wand_source_id = $1`, [sourceId]);
    deleted.push([kind, rowCount]);
  }
  await q.query('delete from integration_item_locations where wand_source_id = $1', [sourceId]);
  await q.query('delete from integration_site_locations where wand_source_id = $1', [sourceId]);
  await q.query('delete from integration_sync_state where wand_source_id = $1', [sourceId]);
  await q.query(
    'update integration_source_configs set wand_source_id = null, updated_at = now() where wand_source_id = $1',
    [sourceId],
  );
  await q.query('delete from wand_integration_sources where id = $1', [sourceId]);
  return Object.fromEntries(deleted) as Record<Kind, number>;
}
