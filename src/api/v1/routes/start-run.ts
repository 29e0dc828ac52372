// Starts what a caller asked for: the one place that decides where a run of the API is worked. A worker takes it.
import type { Run } from '../../../records/runs/run.ts';
import { type Approval, requestApproval } from '../../../sync/approve-run.ts';
import type { Deps } from '../../../sync/deps.ts';
import { requestSync } from '../../../sync/request-sync.ts';
import { type RedoRequest, requestReplayOf, requestRetryOf } from '../../../sync/requests/redo-run.ts';
import { type FanOutRequest, requestFanOut } from '../../../sync/requests/request-fan-out.ts';

export interface RunToStart {
  configId: string;
  requestedBy: string;
  /** manual = a person pressed Sync now, api = a program asked. */
  trigger: 'manual' | 'api';
  dryRun: boolean;
  /** Compares every item, even where the POS answers just as it did last time. */
  compareAll: boolean;
}

/** Asks for a sync of a config; the active run of its source where there is one. */
export async function startRun(deps: Deps, start: RunToStart): Promise<{ run: Run; alreadyActive: boolean }> {
  return await requestSync(deps, { ...start, mode: 'full', enqueue: true });
}

/** Asks for every source below a concept or company; the parent run. */
export async function startFanOut(deps: Deps, of: FanOutRequest & Pick<RunToStart, 'trigger'>): Promise<Run> {
  return await requestFanOut(deps, of);
}

/** Asks for the run that applies a waiting plan. */
export async function startApproval(deps: Deps, approval: Approval): Promise<Run> {
  return await requestApproval(deps, { ...approval, enqueue: true });
}

/** Asks for a run that does another one over: with a new answer of the POS, or with the stored one. */
export async function startRedo(
  deps: Deps,
  { how, ...redo }: RedoRequest & { how: 'retry' | 'replay' },
): Promise<{ run: Run; alreadyActive: boolean }> {
  const request = how === 'retry' ? requestRetryOf : requestReplayOf;
  return await request(deps, { ...redo, enqueue: true });
}
