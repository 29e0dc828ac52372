// The sweep: no run stays unfinished without an owner. Any process may do it, at any time, beside any other.
import { interruptExpiredRuns } from '../../records/owners/interrupt-runs.ts';
import { claimUntoldRuns } from '../../records/owners/untold-runs.ts';
import { settleParents } from '../../records/runs/parent-runs.ts';
import type { Deps } from '../deps.ts';

// A queued run of which the queue was told longer ago is told again: where its job still waits, that is no second one. Not sooner,
// since each telling rewrites the run: ten thousand that wait are some 170 rows a second.
const toldSeconds = 60;
const mostAtOnce = 1000;

/** Ends all runs whose worker is gone (lease over, database time), and parents whose children are over; returns how many runs. */
export async function sweepRuns(deps: Pick<Deps, 'database'>): Promise<number> {
  const ended = await interruptExpiredRuns(deps.database);
  await settleParents(deps.database);
  return ended;
}

/** Tells the queue of queued runs whose job was lost, oldest first, all of them; returns of how many. */
export async function tellUntoldRuns(deps: Pick<Deps, 'database' | 'queue'>): Promise<number> {
  for (let all = 0; ; ) {
    const told = await deps.database.transaction(
      async (connection) => {
        const runIds = await claimUntoldRuns(connection, { seconds: toldSeconds, most: mostAtOnce });
        if (runIds.length > 0) await (await deps.queue()).tellRuns(connection, runIds);
        return runIds.length;
      },
      { isShort: true },
    );
    all += told;
    if (told < mostAtOnce) return all;
  }
}
