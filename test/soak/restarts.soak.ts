// PostgreSQL killed (-9) under load until the time is over.
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/connectors/seeded-random.ts';
import { openDatabase } from '../../src/db/database.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { depsOver } from '../support/deps-over.ts';
import { checkHistory, countRuns } from '../support/faults/check-history.ts';
import { countAcknowledged, killUnderLoad, openLanes } from '../support/faults/kill-under-load.ts';
import { startOwnCluster } from '../support/faults/own-cluster.ts';
import { printCount } from '../support/faults/print-count.ts';
import { isOver, soakSeed } from './soak-time.ts';

it('killed PostgreSQL: nothing that was said to be saved is lost, and all of history is true', async () => {
  const cluster = await startOwnCluster();
  const database = await openDatabase({ url: cluster.embedded.url, queryTimeout: 5_000 });
  const deps: Deps = { ...(await depsOver(database)), leaseSeconds: 1 };
  const lanes = await openLanes(deps, 3);
  const random = seededRandom(soakSeed + 2);
  let rounds = 0;
  for (; !isOver(); rounds++) {
    await killUnderLoad(deps, { cluster, lanes, successes: 1 + Math.floor(random() * 40) });
  }
  const { said, found } = await countAcknowledged(database, lanes);
  expect(found).toBe(said);
  expect(await checkHistory(database)).toEqual([]);
  printCount('soak, killed PostgreSQL', { rounds, acknowledged: said, ...(await countRuns(database)) });
  for (const { source } of lanes) await source.pos.stop();
  await database.close();
  await cluster.stop();
});
