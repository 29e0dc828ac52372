// Lets a worker process sync a source of two catalogs until it stands still at a point.
import type { Deps } from '../../../src/sync/deps.ts';
import type { TwoCatalogs } from '../../faults/two-catalogs.ts';
import { readStored } from '../stored-rows.ts';
import { until } from '../until.ts';
import type { Death } from './after-death.ts';
import { forgetRemovedOf } from './forget-removed-of.ts';
import { nameOf, type Point } from './points.ts';
import type { WorkerProcess } from './start-worker-process.ts';

/**
 * With a lease of a second. One of the two catalogs does not bring a run to every point: then the other one does. On a
 * machine that is busy a run may lose its lease before it comes there: then it goes again.
 */
export async function stopAt(
  { database }: Pick<Deps, 'database'>,
  { worker, source, point }: { worker: WorkerProcess; source: TwoCatalogs; point: Point },
): Promise<Death> {
  await forgetRemovedOf(database, source.sourceId);
  for (let turn = 0; turn < 6; turn++) {
    const before = await readStored(database, source.sourceId);
    const after = source.turn();
    worker.order({ configId: source.configId, point, leaseSeconds: 1 });
    const report = await worker.report();
    if (report.is === 'stopped') {
      // It says so just before it stops: a SIGCONT that came in between would be lost, and it would stand for ever.
      await until('the worker stands', () => worker.isStanding());
      return { name: nameOf(point), source, runId: report.runId, before, after };
    }
    if (report.is === 'ended' && !['success', 'partial'].includes(report.status)) source.turn();
  }
  throw new Error(`no run came to ${nameOf(point)}`);
}
