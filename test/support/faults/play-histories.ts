// Plays many random histories at once on a database of their own, and checks the whole history of it at the end.
import { expect } from 'vitest';
import { openEngine } from '../engine.ts';
import { checkHistory, countRuns } from './check-history.ts';
import { openStage } from './open-stage.ts';
import { printCount } from './print-count.ts';
import { playHistory } from './random-history.ts';

const width = 6;

/** Plays `histories` of them from `seed` on; throws at the first that is not as its model. */
export async function playHistories({ seed, histories }: { seed: number; histories: number }): Promise<void> {
  const deps = await openEngine();
  const stages = await Promise.all(Array.from({ length: width }, () => openStage(deps, deps.url)));
  let next = 0;
  let steps = 0;
  await Promise.all(
    stages.map(async (stage) => {
      while (next < histories) {
        const played = await playHistory(stage, seed + next++);
        steps += played;
      }
    }),
  );
  await Promise.all(stages.map((stage) => stage.close()));
  expect(await checkHistory(deps.database)).toEqual([]);
  // The checker is worth its word.
  await deps.database.query(`update integration_sync_history set items_synced = 1 where status = 'interrupted'`);
  expect(await checkHistory(deps.database)).toEqual([expect.stringContaining('says that it did')]);
  printCount('random histories', { histories: next, steps, ...(await countRuns(deps.database)) });
}
