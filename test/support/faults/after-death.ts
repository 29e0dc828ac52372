// What must hold once a worker is dead: the run is ended with the truth, the tables are before or after, the next sync heals.
import { expect } from 'vitest';
import { listChanges } from '../../../src/records/runs/read-changes.ts';
import { getRun } from '../../../src/records/runs/read-runs.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { sweepRuns } from '../../../src/sync/upkeep/sweep-runs.ts';
import type { Live, TwoCatalogs } from '../../faults/two-catalogs.ts';
import { syncNow } from '../engine.ts';
import { readStored, type StoredRows } from '../stored-rows.ts';
import { until } from '../until.ts';

export interface Death {
  /** What is told when something does not hold. */
  name: string;
  source: TwoCatalogs;
  runId: string;
  /** The tables before the run, and what is live once it is saved. */
  before: StoredRows;
  after: Live;
}

/** Sweeps until the run has ended; its end, which the tables bear out. */
export async function endOf(deps: Deps, { name, source, runId, before, after }: Death): Promise<string> {
  const run = await until(`the end of the run that died at ${name}`, async () => {
    await sweepRuns(deps);
    const found = await getRun(deps.database, runId);
    return found?.status === 'in_progress' || found?.status === 'queued' ? null : found;
  });
  if (run.status === 'success' || run.status === 'partial') {
    expect([name, await source.isLive(deps.database, after)]).toEqual([name, true]);
  } else {
    expect([name, await readStored(deps.database, source.sourceId)]).toEqual([name, before]);
    expect([name, run.items_synced, run.phase, run.finished_at !== null]).toEqual([name, 0, null, true]);
  }
  return run.status;
}

/** The next sync, by a living worker, brings the tables to where the dead one was going. */
export async function healed(deps: Deps, { name, source, runId, after }: Death): Promise<void> {
  const saved = (await listChanges(deps.database, runId, { limit: 200 })).data.length;
  const run = await syncNow(deps, source.configId);
  expect([name, run.error, await source.isLive(deps.database, after)]).toEqual([name, null, true]);
  // What the dead run had saved is in its diff; what it had not is in that of the one that heals.
  const now = (await listChanges(deps.database, run.id, { limit: 200 })).data.length;
  expect([name, saved > 0, now > 0]).toEqual([name, saved > 0, saved === 0]);
}
