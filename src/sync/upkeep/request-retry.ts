// Tries a failed run again when its time has come, unless it no longer matters.
import { TillsyncError } from '../../errors.ts';
import { isLatestOfSource } from '../../records/owners/latest-run.ts';
import { getRun } from '../../records/runs/read-runs.ts';
import type { Deps } from '../deps.ts';
import { requestSync } from '../request-sync.ts';

/** Queues the next attempt; does nothing when the source was asked for since, or the config cannot be synced any more. */
export async function requestRetry(deps: Deps, of: { configId: string; retryOf: string }): Promise<void> {
  const failed = await getRun(deps.database, of.retryOf);
  if (failed === null || !(await isLatestOfSource(deps.database, of.retryOf))) return;
  try {
    await requestSync(deps, {
      configId: of.configId,
      trigger: 'retry',
      requestedBy: `retry of ${failed.trigger}`,
      mode: failed.mode,
      enqueue: true,
      compareAll: failed.compare_all,
      retryOf: { runId: failed.id, attempt: failed.attempt + 1 },
      ...(failed.parent_id === null ? {} : { parentId: failed.parent_id }),
    });
  } catch (error) {
    // Switched off or incomplete by now: somebody changed it, and the failure stands in history.
    if (!(error instanceof TillsyncError) || error.retry !== 'no') throw error;
    deps.log.info({ run: failed.id, err: error }, 'a retry is no longer possible');
  }
}
