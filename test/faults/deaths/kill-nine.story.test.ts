// A worker process that is killed (-9) where it has stopped itself, at many named points of a run, inside COPY too.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getRun } from '../../../src/records/runs/read-runs.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { openEngine } from '../../support/engine.ts';
import { type Death, endOf, healed } from '../../support/faults/after-death.ts';
import { atOnce } from '../../support/faults/at-once.ts';
import { forgetRemovedOf } from '../../support/faults/forget-removed-of.ts';
import { workUntil } from '../../support/faults/mortal-worker.ts';
import { nameOf, type Point } from '../../support/faults/points.ts';
import { printCount } from '../../support/faults/print-count.ts';
import { startWorkerProcess, type WorkerProcess } from '../../support/faults/start-worker-process.ts';
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

const insideCopy = ['rejected_items', 'duplicate_items', 'products', 'item_changes'].map((table) => ({
  name: `inside copy integration_${table}`,
  nth: 1,
}));

/** All the places inside COPY, and places spread over the whole run. */
async function choosePoints(): Promise<Point[]> {
  const source = sources[0] as TwoCatalogs;
  source.turn();
  const { met } = await workUntil(deps, source, () => false);
  const spread = Array.from({ length: 30 }, (_, n) => met[Math.floor((n * met.length) / 30)] as Point);
  return [...insideCopy, ...spread];
}

/** Lets the worker sync until it stands at the point. One of the two catalogs does not bring it to every one. */
async function stopAt(worker: WorkerProcess, source: TwoCatalogs, point: Point): Promise<Death> {
  for (let turn = 0; turn < 2; turn++) {
    const before = await readStored(deps.database, source.sourceId);
    const after = source.turn();
    worker.order({ configId: source.configId, point, leaseSeconds: 0.5 });
    const report = await worker.report();
    if (report.is === 'stopped') return { name: nameOf(point), source, runId: report.runId, before, after };
  }
  throw new Error(`no run came to ${nameOf(point)}`);
}

it('F55: killed where it stands, leaves a run that is interrupted, whole tables, and a source that syncs again', async () => {
  const points = await choosePoints();
  const free = [...sources];
  const ends = new Map<string, number>();
  await atOnce(width, points, async (point) => {
    const source = free.pop() as TwoCatalogs;
    await forgetRemovedOf(deps.database, source.sourceId);
    const worker = await startWorkerProcess(deps.url);
    const death = await stopAt(worker, source, point);
    await worker.kill();
    expect((await getRun(deps.database, death.runId))?.status).not.toBe('failed');
    const end = await endOf(deps, death);
    ends.set(end, (ends.get(end) ?? 0) + 1);
    await healed(deps, death);
    free.push(source);
  });
  expect(points.length).toBeGreaterThanOrEqual(30);
  printCount('deaths by kill -9', { points: points.length, ...Object.fromEntries(ends) });
});
