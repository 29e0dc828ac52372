// Waits for a run that somebody else works on.
import { setTimeout as wait } from 'node:timers/promises';
import { isSomeWorkerAlive } from '../records/owners/workers.ts';
import { getRun } from '../records/runs/read-runs.ts';
import type { Run } from '../records/runs/run.ts';
import type { Deps } from './deps.ts';
import { runSync } from './run-sync.ts';
import { sweepRuns } from './upkeep/sweep-runs.ts';

const pollMilliseconds = 250;

export interface FollowOptions {
  signal?: AbortSignal;
  /** Gives up waiting (not the run) after so many milliseconds; default: waits for its end. */
  timeoutMs?: number;
  onProgress?: (run: Run) => void;
  /** Works the run here when it is queued and no worker lives any more that would take it; told before. Default: waits. */
  takeOver?: { onTake(run: Run): void };
}

/** The run at its end, or as it stands when the time is over. A run whose worker died is ended on the way. */
export async function followRun(deps: Deps, runId: string, options: FollowOptions = {}): Promise<Run> {
  const until = options.timeoutMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + options.timeoutMs;
  for (;;) {
    await sweepRuns(deps);
    const run = await getRun(deps.database, runId);
    if (run === null) throw new Error(`run ${runId} is gone`);
    const active = run.status === 'queued' || run.status === 'in_progress';
    if (!active || performance.now() >= until) return run;
    options.onProgress?.(run);
    const { takeOver, signal } = options;
    if (takeOver && run.status === 'queued' && !(await isSomeWorkerAlive(deps.database, deps.leaseSeconds))) {
      takeOver.onTake(run);
      // Who was quicker has it: then it is followed on.
      const worked = await runSync(deps, runId, signal ? { signal } : {});
      if (worked.status !== 'queued' && worked.status !== 'in_progress') return worked;
    }
    await wait(pollMilliseconds, undefined, signal ? { signal } : {});
  }
}
