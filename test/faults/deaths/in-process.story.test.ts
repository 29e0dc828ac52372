// A worker that dies at each named point of a run, in this process: nothing of it runs any more, and only the sweep ends its run.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deps } from '../../../src/sync/deps.ts';
import { openEngine } from '../../support/engine.ts';
import { type Death, endOf, healed } from '../../support/faults/after-death.ts';
import { checkHistory } from '../../support/faults/check-history.ts';
import { forgetRemovedOf } from '../../support/faults/forget-removed-of.ts';
import { workUntil } from '../../support/faults/mortal-worker.ts';
import { nameOf, type Point } from '../../support/faults/points.ts';
import { printCount, slowMachine } from '../../support/faults/print-count.ts';
import { readStored } from '../../support/stored-rows.ts';
import { openTwoCatalogs, type TwoCatalogs } from '../two-catalogs.ts';

const deaths = 200;
const width = 12;

let deps: Deps & { url: string };
let sources: TwoCatalogs[];
beforeAll(async () => {
  deps = await openEngine({ max: 20 });
  sources = [];
  for (let n = 0; n < width; n++) sources.push(await openTwoCatalogs(deps));
});
afterAll(() => Promise.all(sources.map(({ pos }) => pos.stop())));

it(
  'F55: at every point, again and again, is ended by the sweep; the tables are before or after and the next sync heals',
  async () => {
    const first = sources[0] as TwoCatalogs;
    first.turn();
    const { met: points, outcome } = await workUntil(deps, first, () => false);
    expect(outcome).toBe('partial');
    const names = new Set(points.map(({ name }) => name));
    expect(names.size).toBeGreaterThanOrEqual(25);
    const ends = new Map<string, number>();
    let next = 0;
    const round = async (source: TwoCatalogs) => {
      const n = next++;
      const point = points[n % points.length] as Point;
      if (n % 5 === 0) await forgetRemovedOf(deps.database, source.sourceId);
      let death: Death | null = null;
      // One of the two catalogs has nothing to set aside: its sync does not come to every point.
      for (let turn = 0; turn < 2 && death === null; turn++) {
        const before = await readStored(deps.database, source.sourceId);
        const after = source.turn();
        const worked = await workUntil(deps, source, ({ name, nth }) => name === point.name && nth === point.nth);
        const name = `${nameOf(point)}, round ${n}`;
        expect([name, worked.outcome]).toEqual([name, worked.isDead ? 'thrown' : 'success']);
        if (worked.isDead) death = { name, source, runId: worked.runId, before, after };
      }
      if (death === null) throw new Error(`no run came to ${nameOf(point)}`);
      const end = await endOf(deps, death);
      ends.set(end, (ends.get(end) ?? 0) + 1);
      await healed(deps, death);
    };
    await Promise.all(
      sources.map(async (source) => {
        while (next < deaths) await round(source);
      }),
    );
    const interrupted = ends.get('interrupted') ?? 0;
    const saved = (ends.get('partial') ?? 0) + (ends.get('success') ?? 0);
    expect(interrupted + saved).toBe(next);
    // Only who dies behind the commit has saved.
    expect(interrupted).toBeGreaterThan(saved * 10);
    expect(await checkHistory(deps.database)).toEqual([]);
    printCount('deaths in process', {
      points: points.length,
      names: names.size,
      deaths: next,
      interrupted,
      saved,
    });
  },
  slowMachine,
);
