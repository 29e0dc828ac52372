// A worker process that is stopped (SIGSTOP) for longer than its lease, inside COPY too, and wakes up when others have gone on.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getRun } from '../../../src/records/runs/read-runs.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { openEngine, syncNow } from '../../support/engine.ts';
import { endOf, healed } from '../../support/faults/after-death.ts';
import { atOnce } from '../../support/faults/at-once.ts';
import { checkHistory } from '../../support/faults/check-history.ts';
import { insideCopy, spreadPoints } from '../../support/faults/choose-points.ts';
import type { Point } from '../../support/faults/points.ts';
import { printCount, slowMachine } from '../../support/faults/print-count.ts';
import { startWorkerProcess, type WorkerProcess } from '../../support/faults/start-worker-process.ts';
import { stopAt } from '../../support/faults/stop-at.ts';
import { readStored } from '../../support/stored-rows.ts';
import { openTwoCatalogs, type TwoCatalogs } from '../two-catalogs.ts';

const width = 3;
let deps: Deps & { url: string };
const sources: TwoCatalogs[] = [];
beforeAll(async () => {
  deps = await openEngine();
  for (let n = 0; n < width; n++) sources.push(await openTwoCatalogs(deps));
});
afterAll(() => Promise.all(sources.map(({ pos }) => pos.stop())));

it(
  'F57: stopped past its lease and woken up, commits nothing over what the next one saved',
  async () => {
    // Behind the commit nothing is late any more.
    const run = (await spreadPoints(deps, sources[0] as TwoCatalogs, 24)).slice(0, -1);
    const points = [...insideCopy, ...insideCopy, ...run];
    const told = new Map<string, number>();
    const round = async (point: Point, { worker, source }: { worker: WorkerProcess; source: TwoCatalogs }) => {
      const late = await stopAt(deps, { worker, source, point });
      expect([late.name, await endOf(deps, late)]).toEqual([late.name, 'interrupted']);
      await healed(deps, late);
      const saved = await readStored(deps.database, source.sourceId);
      worker.signal('SIGCONT');
      const report = await worker.report();
      expect([late.name, report.is]).toEqual([late.name, 'ended']);
      const end = report.is === 'ended' ? report.status : '';
      told.set(end, (told.get(end) ?? 0) + 1);
      // What it says of itself, when it says anything, is what history says.
      expect([late.name, ['interrupted', 'thrown'].includes(end)]).toEqual([late.name, true]);
      expect([late.name, (await getRun(deps.database, late.runId))?.status]).toEqual([late.name, 'interrupted']);
      expect([late.name, await readStored(deps.database, source.sourceId)]).toEqual([late.name, saved]);
      const again = await syncNow(deps, source.configId);
      const changed = Object.values(again.counts ?? {}).map((of) => of.created + of.updated + of.removed + of.restored);
      expect([late.name, again.error, changed]).toEqual([late.name, null, [0, 0, 0]]);
    };
    await atOnce(width, sources, async (source, lane) => {
      const worker = await startWorkerProcess(deps.url);
      for (const point of points.filter((_point, n) => n % width === lane)) await round(point, { worker, source });
      await worker.kill();
    });
    expect(await checkHistory(deps.database)).toEqual([]);
    expect(points.length).toBeGreaterThanOrEqual(20);
    printCount('stopped past the lease', {
      stops: points.length,
      'inside COPY': 2 * insideCopy.length,
      ...Object.fromEntries(told),
    });
  },
  slowMachine,
);
