// Rows and identities do not move under a run.
import { TillsyncError } from '../../errors.ts';

/** Rows do not move under a run. Throws TillsyncError source_busy when there is one. */
export function refuseBusy(activeRunId: string | null): void {
  if (activeRunId === null) return;
  throw new TillsyncError(`A sync of this source is running (${activeRunId}).`, {
    code: 'source_busy',
    step: 'sync',
    status: 409,
    exitCode: 5,
    retry: 'later',
    effect: 'Nothing was changed.',
    hint: 'Try again when it is done.',
    facts: { run_id: activeRunId },
  });
}
