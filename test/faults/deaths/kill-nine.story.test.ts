// A worker process that is killed (-9) where it has stopped itself, at many named points of a run, inside COPY too.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getRun } from '../../../src/records/runs/read-runs.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { openEngine } from '../../support/engine.ts';
import { endOf, healed } from '../../support/faults/after-death.ts';
import { atOnce } from '../../support/faults/at-once.ts';
import { checkHistory } from '../../support/faults/check-history.ts';
import { insideCopy, spreadPoints } from '../../support/faults/choose-points.ts';
import { printCount, slowMachine } from '../../support/faults/print-count.ts';
import { startWorkerProcess } from '../../support/faults/start-worker-process.ts';
import { stopAt } from '../../support/faults/stop-at.ts';
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
  'F55: killed where it stands, leaves a run that is interrupted, whole tables, and a source that syncs again',
  async () => {
    const points = [...insideCopy, ...(await spreadPoints(deps, sources[0] as TwoCatalogs, 30))];
    const free = [...sources];
    const ends = new Map<string, number>();
    await atOnce(width, points, async (point) => {
      const source = free.pop() as TwoCatalogs;
      const worker = await startWorkerProcess(deps.url);
      const death = await stopAt(deps, { worker, source, point });
      await worker.kill();
      expect((await getRun(deps.database, death.runId))?.status).not.toBe('failed');
      const end = await endOf(deps, death);
      ends.set(end, (ends.get(end) ?? 0) + 1);
      await healed(deps, death);
      free.push(source);
    });
    expect(await checkHistory(deps.database)).toEqual([]);
    expect(points.length).toBeGreaterThanOrEqual(30);
    printCount('deaths by kill -9', { points: points.length, ...Object.fromEntries(ends) });
  },
  slowMachine,
);
