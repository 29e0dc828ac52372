// All gates, for tillsync in its modes; the statement of PostgREST beside it where that says something.
import type { Contender } from '../contender.ts';
import { postgrest } from '../contenders/postgrest.ts';
import { lastSyncedModes, tillsync } from '../contenders/tillsync.ts';
import type { Cluster } from '../server/open-cluster.ts';
import type { Finding } from './gate.ts';
import { bloatGate, catalogGate, heldGate } from './growth.ts';
import { raceGate } from './race.ts';
import { walGate } from './wal.ts';

export interface GateSizes {
  raceRounds: number;
  bloatSources: number;
  catalogSyncs: number;
}

/** As the goals state them. */
export const fullSizes: GateSizes = { raceRounds: 100, bloatSources: 30, catalogSyncs: 1000 };

/** Runs them one after another; each finding is also told as it comes. */
export async function runGates(
  cluster: Cluster,
  sizes: GateSizes,
  tell: (finding: Finding) => void,
): Promise<Finding[]> {
  const found: Finding[] = [];
  const add = async (findings: Promise<Finding[]>) => {
    for (const finding of await findings) {
      found.push(finding);
      tell(finding);
    }
  };
  for (const contender of lastSyncedModes.map(tillsync)) await gatesOf(contender);
  // For comparison only: what the usual upsert does under the same load, in fewer rounds since every one fails.
  await add(raceGate(cluster, postgrest, Math.ceil(sizes.raceRounds / 10)));
  await add(bloatGate(cluster, postgrest, sizes.bloatSources));
  return found;

  async function gatesOf(contender: Contender): Promise<void> {
    await add(walGate(cluster, contender));
    await add(heldGate(cluster, contender));
    await add(raceGate(cluster, contender, sizes.raceRounds));
    await add(catalogGate(cluster, contender, sizes.catalogSyncs));
    await add(bloatGate(cluster, contender, sizes.bloatSources));
  }
}
