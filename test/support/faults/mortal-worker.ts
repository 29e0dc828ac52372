// A worker within the test's process that can die: from then on none of its statements runs, and its heartbeat is silent.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from '../../../src/db/database.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { requestSync } from '../../../src/sync/request-sync.ts';
import { runSync } from '../../../src/sync/run-sync.ts';
import { openAgain } from '../database.ts';
import { nameOf, type Point, watchPoints } from './points.ts';
import { refused } from './refused.ts';

export interface Worked {
  /** The points that it came to, in order; at the last one it died, if it did. */
  met: Point[];
  isDead: boolean;
  /** The status that it returned, or 'thrown'. */
  outcome: string;
  runId: string;
}

// What a worker's statements meet, also those of its timers. Workers come and go over the same connections: what a dead one
// had open is rolled back, as it is when a process dies, and nothing else lasts beyond a transaction.
const seam = new AsyncLocalStorage<(statement: string) => Promise<void>>();
const pools = new Map<string, Promise<Database>>();

async function poolOf(url: string): Promise<Database> {
  const opened =
    pools.get(url) ?? openAgain(url, { max: 24, onStatement: (statement) => seam.getStore()?.(statement) });
  pools.set(url, opened);
  return await opened;
}

/** Syncs a config as a worker of its own, which dies where `isDeadly` says so; its lease then ends at once, as time would do it. */
export async function workUntil(
  deps: Deps & { url: string },
  { configId }: { configId: string },
  isDeadly: (point: Point) => boolean,
): Promise<Worked> {
  const met: Point[] = [];
  let isDead = false;
  const points = watchPoints((point) => {
    if (isDead) throw refused('this worker is dead');
    met.push(point);
    if (!isDeadly(point)) return;
    isDead = true;
    throw refused(`the worker dies at ${nameOf(point)}`);
  });
  const onStatement = async (statement: string) => {
    if (isDead) throw refused('this worker is dead');
    await points.onStatement(statement);
  };
  const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
  // An object of its own, as a process has: slots for saves, and what else is kept by database, are not those of a dead one.
  const database = { ...(await poolOf(deps.url)) };
  const own: Deps = { ...points.fetching(deps), database, worker: 'mortal', leaseSeconds: 60 };
  const outcome = await seam.run(onStatement, () =>
    runSync(own, run.id, { onProgress: points.onProgress }).then(
      (ended) => ended.status as string,
      () => 'thrown',
    ),
  );
  if (isDead) {
    await deps.database.query(
      `update integration_sync_history set lease_expires_at = now() - interval '1 second'
        where id = $1 and status in ('queued', 'in_progress')`,
      [run.id],
    );
  }
  return { met, isDead, outcome, runId: run.id };
}
