// Makes run rows, at most one active per source; the second request of a source gets the active run.
import type { Database, Queryable } from '../../db/database.ts';
import { sourceLockKey } from '../sources/lock-source.ts';

export type RunTrigger = 'manual' | 'cli' | 'api' | 'edge' | 'schedule' | 'approve' | 'save' | 'demo';

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
  await interruptExpiredRuns(connection, run.sourceId);
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

/**
 * Marks active runs whose lease is over as interrupted (database time); of one source, or of all. Returns how many.
 * The backend that such a run's worker left on its source's lock is ended first: a COPY that waits for a stopped client
 * obeys no timeout and no cancel. It is told by its transaction's begin, between the claim of the run and the end of its
 * lease: as long as the run is active no other run of the source can be, and one that comes after it begins later. Runs
 * whose row is locked are left to the commit that is under way, unless that, too, waits for its client.
 */
export async function interruptExpiredRuns(queryable: Queryable, sourceId?: string): Promise<number> {
  const { rows } = await queryable.query<{ ended: number }>(
    `with late as (
       select id, wand_source_id, started_at, lease_expires_at from integration_sync_history
        where status in ('queued', 'in_progress') and lease_expires_at < now()
          and ($1::uuid is null or wand_source_id = $1)),
     expired as (
       select h.id, h.source_config_id, h.dry_run from integration_sync_history h
        where h.id in (select id from late) and h.status in ('queued', 'in_progress') and h.lease_expires_at < now()
        for update skip locked),
     freed as (
       select pg_terminate_backend(a.pid)
         from late r
         join pg_locks l on l.locktype = 'advisory' and l.granted and l.objsubid = 1
          and l.database = (select oid from pg_database where datname = current_database())
          and ((l.classid::bigint << 32) | l.objid::bigint) = ${sourceLockKey('r.wand_source_id')}
         join pg_stat_activity a on a.pid = l.pid and a.usename = current_user
          and a.xact_start between r.started_at and r.lease_expires_at
        where a.pid <> pg_backend_pid() and (a.wait_event_type = 'Client' or r.id in (select id from expired))),
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
     select (select count(*) from freed) as freed, (select count(*)::int from ended) as ended`,
    [sourceId ?? null],
  );
  return rows[0]?.ended ?? 0;
}
