// The short cut: a run that reads what the last committed one read, over tables that nobody wrote since, repeats its outcome.
import { kinds } from '../../catalog/item.ts';
import type { Connection } from '../../db/database.ts';
import { ownerOf, type SaveContext, touchAllItems } from '../../records/items/save-items.ts';
import { finishRun } from '../../records/runs/finish-run.ts';
import { supersedeWaiting } from '../../records/runs/holds.ts';
import type { RunCounts } from '../../records/runs/run.ts';
import { repeatDuplicates } from '../../records/runs/write-outcome.ts';
import { moveSyncState, type SyncState, type Unchanged } from '../../records/sources/sync-state.ts';
import { perKind } from '../draft/draft.ts';
import type { RunToSave } from './run-to-save.ts';

/**
 * The outcome to repeat, or null when the items have to be compared. The same bytes, read by the same connector version
 * and settings, give the same items; and every live row still has the fingerprint that the last run knew it by, since any
 * other program's write takes the fingerprint away, and what it deletes or removes is one row less. A row that it adds or
 * brings back has no fingerprint. Removed rows do not count: one that never got a fingerprint may stay for ever.
 */
export function findRepeatable({ run, state, context }: Meeting): Unchanged | null {
  if (run.dryRun || run.applies !== null || run.compareAll || state.adopted) return null;
  if (run.complete === false || state.owner !== ownerOf(context)) return null;
  return state.unchanged;
}

interface Meeting {
  run: RunToSave;
  state: SyncState;
  context: SaveContext;
}

/** Ends the run with that outcome: every item unchanged, every time of it moved. */
export async function repeatRun(
  connection: Connection,
  { run, state, context, last, touches }: Meeting & { last: Unchanged; touches: boolean },
): Promise<void> {
  const { sourceId, runId, time } = context;
  const counts = unchangedCounts(last.counts);
  run.lease.runLog.add({ event: 'unchanged', message: 'the answer is the last one; no item has to be compared' });
  run.lease.note({ phase: 'save', items: kinds.reduce((sum, kind) => sum + counts[kind].received, 0) });
  if (touches) {
    for (const kind of kinds) if (counts[kind].unchanged > 0) await touchAllItems(connection, context, kind);
  }
  if (kinds.some((kind) => counts[kind].duplicates > 0)) {
    await repeatDuplicates(connection, context, last.runId);
  }
  run.lease.signal.throwIfAborted();
  if (run.complete && state.waiting) await supersedeWaiting(connection, { sourceId, byRunId: runId });
  await moveSyncState(connection, {
    sourceId,
    runId,
    time,
    complete: run.complete === true,
    sawAll: true,
    owner: ownerOf(context),
    unchanged: last,
    compared: false,
  });
  await finishRun(connection, run.lease.claim, {
    status: 'success',
    counts,
    complete: run.complete,
    notes: last.notes,
    hold: null,
    error: null,
    digest: null,
    time,
  });
}

function unchangedCounts(last: RunCounts): RunCounts {
  return perKind((kind) => {
    const { received, created, updated, unchanged, restored, duplicates, filtered } = last[kind];
    const seen = created + updated + unchanged + restored;
    return {
      received,
      created: 0,
      updated: 0,
      unchanged: seen,
      removed: 0,
      restored: 0,
      rejected: 0,
      duplicates,
      filtered,
    };
  });
}
