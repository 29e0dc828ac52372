// PostgreSQL killed (-9, the server and its children) while sources sync, again and again: what was said to be saved is there.
import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/connectors/seeded-random.ts';
import { openDatabase } from '../../../src/db/database.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { depsOver } from '../../support/deps-over.ts';
import { checkHistory } from '../../support/faults/check-history.ts';
import { countAcknowledged, killUnderLoad, openLanes } from '../../support/faults/kill-under-load.ts';
import { startOwnCluster } from '../../support/faults/own-cluster.ts';
import { printCount, slowMachine } from '../../support/faults/print-count.ts';

const rounds = 10;

it(
  'F43: every run that said success is in the tables after each restart, and every source syncs on',
  async () => {
    const cluster = await startOwnCluster();
    const database = await openDatabase({ url: cluster.embedded.url, queryTimeout: 5_000 });
    const patient = await depsOver(database);
    const lanes = await openLanes(patient, 3);
    // What dies with the server is ended soon; the first syncs, on a busy machine, may take longer than that.
    const deps: Deps = { ...patient, leaseSeconds: 1 };
    const random = seededRandom(9);
    const ends: Record<string, number> = {};
    let processes = 0;
    for (let round = 0; round < rounds; round++) {
      const killed = await killUnderLoad(deps, { cluster, lanes, successes: 1 + Math.floor(random() * 6) });
      processes += killed.processes;
      for (const end of killed.ends) ends[end] = (ends[end] ?? 0) + 1;
    }
    const { said, found } = await countAcknowledged(database, lanes);
    expect(found).toBe(said);
    expect(said).toBeGreaterThan(rounds);
    expect(await checkHistory(database)).toEqual([]);
    for (const { source } of lanes) await source.pos.stop();
    await database.close();
    await cluster.stop();
    printCount('killed PostgreSQL', { rounds, processes, acknowledged: said, ...ends });
  },
  slowMachine,
);
