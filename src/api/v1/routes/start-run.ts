// Starts what a caller asked for: the one place that decides where a run of the API is worked.
import type { Run } from '../../../records/runs/run.ts';
import { type Approval, requestApproval } from '../../../sync/approve-run.ts';
import { requestSync } from '../../../sync/request-sync.ts';
import { runSync } from '../../../sync/run-sync.ts';
import type { ApiGiven } from '../api-given.ts';

export interface RunToStart {
  configId: string;
  requestedBy: string;
  dryRun: boolean;
  /** Compares every item, even where the POS answers just as it did last time. */
  compareAll: boolean;
}

/** Asks for a sync of a config and has it worked; the active run of its source where there is one. */
export async function startRun(given: ApiGiven, start: RunToStart): Promise<{ run: Run; alreadyActive: boolean }> {
  const { configId, requestedBy, dryRun, compareAll } = start;
  const made = await requestSync(given.deps, { configId, requestedBy, dryRun, trigger: 'api', mode: 'full' });
  if (!made.alreadyActive) workInBackground(given, made.run, { compareAll });
  return made;
}

/** Asks for the run that applies a waiting plan and has it worked. */
export async function startApproval(given: ApiGiven, approval: Approval): Promise<Run> {
  const run = await requestApproval(given.deps, approval);
  workInBackground(given, run, {});
  return run;
}

// In this process, which waits for it before it stops.
function workInBackground({ deps, options }: ApiGiven, run: Run, how: { compareAll?: boolean }): void {
  const { stopping, keepAlive } = options;
  const work = runSync(deps, run.id, { ...how, ...(stopping === undefined ? {} : { signal: stopping }) });
  const settled = work.catch((error: unknown) => deps.log.error({ run: run.id, err: error }, 'a run broke'));
  keepAlive?.(settled);
}
