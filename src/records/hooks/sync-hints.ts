// Configs that should be synced soon because their POS said so: at most one row each, taken when it is due (database time).
import type { Queryable } from '../../db/database.ts';

export interface DueHint {
  configId: string;
  /** Where the first of the hints came in. */
  endpointId: string | null;
  /** Time of the newest hint, as PostgreSQL's text. */
  lastAt: string;
}

// A worker that dies between taking a hint and asking for its run leaves the hint to the next for so long.
const takenSeconds = 60;

/**
 * Takes hints that are due, the oldest first. A hint is dropped when a run has read the POS since it came, and waits while a run
 * of its source is active: so that run and one more are all that a burst makes.
 */
export async function takeDueHints(q: Queryable, limit: number): Promise<DueHint[]> {
  const { rows } = await q.query<{ config_id: string; endpoint_id: string | null; last_at: string }>(
    `with due as (
       select h.source_config_id, h.wand_source_id, h.last_at, h.first_at from integration_sync_hints h
        where h.due_at <= clock_timestamp()
          and not exists (select from integration_sync_history r
                           where r.wand_source_id = h.wand_source_id and r.status in ('queued', 'in_progress'))
        order by h.due_at limit $1 for update of h skip locked),
     settled as (
       select d.source_config_id from due d where exists (
         select from integration_sync_history r where r.wand_source_id = d.wand_source_id
            and r.created_at > d.first_at - interval '1 day' and r.fetch_started_at > d.last_at and r.reads is not null
            and r.status in ('success', 'partial', 'held'))),
     dropped as (
       delete from integration_sync_hints where source_config_id in (select source_config_id from settled))
     update integration_sync_hints h set due_at = clock_timestamp() + make_interval(secs => ${takenSeconds})
       from due d where h.source_config_id = d.source_config_id
        and d.source_config_id not in (select source_config_id from settled)
     returning h.source_config_id as config_id, h.endpoint_id, h.last_at::text as last_at`,
    [limit],
  );
  return rows.map((row) => ({ configId: row.config_id, endpointId: row.endpoint_id, lastAt: row.last_at }));
}

/** Ends a hint whose run was asked for; one that came meanwhile stays and is due after its own wait. */
export async function settleHint(q: Queryable, hint: DueHint, debounceSeconds: number): Promise<void> {
  await q.query(
    `with gone as (delete from integration_sync_hints where source_config_id = $1 and last_at = $2::timestamptz)
     update integration_sync_hints set first_at = last_at, due_at = last_at + make_interval(secs => $3)
      where source_config_id = $1 and last_at > $2::timestamptz`,
    [hint.configId, hint.lastAt, debounceSeconds],
  );
}

/** Puts a hint back whose source is being synced already: it is looked at again once that run has ended. */
export async function returnHint(q: Queryable, hint: DueHint): Promise<void> {
  await q.query('update integration_sync_hints set due_at = clock_timestamp() where source_config_id = $1', [
    hint.configId,
  ]);
}
