// tillsync sync --concept / --company: every source below once, by living workers, else by a worker in this process.
import type { App } from '../../../app.ts';
import { writeJson, writeTalk } from '../../print/write.ts';
import { requestedBy } from '../../with-app.ts';
import { startWorkerOf } from '../server/worker.ts';
import { followToEnd } from './follow-to-end.ts';

export interface SyncAll {
  level: 'concept' | 'company';
  id: number;
  dryRun: boolean;
  compareAll: boolean;
  wait: boolean;
  json: boolean;
  signal: AbortSignal;
  isWorkerAlive: boolean;
}

/** Asks for them all and, with --wait or without a living worker, waits for their end. Returns the exit code. */
export async function syncAll(app: App, of: SyncAll): Promise<number> {
  const { requestFanOut } = await import('../../../sync/requests/request-fan-out.ts');
  const run = await requestFanOut(app.deps, {
    level: of.level,
    id: of.id,
    trigger: 'cli',
    requestedBy: requestedBy(),
    dryRun: of.dryRun,
    compareAll: of.compareAll,
  });
  if (of.isWorkerAlive && !of.wait) {
    writeTalk(`Run ${run.id} asked for every source of ${of.level} ${of.id}; workers take them.\n`);
    if (of.json) writeJson(run);
    return 0;
  }
  const worker = of.isWorkerAlive ? null : await startWorkerOf(app);
  try {
    return await followToEnd(app, { run, json: of.json, signal: of.signal });
  } finally {
    await worker?.stop();
  }
}
