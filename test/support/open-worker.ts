// A worker in this process for tests, over a pool of its own; stopped after the test file.

import { queueOf } from '../../src/queue/queue-of.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { startWorker, type Worker, type WorkerOptions } from '../../src/worker/start-worker.ts';
import { afterFile } from './after-file.ts';
import { openAgain } from './database.ts';

const opened: { stop(): Promise<void> }[] = [];

afterFile(async () => {
  for (const each of opened.splice(0).reverse()) await each.stop();
});

/** Another process's view of the engine: its own pool, queue and name. */
export async function beside(deps: Deps & { url: string }, overrides: Partial<Deps> = {}): Promise<Deps> {
  const database = await openAgain(deps.url, { max: 10 });
  const { queue, close } = queueOf(database);
  opened.push({ stop: close });
  return { ...deps, database, queue, worker: `beside:${opened.length}`, ...overrides };
}

/** Starts a worker on its own pool. */
export async function openWorker(
  deps: Deps & { url: string },
  options: Partial<WorkerOptions> & { deps?: Partial<Deps> } = {},
): Promise<Worker> {
  const { deps: overrides, ...rest } = options;
  const worker = await startWorker(await beside(deps, overrides), { slots: 2, drainSeconds: 5, ...rest });
  let stopping: Promise<void> | undefined;
  const once = { stop: () => (stopping ??= worker.stop()) };
  opened.push(once);
  return once;
}
