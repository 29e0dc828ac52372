// Deletes old runs with all that they wrote beside the items: log, changes, rejects, duplicates, references to answers.
import type { Database, Queryable } from '../../db/database.ts';
import { changedItems, isNamed, isNeeded } from './needed-runs.ts';
import { inRetention } from './retention-lock.ts';

export interface DeletedRuns {
  runs: number;
  logs: number;
  changes: number;
  rejects: number;
  duplicates: number;
}

/** Runs per transaction at most, and rows of one of their tables per transaction. */
const mostRuns = 100;
const mostRows = 5_000;

const belongings = {
  logs: 'integration_sync_log',
  changes: 'integration_item_changes',
  rejects: 'integration_rejected_items',
  duplicates: 'integration_duplicate_items',
} as const;

/**
 * Deletes the next runs of a source that are older than `days`, or changed nothing and are older than the newest
 * `perSource` of those; 0 = no such limit. Returns what went, whether there may be more, and whether somebody else came in
 * between (then nothing more was done here).
 */
export async function deleteOldRuns(
  database: Database,
  of: { sourceId: string; days: number; perSource: number },
): Promise<DeletedRuns & { more: boolean; busy: boolean }> {
  const deleted = { runs: 0, logs: 0, changes: 0, rejects: 0, duplicates: 0 };
  const old = await findOldRuns(database, of);
  if (old.length === 0) return { ...deleted, more: false, busy: false };
  // What a run wrote can be a million rows: it goes first, in pieces. That the run is old does not change any more.
  for (const name of Object.keys(belongings) as (keyof typeof belongings)[]) {
    for (let rows = mostRows; rows === mostRows; deleted[name] += rows) {
      const gone = await inRetention(database, of.sourceId, (connection) =>
        deleteRows(connection, { table: belongings[name], sourceId: of.sourceId, runIds: old }),
      );
      // What went before still counts.
      if (gone === null) return { ...deleted, more: false, busy: true };
      rows = gone;
    }
  }
  const runs = await inRetention(database, of.sourceId, (connection) => deleteRuns(connection, of.sourceId, old));
  if (runs === null) return { ...deleted, more: false, busy: true };
  deleted.runs = runs;
  // A run that another one speaks of can go when that one is gone.
  return { ...deleted, more: runs > 0, busy: false };
}

async function findOldRuns(
  queryable: Queryable,
  of: { sourceId: string; days: number; perSource: number },
): Promise<string[]> {
  const { rows } = await queryable.query<{ id: string }>(
    `with boundary as (
       select h.created_at, h.id from integration_sync_history h
        where $3 > 0 and h.wand_source_id = $1 and not ${changedItems}
        order by h.created_at desc, h.id desc offset greatest($3 - 1, 0) limit 1)
     select h.id from integration_sync_history h
      where h.wand_source_id = $1
        and (($2 > 0 and h.created_at < now() - make_interval(days => $2))
             or (not ${changedItems} and (h.created_at, h.id) < (select created_at, id from boundary)))
        and not ${isNeeded} and not ${isNamed}
      order by h.created_at limit ${mostRuns}`,
    [of.sourceId, of.days, of.perSource],
  );
  return rows.map(({ id }) => id);
}

async function deleteRows(
  queryable: Queryable,
  of: { table: string; sourceId: string; runIds: readonly string[] },
): Promise<number> {
  const { rowCount } = await queryable.query(
    `delete from ${of.table} where wand_source_id = $1 and run_id = any($2) and ctid = any(array(
       select ctid from ${of.table} where wand_source_id = $1 and run_id = any($2) limit ${mostRows}))`,
    [of.sourceId, of.runIds],
  );
  return rowCount;
}

/** Deletes runs that are still not needed, with their references to stored answers. */
async function deleteRuns(queryable: Queryable, sourceId: string, runIds: readonly string[]): Promise<number> {
  const { rows } = await queryable.query<{ gone: number }>(
    `with gone as (
       delete from integration_sync_history h
        where h.wand_source_id = $1 and h.id = any($2) and not ${isNeeded} and not ${isNamed} returning h.id),
     unreferred as (
       delete from integration_run_payloads r using gone where r.wand_source_id = $1 and r.run_id = gone.id)
     select count(*)::int as gone from gone`,
    [sourceId, runIds],
  );
  return rows[0]?.gone ?? 0;
}

/** Deletes runs without a source that are older than `days`: parents without children, and what adoption could not place. */
export async function deleteSourcelessRuns(database: Database, days: number): Promise<{ runs: number; more: boolean }> {
  const runs = await inRetention(database, null, async (connection) => {
    const { rowCount } = await connection.query(
      `delete from integration_sync_history where id = any(array(
         select h.id from integration_sync_history h
          where h.wand_source_id is null and h.created_at < now() - make_interval(days => $1)
            and h.status not in ('queued', 'in_progress') and not h.hold_open
            and not exists (select from integration_sync_history c where c.parent_id = h.id)
          order by h.created_at limit ${mostRuns}))`,
      [days],
    );
    return rowCount;
  });
  return { runs: runs ?? 0, more: runs === mostRuns };
}
