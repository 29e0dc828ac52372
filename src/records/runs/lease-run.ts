// Who works on a run: claiming it with a fencing token, and the heartbeat that keeps the lease (database time).
import { randomUUID } from 'node:crypto';
import type { Queryable } from '../../db/database.ts';

export interface Claim {
  runId: string;
  sourceId: string;
  /** The fencing token that the run's last write must carry. */
  leaseToken: string;
  /** When it was asked for, by performance.now(): the lease ends no earlier than a lease after that. */
  askedAt: number;
}

/** Takes a queued run; null when another worker has it, or it ended meanwhile. */
export async function claimRun(
  queryable: Queryable,
  of: { runId: string; sourceId: string; worker: string; leaseSeconds: number },
): Promise<Claim | null> {
  const leaseToken = randomUUID();
  const askedAt = performance.now();
  const { rowCount } = await queryable.query(
    `update integration_sync_history
        set status = 'in_progress', phase = 'fetch', started_at = now(), worker = $2, lease_token = $3,
            lease_expires_at = now() + make_interval(secs => $4)
      where wand_source_id = $5 and id = $1 and status = 'queued'`,
    [of.runId, of.worker, leaseToken, of.leaseSeconds, of.sourceId],
  );
  return rowCount === 1 ? { runId: of.runId, sourceId: of.sourceId, leaseToken, askedAt } : null;
}

/** Prolongs the lease and tells the phase; false when the lease is lost (the run was ended by the sweep). */
export async function renewLease(
  queryable: Queryable,
  claim: Claim,
  state: { leaseSeconds: number; phase: string; progress: object },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `update integration_sync_history
        set lease_expires_at = now() + make_interval(secs => $3), phase = $4, progress = $5
      where wand_source_id = $6 and id = $1 and lease_token = $2 and status = 'in_progress'`,
    [claim.runId, claim.leaseToken, state.leaseSeconds, state.phase, JSON.stringify(state.progress), claim.sourceId],
  );
  return rowCount === 1;
}

/** Notes when the fetch began (database time), which decides later whether it is stale. */
export async function markFetchStarted(queryable: Queryable, claim: Claim): Promise<void> {
  await queryable.query(
    `update integration_sync_history set fetch_started_at = clock_timestamp() where wand_source_id = $3 and id = $1 and lease_token = $2`,
    [claim.runId, claim.leaseToken, claim.sourceId],
  );
}

/** Hands the fetch time of a held run on to the run that applies its plan. */
export async function adoptFetchTime(queryable: Queryable, claim: Claim, fromRunId: string): Promise<void> {
  await queryable.query(
    `update integration_sync_history h set fetch_started_at = o.fetch_started_at
       from integration_sync_history o where h.wand_source_id = $4 and h.id = $1 and h.lease_token = $2 and o.wand_source_id = $4 and o.id = $3`,
    [claim.runId, claim.leaseToken, fromRunId, claim.sourceId],
  );
}
