// One row per source: what its last committed run proved, read at the start of a save and moved at its end.
import type { Queryable } from '../../db/database.ts';
import { allHashedCount } from '../items/read-keys.ts';
import type { Reads, RunCounts } from '../runs/run.ts';

/** The last committed run of a source, where a run that reads the same may repeat its outcome. */
export interface Unchanged {
  /** What that run read and how, 64 hex digits: the same as this run. Null = it did not see every row (it read changes only). */
  payloadDigest: string | null;
  /** Live rows of the source after it; all have a fingerprint. */
  itemRows: number;
  runId: string;
  counts: RunCounts;
  notes: string[];
}

export interface SyncState {
  /** Whether the source was adopted and no run was committed since. */
  adopted: boolean;
  /** The save transaction's time as PostgreSQL's text: the one time of all its rows. */
  time: string;
  /** Canonical text of the source's identity as it stands now; null = not known. */
  identityKey: string | null;
  /** Whether this run's fetch began before the last committed one. */
  stale: boolean;
  /** Who stands in all live rows as their owner, as ownerOf() says it; null = not the same in all, or not known. */
  owner: string | null;
  /** Whether a plan of the source waits for somebody. */
  waiting: boolean;
  /** Whether items of the source have rows by location. */
  hasLocations: boolean;
  /** Live rows that the last committed run left, if all then had a fingerprint; null = not known. */
  itemRows: number | null;
  /** When removals were last checked, e.g. '2026-11-22 08:31 UTC'; null = never. */
  removalsChecked: string | null;
  /** Null = this run has to compare item by item: it reads something else, or another program wrote since. */
  unchanged: Unchanged | null;
}

/** The run that meets the state. */
export interface MeetingRun {
  sourceId: string;
  runId: string;
  /** What it reads and how, 64 hex digits; null = not known. */
  payloadDigest: string | null;
  reads: Reads | null;
}

/** After so long every item is compared again, whatever the short cut says: what it rests on is proven once a day. */
const trustedFor = '1 day';

/** Reads the state of a source as the run meets it; call it under the source's lock. */
export async function readSyncState(queryable: Queryable, of: MeetingRun): Promise<SyncState> {
  const { rows } = await queryable.query<{
    time: string;
    adopted: boolean;
    stale: boolean;
    identity_key: string | null;
    owner: string | null;
    waiting: boolean;
    has_locations: boolean;
    hashed_rows: number | null;
    item_rows: string | null;
    payload_digest: string | null;
    removals_checked: string | null;
    last_run_id: string;
    counts: RunCounts;
    notes: string[];
  }>(
    `select clock_timestamp()::text as time, coalesce(s.adopted, false) as adopted, s.owner,
            (select identity_key from wand_integration_sources where id = $1) as identity_key,
            coalesce(h.fetch_started_at < s.last_fetch_started_at, false) as stale,
            exists (select from integration_sync_history w where w.wand_source_id = $1
                      and (w.hold_open or (w.status = 'planned' and (w.hold ->> 'resolution') is null))) as waiting,
            exists (select from integration_item_locations i where i.wand_source_id = $1) as has_locations,
            case when $4 or (s.payload_digest = decode($3, 'hex')
                  and s.compared_at > clock_timestamp() - interval '${trustedFor}')
                 then case when l.status = 'success' then ${allHashedCount} end end as hashed_rows,
            to_char(s.last_complete_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"') as removals_checked,
            encode(s.payload_digest, 'hex') as payload_digest, s.item_rows, s.last_run_id, l.counts, l.notes
       from integration_sync_history h left join integration_sync_state s on s.wand_source_id = $1
            left join integration_sync_history l on l.wand_source_id = $1 and l.id = s.last_run_id
      where h.wand_source_id = $1 and h.id = $2`,
    [of.sourceId, of.runId, of.payloadDigest, of.reads === 'nothing'],
  );
  const row = rows[0];
  if (!row) throw new Error('the run is gone');
  const { hashed_rows, last_run_id, counts, notes } = row;
  const itemRows = row.item_rows === null ? null : Number(row.item_rows);
  // The POS says that nothing changed, or it sent the same bytes; and nobody else wrote since.
  const isSame = itemRows !== null && hashed_rows === itemRows;
  return {
    time: row.time,
    adopted: row.adopted,
    stale: row.stale,
    identityKey: row.identity_key,
    owner: row.owner,
    waiting: row.waiting,
    hasLocations: row.has_locations,
    itemRows,
    removalsChecked: row.removals_checked,
    unchanged: isSame ? { payloadDigest: row.payload_digest, itemRows, runId: last_run_id, counts, notes } : null,
  };
}

export interface CommittedRun {
  sourceId: string;
  runId: string;
  /** The run's time as PostgreSQL's text. */
  time: string;
  complete: boolean;
  /** Whether it saw every live row of the source. */
  sawAll: boolean;
  /** Who stands in all live rows as their owner after it; null = not the same in all. */
  owner: string | null;
  /** Given when a run that reads the same may repeat this one; then it saw all rows. */
  payloadDigest: string | null;
  /** Live rows after it, if every one has a fingerprint; null = not known. */
  itemRows: number | null;
  /** Whether it read the whole catalog from the POS, proven complete. */
  readAll: boolean;
  /**
   * What becomes of what the source remembers: the run's own takes its place, is merged into it, it stays (the fetch broke off),
   * or it goes (items came by another way than from the POS).
   */
  remembers: 'replace' | 'merge' | 'keep' | 'drop';
  /** Whether it compared item by item. */
  compared: boolean;
}

/** Moves the state after a save, inside its transaction. */
export async function moveSyncState(queryable: Queryable, of: CommittedRun): Promise<void> {
  await queryable.query(
    `insert into integration_sync_state as s
       (wand_source_id, generation, last_fetch_started_at, last_synced_at, last_complete_at, last_run_id, adopted,
        all_seen_at, owner, payload_digest, item_rows, compared_at, remembered, full_read_at)
     select $1, 1, h.fetch_started_at, $3, case when $4 then $3::timestamptz end, $2, false,
            case when $5 then $3::timestamptz end, $6, decode($7, 'hex'), $8, case when $9 then $3::timestamptz end,
            case when $10 in ('replace', 'merge') then h.remember end, case when $11 then h.fetch_started_at end
       from integration_sync_history h where h.wand_source_id = $1 and h.id = $2
     on conflict (wand_source_id) do update set
       generation = s.generation + 1,
       last_fetch_started_at = greatest(s.last_fetch_started_at, excluded.last_fetch_started_at),
       last_synced_at = excluded.last_synced_at,
       last_complete_at = coalesce(excluded.last_complete_at, s.last_complete_at),
       last_run_id = excluded.last_run_id, adopted = s.adopted and not $4,
       all_seen_at = coalesce(excluded.all_seen_at, s.all_seen_at), owner = excluded.owner,
       payload_digest = excluded.payload_digest, item_rows = excluded.item_rows,
       compared_at = coalesce(excluded.compared_at, s.compared_at),
       remembered = case when $10 = 'keep' or excluded.last_fetch_started_at < s.last_fetch_started_at then s.remembered
                         when $10 = 'merge' then coalesce(s.remembered || excluded.remembered, s.remembered)
                         else excluded.remembered end,
       full_read_at = greatest(s.full_read_at, excluded.full_read_at)`,
    [
      of.sourceId,
      of.runId,
      of.time,
      of.complete,
      of.sawAll,
      of.owner,
      of.payloadDigest,
      of.itemRows,
      of.compared,
      of.remembers,
      of.readAll,
    ],
  );
}
