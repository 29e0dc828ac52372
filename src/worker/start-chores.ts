// What a worker does beside its runs: says that it lives, sweeps, and asks for syncs whose time has come.
import type { Queue } from '../queue/open-queue.ts';
import { beatWorker } from '../records/owners/workers.ts';
import type { Deps } from '../sync/deps.ts';
import { requestHinted } from '../sync/hooks/request-hinted.ts';
import { requestDue } from '../sync/schedule/request-due.ts';
import { applyRetention, retentionEveryMs } from '../sync/upkeep/apply-retention.ts';
import { requestRetry } from '../sync/upkeep/request-retry.ts';
import { sweepRuns, tellUntoldRuns } from '../sync/upkeep/sweep-runs.ts';

export interface ChoresOptions {
  queue: Queue;
  slots: number;
  /** Told when runs were queued, so that the worker looks at once. */
  onRequested: () => void;
}

interface Chore {
  name: string;
  everyMilliseconds: number;
  work(stopping: AbortSignal): Promise<unknown>;
}

/** Starts them all; each is done alone, and a failure is logged and tried again at its next turn. */
export function startChores(deps: Deps, options: ChoresOptions): { stop(): Promise<void> } {
  const perLease = (deps.leaseSeconds * 1000) / 3;
  const chores: Chore[] = [
    {
      name: 'saying that it lives',
      everyMilliseconds: perLease,
      work: () => beatWorker(deps.database, { worker: deps.worker, slots: options.slots, version: deps.about.version }),
    },
    { name: 'the sweep', everyMilliseconds: perLease, work: () => sweep(deps, options) },
    { name: 'retries', everyMilliseconds: 2000, work: () => requestRetries(deps, options) },
    { name: 'retention', everyMilliseconds: retentionEveryMs, work: (signal) => applyRetention(deps, signal) },
    { name: 'webhooks', everyMilliseconds: 1000, work: () => requestFromHooks(deps, options) },
    { name: 'schedules', everyMilliseconds: 2000, work: (signal) => requestScheduled(deps, options, signal) },
  ];
  const stopping = new AbortController();
  const turns = chores.map((chore) => repeat(deps, chore, stopping.signal));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(turns);
    },
  };
}

async function repeat(deps: Deps, chore: Chore, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      await chore.work(stopping);
    } catch (error) {
      // The database may be away for a while; the next turn tries again.
      deps.log.error({ err: error }, `${chore.name} failed`);
    }
    await pause(chore.everyMilliseconds, stopping);
  }
}

function pause(milliseconds: number, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stopping.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    stopping.addEventListener('abort', done);
    if (stopping.aborted) done();
  });
}

async function sweep(deps: Deps, { onRequested }: ChoresOptions): Promise<void> {
  const ended = await sweepRuns(deps);
  if (ended > 0) deps.log.warn({ ended }, 'runs of dead processes were ended');
  if ((await tellUntoldRuns(deps)) > 0) onRequested();
}

async function requestScheduled(deps: Deps, { onRequested }: ChoresOptions, signal: AbortSignal): Promise<void> {
  const { requested } = await requestDue(deps, { signal });
  if (requested > 0) onRequested();
}

const mostHints = 100;

async function requestFromHooks(deps: Deps, { onRequested }: ChoresOptions): Promise<void> {
  if ((await requestHinted(deps, { limit: mostHints })).length > 0) onRequested();
}

const mostRetries = 50;

async function requestRetries(deps: Deps, { queue, onRequested }: ChoresOptions): Promise<void> {
  const taken = await queue.takeLater(mostRetries);
  for (const { job, done } of taken) {
    await requestRetry(deps, job);
    await done();
  }
  if (taken.length > 0) onRequested();
}
