// Decides on a plan that waits: approve applies exactly that plan or says stale, discard closes it.
import { inputError, TillsyncError } from '../errors.ts';
import { appendAudit } from '../records/audit/append-audit.ts';
import { type Applicable, readApplicable, resolveHold } from '../records/runs/holds.ts';
import { getRun } from '../records/runs/read-runs.ts';
import type { Run } from '../records/runs/run.ts';
import type { Deps } from './deps.ts';
import { requestSync } from './request-sync.ts';
import type { LeaseOptions } from './run/keep-lease.ts';
import { planStale } from './run/refusals.ts';
import { runSync } from './run-sync.ts';

export interface Approval {
  runId: string;
  requestedBy: string;
  /** How many changes the approver saw (created + updated + removed + restored); another number is refused. */
  confirm?: number | undefined;
  /** Leaves the new run to a worker. Default: the caller works on it. */
  enqueue?: boolean;
}

/**
 * Applies the plan of a held or dry run: a new run (trigger 'approve') over the stored payload, which commits only if its
 * plan has the same digest. Throws run_unknown, run_not_waiting, plan_stale, confirm_mismatch, sync_running; returns the
 * new run at its end.
 */
export async function approveRun(deps: Deps, request: Omit<Approval, 'enqueue'> & LeaseOptions): Promise<Run> {
  const run = await requestApproval(deps, request);
  return await runSync(deps, run.id, request);
}

/** Makes the run that applies a plan, for runSync(). Throws as approveRun does. */
export async function requestApproval(deps: Deps, request: Approval): Promise<Run> {
  const waiting = await waitingRun(deps, request.runId);
  if (request.confirm !== undefined) await refuseOtherCount(deps, request.runId, request.confirm);
  const { run, alreadyActive } = await requestSync(deps, {
    configId: waiting.configId,
    trigger: 'approve',
    requestedBy: request.requestedBy,
    mode: waiting.mode,
    appliesRunId: waiting.runId,
    enqueue: request.enqueue ?? false,
  });
  if (alreadyActive) throw syncRunning(run);
  return run;
}

// Whoever approves says what he saw: a plan that was taken for another one is not applied.
async function refuseOtherCount(deps: Deps, runId: string, confirm: number): Promise<void> {
  const planned = Object.values((await getRun(deps.database, runId))?.counts ?? {});
  const changes = planned.reduce((sum, kind) => sum + kind.created + kind.updated + kind.removed + kind.restored, 0);
  if (confirm === changes) return;
  const removed = planned.reduce((sum, kind) => sum + kind.removed, 0);
  throw new TillsyncError(
    `The plan of run ${runId} makes ${changes} changes (${removed} of them removals), not ${confirm}.`,
    {
      code: 'confirm_mismatch',
      step: 'validation',
      effect: 'Nothing was written; the plan still waits.',
      hint: `Look at it with \`tillsync diff ${runId}\`, then confirm ${changes}.`,
      status: 409,
      exitCode: 2,
      facts: { run: runId, changes },
    },
  );
}

/** Closes a held or planned run without writing an item. Throws run_unknown, run_not_waiting, plan_stale. */
export async function discardRun(deps: Deps, request: { runId: string; requestedBy: string }): Promise<Run> {
  const waiting = await waitingRun(deps, request.runId);
  const { runId, requestedBy } = request;
  const closed = await deps.database.transaction(async (q) => {
    const isClosed = await resolveHold(q, { runId, resolution: 'discarded', requestedBy, byRunId: null });
    if (isClosed) {
      const found = await getRun(q, runId);
      await appendAudit(q, {
        action: 'run.discarded',
        actor: requestedBy,
        subject: { type: 'run', id: runId, name: found?.source_name ?? null },
        place: { sourceId: waiting.sourceId, siteId: found?.site_id ?? null },
        before: { status: waiting.status },
      });
    }
    return isClosed;
  });
  // Somebody decided meanwhile: say what.
  if (!closed) throw planStale((await readApplicable(deps.database, runId)) ?? waiting);
  const run = await getRun(deps.database, runId);
  if (run === null) throw runUnknown(runId);
  return run;
}

async function waitingRun(deps: Deps, runId: string): Promise<Applicable> {
  const found = await readApplicable(deps.database, runId);
  if (found === null) throw runUnknown(runId);
  if (found.resolution !== null) throw planStale(found);
  if (found.status !== 'held' && found.status !== 'planned') {
    throw inputError(
      'run_not_waiting',
      `Run ${runId} is ${found.status}; only a held or planned run can be approved or discarded.`,
      'List waiting runs with `tillsync runs list --status held`.',
    );
  }
  return found;
}

function runUnknown(runId: string): TillsyncError {
  return inputError('run_unknown', `No run has the id ${runId}.`, 'List them with `tillsync runs list`.');
}

/** The answer when the source is being synced already. */
export function syncRunning(run: Run): TillsyncError {
  return new TillsyncError(`A sync of this source is already running (run ${run.id}).`, {
    code: 'sync_running',
    step: 'sync',
    retry: 'later',
    effect: 'Nothing was started.',
    hint: 'Wait for it to end, then try again.',
    status: 409,
    exitCode: 5,
    facts: { run: run.id },
  });
}
