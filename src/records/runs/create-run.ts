// Makes run rows, at most one active per source; the second request of a source gets the active run.
import type { Database, Queryable } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';
import { sourceLockKey } from '../sources/lock-source.ts';

export type RunTrigger = 'manual' | 'cli' | 'api' | 'edge' | 'schedule' | 'approve' | 'save' | 'demo' | 'webhook';

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
  /** Seconds that the run may wait for its worker before it counts as interrupted. */
  leaseSeconds: number;
}

interface MadeRun {
  runId: string;
  alreadyActive: boolean;
}

const mostAttempts = 20;

/** Inserts a queued run, or names the run that is active for the source already. */
export async function createRun(database: Database, run: NewRun): Promise<MadeRun> {
  // The run that stood in the way of the insert may end before it is looked up: then the way is free.
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const made = await database.transaction((connection) => insertRun(connection, run));
    if (made !== null) return made;
  }
  throw new Error(`${mostAttempts} times the active run ended while it was looked up`);
}

async function insertRun(connection: Queryable, run: NewRun): Promise<MadeRun | null> {
  if (await areSomeLate(connection, run.sourceId)) await interruptLate(connection, run.sourceId);
  const inserted = await connection.query<{ id: string }>(
    `insert into integration_sync_history
       (wand_source_id, source_name, source_config_id, site_id, status, trigger, requested_by, dry_run, mode,
        applies_run_id, lease_expires_at)
     values ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $9, now() + make_interval(secs => $10))
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
      run.leaseSeconds,
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

/** Marks active runs whose lease is over as interrupted (database time), of all sources. Returns how many. */
export async function interruptExpiredRuns(database: Database): Promise<number> {
  if (!(await areSomeLate(database, null))) return 0;
  return await database.transaction((connection) => interruptLate(connection, null));
}

const isLate = `status in ('queued', 'in_progress') and lease_expires_at < now()
   and ($1::uuid is null or wand_source_id = $1)`;
// Runs whose row is locked are left to the commit that is under way.
const lateAndFree = `select id from integration_sync_history where ${isLate} for update skip locked`;

async function areSomeLate(queryable: Queryable, sourceId: string | null): Promise<boolean> {
  const { rows } = await queryable.query<{ late: boolean }>(
    `select exists (select from integration_sync_history where ${isLate}) as late`,
    [sourceId],
  );
  return rows[0]?.late === true;
}

/** In a transaction: what must be ended first is ended, then the runs are. */
async function interruptLate(connection: Queryable, sourceId: string | null): Promise<number> {
  await connection.query('savepoint late_backends');
  try {
    await endLateBackends(connection, sourceId);
    await connection.query('release savepoint late_backends');
  } catch (error) {
    // Some servers let nobody end a backend. The lease still keeps a late worker from committing.
    if (!(error instanceof TillsyncError) || error.facts.sqlstate !== '42501') throw error;
    await connection.query('rollback to savepoint late_backends');
  }
  return await markInterrupted(connection, sourceId);
}

/**
 * Ends the backends that workers of late runs left on their source's lock: a COPY that waits for a stopped client obeys
 * no timeout and no cancel. One is told by its transaction's begin, between the claim of the run and the end of its
 * lease: as long as the run is active no other run of the source can be, and one that comes after it begins later. A
 * commit that is under way is left alone, unless it, too, waits for its client.
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
        and ((l.classid::bigint << 32) | l.objid::bigint) = ${sourceLockKey('r.wand_source_id')}
       join pg_stat_activity a on a.pid = l.pid and a.usename = current_user
        and a.xact_start between r.started_at and r.lease_expires_at
      where a.pid <> pg_backend_pid() and (a.wait_event_type = 'Client' or r.id in (select id from expired))`,
    [sourceId],
  );
}

async function markInterrupted(connection: Queryable, sourceId: string | null): Promise<number> {
  const { rows } = await connection.query<{ ended: number }>(
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
         from expired e where h.id = e.id returning h.source_config_id, h.dry_run),
     counted as (
       update integration_source_configs c
          set sync_count = c.sync_count + 1,
              last_sync_status = case when ended.dry_run then c.last_sync_status else 'interrupted' end,
              last_error = case when ended.dry_run then c.last_error
                           else 'The process that ran this sync ended before it was done.' end,
              error_count = c.error_count + case when ended.dry_run then 0 else 1 end
         from ended where c.id = ended.source_config_id)
     select count(*)::int as ended from ended`,
    [sourceId],
  );
  return rows[0]?.ended ?? 0;
}
