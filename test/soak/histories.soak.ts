// Random histories until the time is over, while worker processes are killed and stopped and connections ended on the same database.
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/connectors/seeded-random.ts';
import { openTwoCatalogs, type TwoCatalogs } from '../faults/two-catalogs.ts';
import { openEngine } from '../support/engine.ts';
import { endOf, healed } from '../support/faults/after-death.ts';
import { checkHistory, countRuns } from '../support/faults/check-history.ts';
import { insideCopy, spreadPoints } from '../support/faults/choose-points.ts';
import { workUntil } from '../support/faults/mortal-worker.ts';
import { openStage } from '../support/faults/open-stage.ts';
import type { Point } from '../support/faults/points.ts';
import { printCount } from '../support/faults/print-count.ts';
import { playHistory } from '../support/faults/random-history.ts';
import { startWorkerProcess } from '../support/faults/start-worker-process.ts';
import { stopAt } from '../support/faults/stop-at.ts';
import { readStored } from '../support/stored-rows.ts';
import { isOver, soakSeed } from './soak-time.ts';

it('histories, deaths, kills and stops: every history is its model’s, and all of history is true', async () => {
  const deps = await openEngine({ max: 20 });
  const counts = { histories: 0, steps: 0, 'deaths in process': 0, 'kill -9': 0, stops: 0 };

  const histories = async (lane: number) => {
    const stage = await openStage(deps, deps.url);
    for (let n = 0; !isOver(); n++) {
      const played = await playHistory(stage, soakSeed * 1_000_000 + lane * 200_000 + n);
      counts.histories += 1;
      counts.steps += played;
    }
    await stage.close();
  };

  const kills = async (source: TwoCatalogs, points: readonly Point[], random: () => number) => {
    while (!isOver()) {
      const point = points[Math.floor(random() * points.length)] as Point;
      const worker = await startWorkerProcess(deps.url);
      const death = await stopAt(deps, { worker, source, point });
      const isKilled = random() < 0.6;
      if (isKilled) await worker.kill();
      const end = await endOf(deps, death);
      await healed(deps, death);
      counts[isKilled ? 'kill -9' : 'stops'] += 1;
      if (isKilled) continue;
      const saved = await readStored(deps.database, source.sourceId);
      worker.signal('SIGCONT');
      const report = await worker.report();
      expect([death.name, end, report.is]).toEqual([
        death.name,
        expect.stringMatching(/interrupted|success|partial/),
        'ended',
      ]);
      expect(await readStored(deps.database, source.sourceId)).toEqual(saved);
      await worker.kill();
    }
  };

  const deaths = async (source: TwoCatalogs, random: () => number) => {
    while (!isOver()) {
      const at = 1 + Math.floor(random() * 55);
      const before = await readStored(deps.database, source.sourceId);
      const after = source.turn();
      let met = 0;
      const worked = await workUntil(deps, source, () => ++met === at);
      if (!worked.isDead) {
        if (!['success', 'partial'].includes(worked.outcome)) source.turn();
        continue;
      }
      const death = { name: `point ${at}`, source, runId: worked.runId, before, after };
      await endOf(deps, death);
      await healed(deps, death);
      counts['deaths in process'] += 1;
    }
  };

  const sources = await Promise.all([openTwoCatalogs(deps), openTwoCatalogs(deps)]);
  const [mortal, killed] = sources as [TwoCatalogs, TwoCatalogs];
  const points = [...insideCopy, ...(await spreadPoints(deps, killed, 40))];
  const random = seededRandom(soakSeed);
  await Promise.all([
    ...[0, 1, 2, 3].map(histories),
    kills(killed, points, random),
    deaths(mortal, seededRandom(soakSeed + 1)),
  ]);
  for (const { pos } of sources) await pos.stop();
  expect(await checkHistory(deps.database)).toEqual([]);
  printCount('soak', { ...counts, ...(await countRuns(deps.database)) });
});
