// A worker: takes runs from the queue, works on a few at once, and keeps the house meanwhile. Any number may run.
import { TillsyncError } from '../errors.ts';
import { openQueue, type Queue, type RunJob, type Taken } from '../queue/open-queue.ts';
import { beatWorker, removeWorker } from '../records/owners/workers.ts';
import type { Deps } from '../sync/deps.ts';
import { runSync } from '../sync/run-sync.ts';
import { startChores } from './start-chores.ts';

export interface WorkerOptions {
  /** Runs at once. The pool needs two connections for each, and four more. */
  slots: number;
  /** Seconds that runs may go on after stop() before they are given back to the queue. */
  drainSeconds: number;
}

export interface Worker {
  /** Takes no more runs, waits for those under way, gives back what takes longer, and says that this worker is gone. */
  stop(): Promise<void>;
}

// Beside the look when a run ends. A request is taken within this time; an idle worker costs two short statements a second.
const pollMilliseconds = 500;

/** Starts a worker; it says that it lives before it takes anything. Throws what the database throws at the start. */
export async function startWorker(deps: Deps, options: WorkerOptions): Promise<Worker> {
  const { log } = deps;
  const onError = (error: unknown) => log.warn({ err: error }, 'the queue’s upkeep failed');
  const queue = await openQueue(deps.database, { tends: true, onError });
  const running = new Map<Promise<void>, AbortController>();
  let isStopping = false;
  let wake: () => void = () => undefined;

  await beatWorker(deps.database, { worker: deps.worker, slots: options.slots, version: deps.about.version });
  const chores = startChores(deps, { queue, slots: options.slots, onRequested: () => wake() });
  const pulling = pull();

  async function pull(): Promise<void> {
    while (!isStopping) {
      const free = options.slots - running.size;
      const taken = free > 0 ? await takeRuns(deps, queue, free) : [];
      for (const each of taken) begin(each);
      if (taken.length === free && free > 0) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollMilliseconds);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (isStopping) wake();
      });
    }
  }

  function begin(taken: Taken<RunJob>): void {
    const stop = new AbortController();
    const work = workOn(deps, taken, stop.signal).finally(() => {
      running.delete(work);
      wake();
    });
    running.set(work, stop);
  }

  return {
    async stop() {
      isStopping = true;
      wake();
      await pulling;
      const all = Promise.all(running.keys());
      const patience = setTimeout(() => {
        for (const controller of running.values()) controller.abort(workerStopped());
      }, options.drainSeconds * 1000);
      await all;
      clearTimeout(patience);
      await chores.stop();
      await queue.close();
      await removeWorker(deps.database, deps.worker).catch((error: unknown) =>
        log.warn({ err: error }, 'the worker could not be taken out; it counts as dead after its lease'),
      );
    },
  };
}

async function takeRuns(deps: Deps, queue: Queue, most: number): Promise<Taken<RunJob>[]> {
  try {
    return await queue.takeRuns(most);
  } catch (error) {
    // The database may be away for a while; the next look tries again.
    deps.log.error({ err: error }, 'the queue could not be read');
    return [];
  }
}

async function workOn(deps: Deps, taken: Taken<RunJob>, signal: AbortSignal): Promise<void> {
  const { runId } = taken.job;
  try {
    await runSync(deps, runId, { signal });
    await taken.done();
  } catch (error) {
    // Not even the end could be written: the sweep ends the run, and queues it again.
    deps.log.error({ run: runId, err: error }, 'a run broke off');
  }
}

/** Why a run is given back; it goes on as another one. */
function workerStopped(): TillsyncError {
  return new TillsyncError('The worker was stopped before this sync was done.', {
    code: 'worker_stopped',
    step: 'sync',
    retry: 'later',
    hint: 'Another run does it over; see it in `tillsync runs list`.',
  });
}
