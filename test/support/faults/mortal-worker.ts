// A worker within the test's process that can die: from then on none of its statements runs, and its heartbeat is silent.
import type { Deps } from '../../../src/sync/deps.ts';
import { requestSync } from '../../../src/sync/request-sync.ts';
import { runSync } from '../../../src/sync/run-sync.ts';
import { openAgain } from '../database.ts';
import { nameOf, type Point, watchPoints } from './points.ts';

export interface Worked {
  /** The points that it came to, in order; at the last one it died, if it did. */
  met: Point[];
  isDead: boolean;
  /** The status that it returned, or 'thrown'. */
  outcome: string;
  runId: string;
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
    if (isDead) throw new Error('this worker is dead');
    met.push(point);
    if (!isDeadly(point)) return;
    isDead = true;
    throw new Error(`the worker dies at ${nameOf(point)}`);
  });
  let isOpen = false;
  const database = await openAgain(deps.url, {
    max: 4,
    onStatement: async (statement) => {
      if (isDead) throw new Error('this worker is dead');
      if (isOpen) await points.onStatement(statement);
    },
  });
  const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
  isOpen = true;
  const own: Deps = { ...points.fetching(deps), database, worker: 'mortal', leaseSeconds: 60 };
  const outcome = await runSync(own, run.id, { onProgress: points.onProgress }).then(
    (ended) => ended.status as string,
    () => 'thrown',
  );
  await database.close();
  if (isDead) {
    await deps.database.query(
      `update integration_sync_history set lease_expires_at = now() - interval '1 second'
        where id = $1 and status in ('queued', 'in_progress')`,
      [run.id],
    );
  }
  return { met, isDead, outcome, runId: run.id };
}
