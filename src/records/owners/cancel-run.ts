// A wish to cancel: a run that nobody works on is over at once, one that is worked on is told to its worker.
import type { Queryable } from '../../db/database.ts';
import type { ErrorRecord } from '../../errors.ts';
import type { Claim } from '../runs/lease-run.ts';

export interface CancelRequest {
  runId: string;
  requestedBy: string;
  /** What stands in history as the reason. */
  error: ErrorRecord;
}

/**
 * Ends a queued run as cancelled, and writes the wish on one in progress and on unfinished children of a parent. Returns
 * false when the run was over already. In one statement, so that no worker takes the run in between.
 */
export async function requestCancel(queryable: Queryable, of: CancelRequest): Promise<boolean> {
  const { rows } = await queryable.query<{ met: number }>(
    `with wanted as (
       select id, status from integration_sync_history
        where (id = $1 or parent_id = $1) and status in ('queued', 'in_progress') for update),
     met as (
       update integration_sync_history h
          set cancel_requested_at = coalesce(h.cancel_requested_at, now()),
              cancel_requested_by = coalesce(h.cancel_requested_by, $2),
              status = case when h.status = 'queued' then 'cancelled' else h.status end,
              completed_at = case when h.status = 'queued' then clock_timestamp() else h.completed_at end,
              error_message = case when h.status = 'queued' then $3 else h.error_message end,
              error = case when h.status = 'queued' then $4::jsonb else h.error end,
              lease_expires_at = case when h.status = 'queued' then null else h.lease_expires_at end
         from wanted w where h.id = w.id
       returning h.source_config_id, w.status, h.dry_run),
     counted as (
       update integration_source_configs c
          set sync_count = c.sync_count + 1,
              last_sync_status = case when met.dry_run then c.last_sync_status else 'cancelled' end
         from met where c.id = met.source_config_id and met.status = 'queued')
     select count(*)::int as met from met`,
    [of.runId, of.requestedBy, of.error.message, JSON.stringify(of.error)],
  );
  return (rows[0]?.met ?? 0) > 0;
}

/** Who asked to cancel the run; null when nobody did, or when the claim is no longer the run's. */
export async function readCancelRequest(queryable: Queryable, claim: Claim): Promise<string | null> {
  const { rows } = await queryable.query<{ by: string | null }>(
    `select cancel_requested_by as by from integration_sync_history
      where wand_source_id = $1 and id = $2 and lease_token = $3 and cancel_requested_at is not null`,
    [claim.sourceId, claim.runId, claim.leaseToken],
  );
  return rows[0]?.by ?? null;
}
