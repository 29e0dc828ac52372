// Rows and identities do not move under a run.
import type { Queryable } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';
import { tryLockSource } from '../../records/sources/lock-source.ts';
import { readActiveRun } from '../../records/sources/split-state.ts';

/** Locks sources for this transaction, or throws TillsyncError source_busy when one of them is being synced. */
export async function lockIdleSources(q: Queryable, sourceIds: readonly string[]): Promise<void> {
  for (const id of sourceIds.toSorted()) {
    if (!(await tryLockSource(q, id))) throw busy(await readActiveRun(q, sourceIds));
  }
  const active = await readActiveRun(q, sourceIds);
  if (active !== null) throw busy(active);
}

function busy(activeRunId: string | null): TillsyncError {
  const which = activeRunId === null ? '' : ` (${activeRunId})`;
  return new TillsyncError(`A sync of this source is running${which}.`, {
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
