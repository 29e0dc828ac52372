// Does a run over because somebody asks: retry asks the POS again, replay saves the answer that is stored.
import { inputError, TillsyncError } from '../../errors.ts';
import { getRun } from '../../records/runs/read-runs.ts';
import type { Run } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';
import { requestSync } from '../request-sync.ts';
import { findReplayable } from './replay-payload.ts';

export interface RedoRequest {
  runId: string;
  requestedBy: string;
  /** Plan only. Default: as the run that is done over. */
  dryRun?: boolean | undefined;
  /** Leaves the new run to a worker. Default: the caller works on it. */
  enqueue?: boolean;
}

const undone = new Set(['failed', 'interrupted', 'cancelled']);

/**
 * Makes a new run (trigger 'retry') for one that failed, was interrupted or cancelled, with its mode; or names the run
 * that is active for the source. Throws run_unknown, run_not_redoable, and what asking for a sync throws.
 */
export async function requestRetryOf(deps: Deps, request: RedoRequest): Promise<{ run: Run; alreadyActive: boolean }> {
  const over = await redoable(deps, request.runId);
  if (!undone.has(over.status)) {
    throw notRedoable(
      `Run ${over.id} is ${over.status}; only a failed, interrupted or cancelled run is tried again.`,
      'Sync its config again with `tillsync sync`, or save its stored answer anew with `tillsync runs replay`.',
    );
  }
  if (over.trigger === 'save' || over.trigger === 'replay' || over.applies_run_id !== null) {
    throw notRedoable(
      `Run ${over.id} asked no POS: ${over.applies_run_id === null ? 'its items were brought' : 'it applied a plan'}.`,
      over.applies_run_id === null
        ? `Save what it was brought anew with \`tillsync runs replay ${over.id}\`.`
        : `Approve the plan again with \`tillsync runs approve ${over.applies_run_id}\`.`,
    );
  }
  return await requestSync(deps, {
    configId: over.config_id,
    trigger: 'retry',
    requestedBy: request.requestedBy,
    mode: over.mode,
    dryRun: request.dryRun ?? over.dry_run,
    compareAll: over.compare_all,
    retryOf: { runId: over.id, attempt: 1 },
    enqueue: request.enqueue ?? false,
  });
}

/**
 * Makes a new run (trigger 'replay') that saves the stored answer of a run with today's mapping and settings, through plan
 * and guard as any run, without asking the POS. Throws run_unknown, run_not_redoable, payload_gone, replay_of_changes,
 * config_changed, and what asking for a sync throws.
 */
export async function requestReplayOf(deps: Deps, request: RedoRequest): Promise<{ run: Run; alreadyActive: boolean }> {
  const over = await redoable(deps, request.runId);
  if (over.status === 'queued' || over.status === 'in_progress') {
    throw notRedoable(`Run ${over.id} is not over yet.`, `Follow it with \`tillsync runs logs ${over.id} --follow\`.`);
  }
  await findReplayable(deps.database, { sourceId: over.source_id, runId: over.id });
  return await requestSync(deps, {
    configId: over.config_id,
    trigger: 'replay',
    requestedBy: request.requestedBy,
    mode: over.mode,
    dryRun: request.dryRun ?? false,
    retryOf: { runId: over.id, attempt: 1 },
    enqueue: request.enqueue ?? false,
  });
}

async function redoable(deps: Deps, runId: string): Promise<Run & { config_id: string; source_id: string }> {
  const run = await getRun(deps.database, runId);
  if (run === null) {
    throw inputError('run_unknown', `No run has the id ${runId}.`, 'List them with `tillsync runs list`.');
  }
  const { config_id, source_id } = run;
  if (config_id !== null && source_id !== null) return { ...run, config_id, source_id };
  throw notRedoable(
    `Run ${run.id} is of no single source${run.is_parent ? ': it asked for several' : ''}.`,
    run.is_parent ? `Look at its children: tillsync runs list --parent ${run.id}` : 'Sync the config again.',
  );
}

function notRedoable(message: string, hint: string): TillsyncError {
  return new TillsyncError(message, {
    code: 'run_not_redoable',
    step: 'validation',
    effect: 'Nothing was started.',
    hint,
    status: 409,
    exitCode: 2,
  });
}
