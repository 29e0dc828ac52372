// tillsync sync --concept / --company: every source below once, by living workers, else by a worker in this process.
import type { App } from '../../../app.ts';
import type { FanOutToRequest } from '../../backend/backend.ts';
import { localBackend } from '../../backend/local-backend.ts';
import { writeJson, writeTalk } from '../../print/write.ts';
import { startWorkerOf } from '../server/worker.ts';
import { followToEnd } from './follow-to-end.ts';

export interface SyncAll extends FanOutToRequest {
  wait: boolean;
  json: boolean;
  signal: AbortSignal;
  isWorkerAlive: boolean;
}

/** Asks for them all and, with --wait or without a living worker, waits for their end. Returns the exit code. */
export async function syncAll(app: App, of: SyncAll): Promise<number> {
  const { level, id, dryRun, full } = of;
  const run = await localBackend(app).requestFanOut({ level, id, dryRun, full });
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
