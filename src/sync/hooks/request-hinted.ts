// Turns hints of webhooks into runs: called each second by a worker, any number of them.
import { TillsyncError } from '../../errors.ts';
import { type DueHint, returnHint, settleHint, takeDueHints } from '../../records/hooks/sync-hints.ts';
import type { Run } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';
import { requestSync } from '../request-sync.ts';

/** Asks for a run of each config whose hint is due, at most `limit`; returns the runs that were made. */
export async function requestHinted(deps: Deps, { limit }: { limit: number }): Promise<Run[]> {
  const runs: Run[] = [];
  for (const hint of await takeDueHints(deps.database, limit)) {
    const run = await requestOne(deps, hint);
    if (run !== null) runs.push(run);
  }
  return runs;
}

async function requestOne(deps: Deps, hint: DueHint): Promise<Run | null> {
  try {
    const requestedBy = `hook:${hint.endpointId ?? 'unknown'}`;
    const { run, alreadyActive } = await requestSync(deps, {
      configId: hint.configId,
      trigger: 'webhook',
      requestedBy,
      enqueue: true,
    });
    if (alreadyActive) await returnHint(deps.database, hint);
    else await settleHint(deps.database, hint, deps.hookDebounceSeconds);
    return alreadyActive ? null : run;
  } catch (error) {
    // A config that was switched off or taken apart since is not asked for again; what may pass is, after a minute.
    const isFinal = error instanceof TillsyncError && error.step === 'validation';
    if (isFinal) await settleHint(deps.database, hint, deps.hookDebounceSeconds);
    deps.log.warn({ config: hint.configId, err: error }, 'a webhook could not be followed by a sync');
    return null;
  }
}
