// Makes run rows, at most one active per source; the second request of a source gets the active run.
import type { Database, Queryable } from '../../db/database.ts';
import { type DueRequest, passDueTime } from '../configs/due-configs.ts';
import { areSomeLate, interruptLate } from '../owners/interrupt-runs.ts';
import { queuePatienceSeconds } from '../owners/queue-patience.ts';

export type RunTrigger =
  | 'manual'
  | 'cli'
  | 'api'
  | 'edge'
  | 'schedule'
  | 'webhook'
  | 'retry'
  | 'replay'
  | 'approve'
  | 'save'
  | 'demo';

export interface NewRun {
  sourceId: string;
  sourceName: string;
  configId: string;
  siteId: string | null;
  trigger: RunTrigger;
  requestedBy: string;
  dryRun: boolean;
  mode: 'merge' | 'full';
  /** The held or planned run whose plan this run applies. */
  appliesRunId: string | null;
  /** Seconds that the run may wait for the process that made it before it counts as interrupted. */
  leaseSeconds: number;
  /** A worker takes it from the queue, where it may wait for a day. Default false. */
  enqueued?: boolean;
  /** Compares every item with its row. Default false. */
  compareAll?: boolean;
  /** The run that this one does over, and how many there were before. */
  retryOf?: { runId: string; attempt: number } | undefined;
  /** The request for a concept or company that this run is part of. */
  parentId?: string | null;
  /** The due time that the run is for; it is passed in the transaction that makes the run, or finds one at work. */
  due?: DueRequest | undefined;
}

interface MadeRun {
  runId: string;
  alreadyActive: boolean;
}

const mostAttempts = 20;

/**
 * Inserts a queued run, or names the run that is active for the source already. `onMade` is called in the transaction
 * that made the run, e.g. to tell the queue.
 */
export async function createRun(
  database: Database,
  run: NewRun,
  onMade?: (connection: Queryable, runId: string) => Promise<void>,
): Promise<MadeRun> {
  // The run that stood in the way of the insert may end before it is looked up: then the way is free.
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const made = await database.transaction(
      async (connection) => {
        const found = await insertRun(connection, run);
        if (found !== null && !found.alreadyActive) await onMade?.(connection, found.runId);
        if (found !== null && run.due) await passDueTime(connection, run.configId, run.due);
        return found;
      },
      { isShort: true },
    );
    if (made !== null) return made;
  }
  throw new Error(`${mostAttempts} times the active run ended while it was looked up`);
}

async function insertRun(connection: Queryable, run: NewRun): Promise<MadeRun | null> {
  if (await areSomeLate(connection, run.sourceId)) await interruptLate(connection, run.sourceId);
  const inserted = await connection.query<{ id: string }>(
    `insert into integration_sync_history
       (wand_source_id, source_name, source_config_id, site_id, status, trigger, requested_by, dry_run, mode,
        applies_run_id, lease_expires_at, enqueued, told_at, compare_all, retry_of_run_id, attempt, parent_id)
     values ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $9, now() + make_interval(secs => $10), $11,
             case when $11 then now() end, $12, $13, $14, $15)
     on conflict (wand_source_id) where status in ('queued', 'in_progress') do nothing
     returning id`,
    [
      run.sourceId,
      run.sourceName,
      run.configId,
      run.siteId,
      run.trigger,
      run.requestedBy,
      run.dryRun,
      run.mode,
      run.appliesRunId,
      run.enqueued === true ? queuePatienceSeconds : run.leaseSeconds,
      run.enqueued === true,
      run.compareAll === true,
      run.retryOf?.runId ?? null,
      run.retryOf?.attempt ?? 1,
      run.parentId ?? null,
    ],
  );
  const id = inserted.rows[0]?.id;
  if (id !== undefined) return { runId: id, alreadyActive: false };
  const active = await connection.query<{ id: string }>(
    `select id from integration_sync_history where wand_source_id = $1 and status in ('queued', 'in_progress')`,
    [run.sourceId],
  );
  const activeId = active.rows[0]?.id;
  return activeId === undefined ? null : { runId: activeId, alreadyActive: true };
}
