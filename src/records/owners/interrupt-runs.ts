// Runs whose owner is gone: their lease is over in database time. They are ended, and those of the queue queued once more.
import type { Database, Queryable } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';
import { paceAfterRun } from '../configs/pace-after-run.ts';
import { payloadsLockKey } from '../payloads/payloads-lock.ts';
import { logInterrupted } from '../run-log/write-log.ts';
import { sourceLockKey } from '../sources/lock-source.ts';
import { queuePatienceSeconds } from './queue-patience.ts';

// What one transaction of the sweep ends at most: it holds the rows of all of them.
const mostAtOnce = 500;

/**
 * Marks active runs whose lease is over as interrupted (database time), of all sources, and queues those once more that a
 * worker had taken. Pages through all of them. Returns how many were ended.
 */
export async function interruptExpiredRuns(database: Database): Promise<number> {
  for (let all = 0; ; ) {
    if (!(await areSomeLate(database, null))) return all;
    const ended = await database.transaction(
      async (connection) => {
        const runs = await interruptLate(connection, null);
        await requeue(
          connection,
          runs.map(({ runId }) => runId),
          'once',
        );
        return runs;
      },
      { isShort: true },
    );
    // A log that cannot be written ends no sweep; the state of the run says the same.
    const logged = ended.filter((run): run is InterruptedRun & { sourceId: string } => run.sourceId !== null);
    await logInterrupted(database, logged).catch(() => undefined);
    all += ended.length;
    // What is late and still there has a commit under way: it is looked at the next time.
    if (ended.length < mostAtOnce) return all;
  }
}

const isLate = `status in ('queued', 'in_progress') and lease_expires_at < now()
   and ($1::uuid is null or wand_source_id = $1)`;
// Runs whose row is locked are left to the commit that is under way.
const lateAndFree = `select id from integration_sync_history where ${isLate} order by created_at, id limit ${mostAtOnce}
  for update skip locked`;

/** Whether a run is late; of one source, where asked. */
export async function areSomeLate(queryable: Queryable, sourceId: string | null): Promise<boolean> {
  const { rows } = await queryable.query<{ late: boolean }>(
    `select exists (select from integration_sync_history where ${isLate}) as late`,
    [sourceId],
  );
  return rows[0]?.late === true;
}

interface InterruptedRun {
  runId: string;
  /** null = the request for a concept or company. */
  sourceId: string | null;
  worker: string | null;
}

/** In a transaction: what must be ended first is ended, then the runs are. */
export async function interruptLate(connection: Queryable, sourceId: string | null): Promise<InterruptedRun[]> {
  await connection.query('savepoint late_backends');
  try {
    // A backend belongs to the login, whose name its processes share; the role they work as may not end it.
    await connection.query(`set local role none`);
    await endLateBackends(connection, sourceId);
    await connection.query('rollback to savepoint late_backends');
    await connection.query('release savepoint late_backends');
  } catch (error) {
    // Some servers let nobody end a backend. The lease still keeps a late worker from committing.
    if (!(error instanceof TillsyncError) || error.facts.sqlstate !== '42501') throw error;
    await connection.query('rollback to savepoint late_backends');
  }
  return await markInterrupted(connection, sourceId);
}

/**
 * Ends the backends that workers of late runs left on their source's lock, or on that of its payloads: a COPY that waits
 * for a stopped client obeys no timeout and no cancel. One is told by its transaction's begin, between the claim of the run
 * and the end of its lease: as long as the run is active no other run of the source can be, and one that comes after it
 * begins later. A commit that is under way is left alone, unless it, too, waits for its client.
 */
async function endLateBackends(connection: Queryable, sourceId: string | null): Promise<void> {
  await connection.query(
    `with late as (
       select id, wand_source_id, started_at, lease_expires_at from integration_sync_history where ${isLate}),
     expired as (${lateAndFree})
     select pg_terminate_backend(a.pid)
       from late r
       join pg_locks l on l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and l.database = (select oid from pg_database where datname = current_database())
        and ((l.classid::bigint << 32) | l.objid::bigint)
          in (${sourceLockKey('r.wand_source_id')}, ${payloadsLockKey('r.wand_source_id')})
       join pg_stat_activity a on a.pid = l.pid and a.usename = session_user
        and a.xact_start between r.started_at and r.lease_expires_at
      where a.pid <> pg_backend_pid() and (a.wait_event_type = 'Client' or r.id in (select id from expired))`,
    [sourceId],
  );
}

async function markInterrupted(connection: Queryable, sourceId: string | null): Promise<InterruptedRun[]> {
  const { rows } = await connection.query<InterruptedRun>(
    `with expired as (${lateAndFree}),
     ended as (
       update integration_sync_history h
          set status = 'interrupted', phase = null, completed_at = now(),
              error_message = 'The process that ran this sync ended before it was done. Your catalog was not changed.',
              error = jsonb_build_object(
                'code', 'interrupted', 'step', 'sync', 'retry', 'later',
                'message', 'The process that ran this sync ended before it was done.',
                'effect', 'Your catalog was not changed.', 'hint', 'Sync again.',
                'doc', 'docs/reference/errors.md#interrupted')
         from expired e where h.id = e.id returning h.id, h.wand_source_id, h.worker, h.source_config_id, h.dry_run, h.trigger,
            h.status, h.error),
     counted as (
       update integration_source_configs c
          set sync_count = c.sync_count + 1,
              last_sync_status = case when ended.dry_run then c.last_sync_status else 'interrupted' end,
              last_error = case when ended.dry_run then c.last_error
                           else 'The process that ran this sync ended before it was done.' end,
              error_count = c.error_count + case when ended.dry_run then 0 else 1 end,
              ${paceAfterRun}
         from ended where c.id = ended.source_config_id)
     select id as "runId", wand_source_id as "sourceId", worker from ended`,
    [sourceId],
  );
  return rows;
}

/**
 * Makes a queued run in the place of each that ended: 'once' = not again for a run that did over an interrupted one;
 * 'always' = also then, because its worker was told to stop. Not for runs that a process works on by itself, nor where
 * somebody wished to cancel, or asked for the source meanwhile. The queue is told by the sweep, or by the caller. Returns
 * their ids.
 */
export async function requeue(
  connection: Queryable,
  runIds: readonly string[],
  how: 'once' | 'always',
): Promise<string[]> {
  if (runIds.length === 0) return [];
  const { rows } = await connection.query<{ id: string }>(
    `insert into integration_sync_history
       (wand_source_id, source_name, source_config_id, site_id, parent_id, status, trigger, requested_by, dry_run, mode,
        applies_run_id, compare_all, enqueued, attempt, retry_of_run_id, lease_expires_at)
     select h.wand_source_id, h.source_name, h.source_config_id, h.site_id, h.parent_id, 'queued', h.trigger, h.requested_by,
            h.dry_run, h.mode, h.applies_run_id, h.compare_all, true, h.attempt + case when $2 then 0 else 1 end, h.id,
            now() + make_interval(secs => $3)
       from integration_sync_history h
      where h.id = any ($1) and h.enqueued and h.cancel_requested_at is null
        and ($2 or not exists (select from integration_sync_history p
                                where p.id = h.retry_of_run_id and p.wand_source_id = h.wand_source_id
                                  and p.status = 'interrupted'))
     on conflict (wand_source_id) where status in ('queued', 'in_progress') do nothing
     returning id`,
    [runIds, how === 'always', queuePatienceSeconds],
  );
  return rows.map(({ id }) => id);
}
