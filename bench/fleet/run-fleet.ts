// --fleet: what one site's sync costs in a table of 10 sites and in one of 10,000, interleaved between the two.
import { changeOnePercent, makeCatalog, onePercent } from '../catalog.ts';
import type { Counts, Session, Sync } from '../contender.ts';
import { type LastSynced, lastSyncedModes, tillsync } from '../contenders/tillsync.ts';
import { type Measured, measure } from '../measure/meter.ts';
import { wrongCounts } from '../measure/prove-counts.ts';
import { median } from '../measure/statistics.ts';
import { pick, type Random, seeded, shuffled } from '../random.ts';
import type { BenchDatabase, Cluster } from '../server/open-cluster.ts';
import { loadSites, siteRows } from './load-sites.ts';

/** The old site comes from anywhere in the table, so that its pages are not in memory; then it is synced once more. */
const steps = ['first', 'unchanged', 'changed', 'unchanged, old site', 'the same again'] as const;
type Step = (typeof steps)[number];

export interface FleetResult {
  mode: LastSynced;
  step: Step;
  smallMs: number;
  bigMs: number;
  /** Cost in the big table by the cost in the small one. */
  ratio: number;
  smallWalKb: number;
  bigWalKb: number;
}

interface Side {
  name: 'small' | 'big';
  database: BenchDatabase;
  seats: { mode: LastSynced; session: Session; old: string[] }[];
}

export interface FleetOptions {
  sites: number;
  rounds: number;
  log: (line: string) => void;
}

const smallSites = 10;

/** Loads both, then measures `rounds` new and old sites in each. */
export async function runFleet(cluster: Cluster, of: FleetOptions): Promise<FleetResult[]> {
  const random = seeded(of.sites);
  const sides: Side[] = [];
  const taken: { side: Side['name']; mode: LastSynced; step: Step; measured: Measured }[] = [];
  try {
    for (const name of ['small', 'big'] as const) sides.push(await openSide(cluster, name, of));
    await cluster.admin.query('checkpoint');
    for (let round = 0; round < of.rounds; round++) {
      for (const mode of shuffled(random, lastSyncedModes)) {
        for (const side of shuffled(random, sides)) {
          const found = await syncSite(side, { mode, random, seed: round + 2 });
          taken.push(...found.map((step) => ({ side: side.name, mode, ...step })));
        }
      }
      of.log(`fleet, round ${round + 1} of ${of.rounds}`);
    }
  } finally {
    for (const { database, seats } of sides) {
      for (const { session } of seats) await session.close();
      await cluster.dropDatabase(database);
    }
  }
  return lastSyncedModes.flatMap((mode) => steps.map((step) => compare(mode, step)));

  function compare(mode: LastSynced, step: Step): FleetResult {
    const middle = (side: Side['name'], value: (measured: Measured) => number) =>
      median(taken.filter((t) => t.side === side && t.mode === mode && t.step === step).map((t) => value(t.measured)));
    const smallMs = middle('small', ({ ms }) => ms);
    const bigMs = middle('big', ({ ms }) => ms);
    const wal = ({ walBytes }: Measured) => walBytes / 1024;
    return {
      mode,
      step,
      smallMs,
      bigMs,
      ratio: bigMs / smallMs,
      smallWalKb: middle('small', wal),
      bigWalKb: middle('big', wal),
    };
  }
}

async function openSide(cluster: Cluster, name: Side['name'], { sites, rounds, log }: FleetOptions): Promise<Side> {
  const database = await cluster.makeDatabase(`fleet_${name}`, { trigger: true });
  const sessions = [];
  for (const mode of lastSyncedModes) sessions.push(await tillsync(mode).open(database.url));
  const total = name === 'small' ? smallSites : sites;
  // In the big table an old site for each round: one that was read before is no longer cold.
  const real = Math.max(1, Math.min(Math.floor(total / sessions.length), name === 'small' ? smallSites : rounds));
  const old = await loadSites(database, sessions, { total, real, log });
  const seats = sessions.map((session, index) => ({
    mode: lastSyncedModes[index] as LastSynced,
    session,
    old: old[index] ?? [],
  }));
  return { name, database, seats };
}

async function syncSite(
  { name, database, seats }: Side,
  of: { mode: LastSynced; random: Random; seed: number },
): Promise<{ step: Step; measured: Measured }[]> {
  const seat = seats.find(({ mode }) => mode === of.mode);
  if (seat === undefined) throw new Error(`no session for ${of.mode}`);
  const { session, old } = seat;
  const items = makeCatalog(siteRows, of.seed);
  const sourceId = await session.begin();
  const model = makeCatalog(siteRows);
  const oldId = pick(of.random, old);
  if (name === 'big') seat.old = old.length > 1 ? old.filter((id) => id !== oldId) : old;
  const none: Counts = { created: 0, updated: 0, unchanged: 0, removed: 0 };
  const same = { ...none, unchanged: siteRows };
  const one = onePercent(siteRows);
  const syncs: Record<Step, Sync & { counts: Counts }> = {
    first: { sourceId, items, counts: { ...none, created: siteRows } },
    unchanged: { sourceId, items, counts: same },
    changed: {
      sourceId,
      items: changeOnePercent(items, 0),
      counts: { ...none, updated: one, unchanged: siteRows - one },
    },
    'unchanged, old site': { sourceId: oldId, items: model, counts: same },
    'the same again': { sourceId: oldId, items: model, counts: same },
  };
  const found = [];
  for (const step of steps) {
    await session.prepare?.(syncs[step]);
    found.push({ step, measured: await measure(database, () => session.save(syncs[step])) });
    const wrong = await wrongCounts(session, syncs[step].counts, `${name}, ${of.mode}, ${step}`);
    if (wrong !== null) throw new Error(wrong);
  }
  return found;
}
