// Runs a piece of work again and again with a fault before its n-th statement, and checks what must hold after each.
import { expect } from 'vitest';
import { listChanges } from '../../src/records/runs/read-changes.ts';
import { listRuns } from '../../src/records/runs/read-runs.ts';
import type { Run } from '../../src/records/runs/run.ts';
import { syncNow } from '../support/engine.ts';
import { readStored, type StoredRows } from '../support/stored-rows.ts';
import type { Trip } from '../support/trip.ts';
import { endWhatDied, forgetRemoved, type Live, type TwoCatalogs } from './two-catalogs.ts';

export interface FaultyWork {
  trip: Trip;
  source: TwoCatalogs;
  /** What is done again and again; its statements are those that pass the trip's seam. */
  work: () => Promise<Run>;
  fault: () => void | Promise<void>;
}

/**
 * One round per statement of the work, and one without a fault at the end. After each fault the tables are as before or
 * as after, history says which, no run is left active, and a plain sync gives the right rows. Returns the rounds, and
 * how the faulty runs ended: a status, or 'thrown' when not even the failure could be written.
 */
export async function failEveryStatement(of: FaultyWork): Promise<{ rounds: number; ends: Map<string, number> }> {
  const { database } = of.trip.deps;
  const ends = new Map<string, number>();
  for (let n = 1; ; n++) {
    if (n % 4 === 0) await forgetRemoved(database);
    const after = of.source.turn();
    const before = await readStored(database, of.source.sourceId);
    const lastRun = (await newestRun(of))?.id ?? '';
    const outcome = await withFaultAt(n, of);
    if (outcome === null) return { rounds: n, ends };
    ends.set(outcome, (ends.get(outcome) ?? 0) + 1);
    await expectWhole(of, { n, before, after, lastRun });
  }
}

/** How the work ended with a fault before its n-th statement; null when it has fewer than n. */
async function withFaultAt(n: number, { trip, work, fault }: FaultyWork): Promise<string | null> {
  let met = 0;
  trip.onStatement(async () => {
    met += 1;
    if (met === n) await fault();
  });
  const outcome = await work().then(
    (run) => run.status,
    () => 'thrown',
  );
  trip.onStatement(null);
  return met < n ? null : outcome;
}

interface Round {
  n: number;
  before: StoredRows;
  /** What is live when the run was saved. */
  after: Live;
  /** The newest run before this round. */
  lastRun: string;
}

async function expectWhole(of: FaultyWork, { n, before, after, lastRun }: Round): Promise<void> {
  const { deps } = of.trip;
  const { source } = of;
  const now = await readStored(deps.database, source.sourceId);
  const isBefore = JSON.stringify([...now].sort()) === JSON.stringify([...before].sort());
  const isAfter = await source.isLive(deps.database, after);
  expect([n, isBefore || isAfter]).toEqual([n, true]);
  const newest = await newestRun(of);
  // The fault may have come before there was a run at all.
  const last = newest?.id === lastRun ? undefined : newest;
  if (last?.status === 'success' || last?.status === 'partial') expect([n, isAfter]).toEqual([n, true]);
  if (last?.status === 'failed') expect([n, isBefore, last.error !== null]).toEqual([n, true, true]);
  await endWhatDied(deps);
  const healed = await syncNow(deps, source.configId);
  expect([n, healed.error, await source.isLive(deps.database, after)]).toEqual([n, null, true]);
  const { data } = await listChanges(deps.database, healed.id, { limit: 200 });
  // What the run that failed did not save is in the diff of the one that heals; what it saved is in its own.
  expect([n, data.length > 0]).toEqual([n, isBefore]);
}

async function newestRun({ trip }: FaultyWork): Promise<Run | undefined> {
  return (await listRuns(trip.deps.database, { limit: 1 })).data[0];
}
