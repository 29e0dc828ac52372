// What a source split off another takes along, and whether a source is busy.
import type { Queryable } from '../../db/database.ts';
import { itemTables } from '../items/item-table.ts';

/**
 * Before rows move between sources: writes into each row when it was last seen, and lets nothing stand for all rows of
 * these sources any more (that time, their owner, what the last run read). Inside a transaction with ownWrites.
 */
export async function settleRows(q: Queryable, sourceIds: readonly string[]): Promise<void> {
  for (const { table } of Object.values(itemTables)) {
    await q.query(
      `update ${table} t set last_synced_at = s.all_seen_at from integration_sync_state s
        where t.wand_source_id = any($1::uuid[]) and s.wand_source_id = t.wand_source_id and t.removed_at is null
          and t.content_hash is not null and t.created_at <= s.all_seen_at
          and (t.last_synced_at is null or t.last_synced_at < s.all_seen_at)`,
      [sourceIds],
    );
  }
  await q.query(
    `update integration_sync_state set all_seen_at = null, owner = null, payload_digest = null, item_rows = null,
            remembered = null
      where wand_source_id = any($1::uuid[])`,
    [sourceIds],
  );
}

/** A split-off source is as fresh from adoption as the one it came from: its first sync is guarded the same way. */
export async function inheritAdoption(q: Queryable, of: { fromSourceId: string; toSourceId: string }): Promise<void> {
  await q.query(
    `insert into integration_sync_state (wand_source_id, adopted)
     select $2::uuid, s.adopted from integration_sync_state s where s.wand_source_id = $1
     on conflict (wand_source_id) do nothing`,
    [of.fromSourceId, of.toSourceId],
  );
}

/** A queued or running run of one of these sources; null = none. */
export async function readActiveRun(q: Queryable, sourceIds: readonly string[]): Promise<string | null> {
  const { rows } = await q.query<{ id: string }>(
    `select id from integration_sync_history where wand_source_id = any($1::uuid[]) and status in ('queued', 'in_progress')
      limit 1`,
    [sourceIds],
  );
  return rows[0]?.id ?? null;
}
