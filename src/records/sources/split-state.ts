// What a source split off another takes along, and whether a source is busy.
import type { Queryable } from '../../db/database.ts';

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
