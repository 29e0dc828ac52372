// Held runs: reading what a run would apply, and resolving a hold (approved, discarded, superseded).
import type { Queryable } from '../../db/database.ts';
import { isUuid } from '../row-values.ts';
import type { Reads } from './run.ts';

export interface Applicable {
  runId: string;
  sourceId: string;
  configId: string;
  status: string;
  mode: 'merge' | 'full';
  /** null = the payload does not claim to be a whole catalog. */
  complete: boolean | null;
  /** null = nothing was fetched. */
  reads: Reads | null;
  /** Hex digest of the plan; null when the run never made one. */
  digest: string | null;
  holdOpen: boolean;
  resolution: string | null;
  resolvedByRunId: string | null;
}

/** What a run planned, if there is such a run. */
export async function readApplicable(queryable: Queryable, runId: string): Promise<Applicable | null> {
  if (!isUuid(runId)) return null;
  const { rows } = await queryable.query<{
    id: string;
    wand_source_id: string;
    source_config_id: string;
    status: string;
    mode: 'merge' | 'full';
    complete: boolean | null;
    reads: Reads | null;
    digest: string | null;
    hold_open: boolean;
    resolution: string | null;
    resolved_by_run: string | null;
  }>(
    `select id, wand_source_id, source_config_id, status, mode, complete, reads, encode(plan_digest, 'hex') as digest, hold_open,
            hold ->> 'resolution' as resolution, hold ->> 'resolved_by_run' as resolved_by_run
       from integration_sync_history where id = $1`,
    [runId],
  );
  const row = rows[0];
  if (!row) return null;
  return {
    runId: row.id,
    sourceId: row.wand_source_id,
    configId: row.source_config_id,
    status: row.status,
    mode: row.mode,
    complete: row.complete,
    reads: row.reads,
    digest: row.digest,
    holdOpen: row.hold_open,
    resolution: row.resolution,
    resolvedByRunId: row.resolved_by_run,
  };
}

/** Closes the hold of one run; false when it was closed already. */
export async function resolveHold(
  queryable: Queryable,
  of: { runId: string; resolution: 'approved' | 'discarded'; requestedBy: string; byRunId: string | null },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `update integration_sync_history
        set hold_open = false,
            hold = coalesce(hold, '{"rules": []}') || jsonb_build_object('resolution', $2::text, 'resolved_by', $3::text,
                     'resolved_by_run', $4::text, 'resolved_at', now())
      where id = $1 and (hold_open or status = 'planned') and hold ->> 'resolution' is null`,
    [of.runId, of.resolution, of.requestedBy, of.byRunId],
  );
  return rowCount === 1;
}

/**
 * Closes every other plan of the source that waits, held or planned: by a newer complete fetch, by the plan that was
 * approved, or (byRunId null) because the source now stands for another catalog. Returns whether a held run was among them.
 */
export async function supersedeWaiting(
  queryable: Queryable,
  of: { sourceId: string; byRunId: string | null },
): Promise<boolean> {
  // The same words as in the partial index integration_sync_history_waiting, which holds only these rows.
  const { rows } = await queryable.query<{ held: boolean }>(
    `update integration_sync_history
        set hold_open = false,
            hold = coalesce(hold, '{"rules": []}') || jsonb_build_object('resolution', 'superseded',
                     'resolved_by_run', $2::text, 'resolved_at', now())
      where wand_source_id = $1 and (hold_open or (status = 'planned' and (hold ->> 'resolution') is null))
        and id is distinct from $2::uuid
      returning status = 'held' as held`,
    [of.sourceId, of.byRunId],
  );
  return rows.some(({ held }) => held);
}
