// Many short random histories of syncs, faults, deaths, sweeps, holds and decisions, each against a model.
import { expect, it } from 'vitest';
import { openEngine } from '../../support/engine.ts';
import { checkHistory, countRuns } from '../../support/faults/check-history.ts';
import { openStage } from '../../support/faults/open-stage.ts';
import { printCount, slowMachine } from '../../support/faults/print-count.ts';
import { playHistory } from '../../support/faults/random-history.ts';

const seed = 16_000;
// A hundred take some 8 s of a core; `npm run soak` plays thousands.
const histories = 200;
const width = 6;

it(
  'rows, runs and holds are the model’s after every one of them, and the whole history is true',
  async () => {
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
  },
  slowMachine,
);
