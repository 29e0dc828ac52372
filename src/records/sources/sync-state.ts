// One row per source: what its last committed run proved, read at the start of a save and moved at its end.
import type { Queryable } from '../../db/database.ts';

export interface SyncState {
  /** Start of the fetch behind the last committed run, as PostgreSQL's text; null before the first. */
  lastFetchStartedAt: string | null;
  /** Whether the source was adopted and no run was committed since. */
  adopted: boolean;
  /** The save transaction's time as PostgreSQL's text: the one time of all its rows. */
  time: string;
  /** Canonical text of the source's identity as it stands now; null = not known. */
  identityKey: string | null;
  /** Whether this run's fetch began before the last committed one. */
  stale: boolean;
}

/** Reads the state of a source as the run meets it; call it under the source's lock. */
export async function readSyncState(queryable: Queryable, of: { sourceId: string; runId: string }): Promise<SyncState> {
  const { rows } = await queryable.query<{
    time: string;
    last_fetch: string | null;
    adopted: boolean;
    stale: boolean;
    identity_key: string | null;
  }>(
    `select clock_timestamp()::text as time, s.last_fetch_started_at::text as last_fetch, coalesce(s.adopted, false) as adopted,
            (select identity_key from wand_integration_sources where id = $1) as identity_key,
            coalesce(h.fetch_started_at < s.last_fetch_started_at, false) as stale
       from integration_sync_history h left join integration_sync_state s on s.wand_source_id = $1
      where h.id = $2`,
    [of.sourceId, of.runId],
  );
  const row = rows[0];
  if (!row) throw new Error('the run is gone');
  return {
    time: row.time,
    lastFetchStartedAt: row.last_fetch,
    adopted: row.adopted,
    stale: row.stale,
    identityKey: row.identity_key,
  };
}

/** Moves the state after a save, inside its transaction. */
export async function moveSyncState(
  queryable: Queryable,
  of: { sourceId: string; runId: string; time: string; complete: boolean },
): Promise<void> {
  await queryable.query(
    `insert into integration_sync_state as s
       (wand_source_id, generation, last_fetch_started_at, last_synced_at, last_complete_at, last_run_id, adopted)
     select $1, 1, h.fetch_started_at, $3, case when $4 then $3::timestamptz end, $2, false
       from integration_sync_history h where h.id = $2
     on conflict (wand_source_id) do update set
       generation = s.generation + 1,
       last_fetch_started_at = greatest(s.last_fetch_started_at, excluded.last_fetch_started_at),
       last_synced_at = excluded.last_synced_at,
       last_complete_at = coalesce(excluded.last_complete_at, s.last_complete_at),
       last_run_id = excluded.last_run_id, adopted = s.adopted and not $4`,
    [of.sourceId, of.runId, of.time, of.complete],
  );
}
