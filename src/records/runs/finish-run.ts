// Ends a run truthfully: its state, counts and the config's counters, fenced by the lease, in one statement each.
import type { Queryable } from '../../db/database.ts';
import { type ErrorRecord, TillsyncError } from '../../errors.ts';
import type { Claim } from './lease-run.ts';
import type { RunCounts } from './run.ts';

export interface Outcome {
  status: 'success' | 'partial' | 'held' | 'planned' | 'failed';
  counts: RunCounts;
  /** null = the payload does not claim to be a whole catalog. */
  complete: boolean | null;
  notes: readonly string[];
  hold: object | null;
  /** Why a failed run kept nothing; its rejects are kept. */
  error: ErrorRecord | null;
  /** Hex digest of the plan where somebody decides on it, or has; else null. */
  digest: string | null;
  /** The run's time as PostgreSQL's text. */
  time: string;
}

/**
 * Writes the end of a run inside its save transaction. Throws lease_lost when the fencing token is no longer current:
 * the transaction then rolls back and nothing of a late worker is committed.
 */
export async function finishRun(queryable: Queryable, claim: Claim, outcome: Outcome): Promise<void> {
  const saved = outcome.status === 'success' || outcome.status === 'partial';
  const { rowCount } = await queryable.query(
    `with ended as (
       update integration_sync_history
          set status = $3, phase = null, completed_at = clock_timestamp(), items_synced = $4, counts = $5, complete = $6,
              notes = $7, hold = $8, hold_open = ($3 = 'held'), plan_digest = decode($9, 'hex'),
              error_message = $12, error = $13, lease_expires_at = null, progress = null
        where wand_source_id = $14 and id = $1 and lease_token = $2 and status = 'in_progress'
       returning source_config_id, dry_run),
     counted as (
       -- A dry run says nothing of how the config fares.
       update integration_source_configs c
          set last_sync_status = case when ended.dry_run then c.last_sync_status else $3 end,
              last_error = case when ended.dry_run then c.last_error else $12 end,
              sync_count = c.sync_count + 1, error_count = c.error_count + case when $3 = 'failed' and not ended.dry_run then 1 else 0 end,
              last_sync_at = case when $10 then $11::timestamptz else c.last_sync_at end
         from ended where c.id = ended.source_config_id)
     select from ended`,
    [
      claim.runId,
      claim.leaseToken,
      outcome.status,
      saved ? itemsSynced(outcome.counts) : 0,
      JSON.stringify(outcome.counts),
      outcome.complete,
      JSON.stringify(outcome.notes),
      outcome.hold === null ? null : JSON.stringify(outcome.hold),
      outcome.digest,
      saved,
      outcome.time,
      outcome.error?.message ?? null,
      outcome.error === null ? null : JSON.stringify(outcome.error),
      claim.sourceId,
    ],
  );
  if (rowCount !== 1) throw leaseLost();
}

function itemsSynced(counts: RunCounts): number {
  return Object.values(counts).reduce(
    (sum, kind) => sum + kind.created + kind.updated + kind.unchanged + kind.restored,
    0,
  );
}

/** Writes that a run failed, was cancelled or was given back by a worker that stops; false when it had been ended by somebody else. */
export async function failRun(
  queryable: Queryable,
  claim: Claim,
  failure: { status: 'failed' | 'cancelled' | 'interrupted'; error: ErrorRecord },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `with ended as (
       update integration_sync_history
          set status = $3, phase = null, completed_at = clock_timestamp(), error_message = $4, error = $5, items_synced = 0,
              lease_expires_at = null, progress = null
        where wand_source_id = $6 and id = $1 and lease_token = $2 and status = 'in_progress'
       returning source_config_id, dry_run),
     counted as (
       update integration_source_configs c
          set sync_count = c.sync_count + 1,
              last_sync_status = case when ended.dry_run then c.last_sync_status else $3 end,
              last_error = case when ended.dry_run then c.last_error else $4 end,
              error_count = c.error_count + case when $3 = 'failed' and not ended.dry_run then 1 else 0 end
         from ended where c.id = ended.source_config_id)
     select from ended`,
    [
      claim.runId,
      claim.leaseToken,
      failure.status,
      failure.error.message,
      JSON.stringify(failure.error),
      claim.sourceId,
    ],
  );
  return rowCount === 1;
}

/** The error of a worker that lost its lease. */
export function leaseLost(): TillsyncError {
  return new TillsyncError('This run was ended while it was still working, because its lease ran out.', {
    code: 'lease_lost',
    step: 'sync',
    retry: 'later',
    hint: 'Sync again; if it happens often, raise TILLSYNC_LEASE_SECONDS.',
  });
}
