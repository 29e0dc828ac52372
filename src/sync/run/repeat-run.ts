// The short cut: a run that reads what the last committed one read, over tables that nobody wrote since, repeats its outcome.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { Connection } from '../../db/database.ts';
import { countLive } from '../../records/items/read-keys.ts';
import { ownerOf, type SaveContext, touchAllItems } from '../../records/items/save-items.ts';
import { copyRunPages } from '../../records/payloads/read-payload.ts';
import { finishRun } from '../../records/runs/finish-run.ts';
import { supersedeWaiting } from '../../records/runs/holds.ts';
import type { RunCounts } from '../../records/runs/run.ts';
import { repeatDuplicates } from '../../records/runs/write-outcome.ts';
import { type CommittedRun, moveSyncState, type SyncState, type Unchanged } from '../../records/sources/sync-state.ts';
import { perKind } from '../draft/draft.ts';
import type { RunToSave } from './run-to-save.ts';

/**
 * The outcome to repeat, or null when the items have to be compared. The same bytes, read by the same connector version
 * and settings, give the same items; and every live row still has the fingerprint that the last run knew it by, since any
 * other program's write takes the fingerprint away, and what it deletes or removes is one row less. A row that it adds or
 * brings back has no fingerprint. Removed rows do not count: one that never got a fingerprint may stay for ever.
 * Where the POS itself says that nothing changed since the last fetch, no bytes have to be looked at.
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
  // A run that read changes only has counted only those: then the rows themselves say how many items there are.
  const whole = last.payloadDigest !== null;
  const complete = whole ? run.complete : null;
  const counts = whole ? unchangedCounts(last.counts) : liveCounts(await countLive(connection, sourceId));
  const message = whole
    ? 'the answer is the last one; no item has to be compared'
    : 'the POS says that nothing changed';
  run.lease.runLog.add({ event: 'unchanged', message });
  run.lease.note({ phase: 'save', items: kinds.reduce((sum, kind) => sum + counts[kind].received, 0) });
  // The answer that the POS says is still the same.
  if (whole && run.reads === 'nothing') await copyRunPages(connection, { sourceId, from: last.runId, to: runId });
  if (touches && whole) {
    for (const kind of kinds) if (counts[kind].unchanged > 0) await touchAllItems(connection, context, kind);
  }
  if (kinds.some((kind) => counts[kind].duplicates > 0)) {
    await repeatDuplicates(connection, context, last.runId);
  }
  run.lease.signal.throwIfAborted();
  if (complete && state.waiting) await supersedeWaiting(connection, { sourceId, byRunId: runId });
  await moveSyncState(connection, {
    sourceId,
    runId,
    time,
    complete: complete === true,
    sawAll: whole,
    owner: ownerOf(context),
    payloadDigest: last.payloadDigest,
    itemRows: last.itemRows,
    compared: false,
    readAll: run.reads === 'all' && complete === true,
    remembers: rememberedAfter(run),
  });
  await finishRun(connection, run.lease.claim, {
    status: 'success',
    counts,
    complete,
    notes: whole ? last.notes : [changesNote(state)],
    hold: null,
    error: null,
    digest: null,
    time,
  });
}

/** What becomes of what the source remembers, when this run is saved. */
export function rememberedAfter({ reads, complete }: RunToSave): CommittedRun['remembers'] {
  if (reads === null) return 'drop';
  if (complete === false) return 'keep';
  return reads === 'all' ? 'replace' : 'merge';
}

/** What a run that did not read everything says of removals. */
export function changesNote({ removalsChecked }: SyncState): string {
  return `Only what changed was asked for; removals were last checked ${removalsChecked ?? 'never'}.`;
}

function liveCounts(live: Record<Kind, number>): RunCounts {
  const none = { created: 0, updated: 0, removed: 0, restored: 0, rejected: 0, duplicates: 0, filtered: 0 };
  return perKind((kind) => ({ ...none, received: live[kind], unchanged: live[kind] }));
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
