// The one transaction of a run: lock, plan, guard, and then either the save or the hold; all of it or nothing.
import { kinds } from '../../catalog/item.ts';
import type { Connection } from '../../db/database.ts';
import { errorRecord, TillsyncError } from '../../errors.ts';
import { NewItems } from '../../records/items/new-items.ts';
import { ownerOf, type SaveContext } from '../../records/items/save-items.ts';
import { finishRun } from '../../records/runs/finish-run.ts';
import { type Applicable, readApplicable, resolveHold, supersedeWaiting } from '../../records/runs/holds.ts';
import type { HoldRule } from '../../records/runs/run.ts';
import { writeDuplicates, writeRejects } from '../../records/runs/write-outcome.ts';
import { lockSource } from '../../records/sources/lock-source.ts';
import { type CommittedRun, moveSyncState, readSyncState, type SyncState } from '../../records/sources/sync-state.ts';
import type { Deps } from '../deps.ts';
import { openDraft } from '../draft/draft.ts';
import { applyPlan, newRowRefusal, RowRefused } from '../plan/apply-plan.ts';
import { digestOf } from '../plan/digest-of.ts';
import { guard } from '../plan/guard.ts';
import type { Plan } from '../plan/plan.ts';
import { type PlanRequest, planChanges } from '../plan/plan-changes.ts';
import { itemsIn, liveIn, rowsAfter, sawAll } from '../plan/touch-seen.ts';
import { keepChanges } from './keep-changes.ts';
import type { LogEntry } from './log/run-log.ts';
import { nothingSaved } from './nothing-saved.ts';
import { configChanged, planStale, staleFetch, tooSlow } from './refusals.ts';
import { changesNote, findRepeatable, rememberedAfter, repeatRun } from './repeat-run.ts';
import { type RunToSave, watched } from './run-to-save.ts';
import { withSaveSlot } from './save-slots.ts';

// A row that the database refuses costs one more attempt; past so many the run fails as it is.
const mostRefused = 20;
// A foreign writer of the same keys, or a deadlock with one.
const mostConflicts = 2;
// The connection stands idle while a large payload is formatted; the lease, not the server, decides who is dead.
const idleTimeout = 900_000;
const conflicts = new Set(['key_conflict', 'deadlock', 'serialization_failure']);

/**
 * Plans, guards and saves. Throws TillsyncError; then nothing of the run is in the tables. Rows that the database
 * refuses are set aside as rejects and the payload is streamed again. False = the POS said that nothing changed, but the
 * tables are not as the last run left them: nothing was done, everything has to be read.
 */
export async function saveRun(deps: Deps, run: RunToSave): Promise<boolean> {
  run.lease.note({ phase: 'waiting' });
  const arrived = run.lease.runLog.waiting('save_slot', 'other runs of this process are saving');
  return await withSaveSlot(deps.database, run.lease.signal, () => {
    arrived();
    return save(deps, run);
  });
}

async function save(deps: Deps, given: RunToSave): Promise<boolean> {
  const refused = new Map<string, string>();
  let careful = false;
  let streams = true;
  let conflictsMet = 0;
  const { run, at } = watched(given);
  const statementTimeout = deps.saveStatementSeconds * 1_000;
  for (;;) {
    try {
      return await deps.database.transaction(
        (connection) => attempt(deps, { connection, run, refused, careful, streams }),
        { ownWrites: true, idleTimeout, statementTimeout, signal: run.lease.lost },
      );
    } catch (error) {
      if (error instanceof TillsyncError && error.code === 'statement_timeout')
        throw tooSlow(error, deps.saveStatementSeconds, at);
      // Of a key that comes more than once, only the copy that wins may be refused: that one is known once all were read.
      if (error instanceof RowRefused && error.streamed) streams = false;
      else if (error instanceof RowRefused && refused.size < mostRefused && !(careful && error.key === null)) {
        if (error.key === null) careful = true;
        else refused.set(error.key, error.reason.message);
      } else if (error instanceof RowRefused) {
        throw error.reason;
      } else if (error instanceof TillsyncError && conflicts.has(error.code) && conflictsMet < mostConflicts) {
        conflictsMet += 1;
      } else {
        throw error;
      }
      const reason = error instanceof RowRefused ? error.reason : error;
      const { code, message } = reason;
      run.lease.runLog.add({
        event: 'retry',
        level: 'warn',
        message: `saves anew: ${message}`,
        facts: { reason: code },
      });
    }
  }
}

interface Attempt {
  connection: Connection;
  run: RunToSave;
  refused: ReadonlyMap<string, string>;
  careful: boolean;
  /** Whether new rows may be written while the payload is read. */
  streams: boolean;
}

async function attempt(deps: Deps, { connection, run, refused, careful, streams }: Attempt): Promise<boolean> {
  const { sourceId, lease } = run;
  const runId = lease.claim.runId;
  lease.note({ phase: 'plan' });
  const locked = lease.runLog.waiting('source_lock', 'somebody else writes this source');
  await lockSource(connection, sourceId);
  locked();
  const { payloadDigest, reads } = run;
  const state = await readSyncState(connection, { sourceId, runId, payloadDigest, reads });
  if (state.identityKey !== run.identityKey) throw configChanged();
  if (state.stale && run.applies === null) throw staleFetch();
  const context: SaveContext = {
    sourceId,
    configId: run.configId,
    runId,
    time: state.time,
    conceptId: textOf(run.conceptId),
    companyId: textOf(run.companyId),
    siteId: textOf(run.siteId),
  };
  const last = findRepeatable({ run, state, context });
  if (last !== null && refused.size === 0) {
    await repeatRun(connection, { run, state, context, last, touches: deps.lastSynced === 'row' });
    return true;
  }
  if (reads === 'nothing') return false;
  const newItems = new NewItems(connection, context, state.hasLocations);
  const request: PlanRequest = {
    sourceId,
    draft: openDraft(state.hasLocations),
    stream: run.stream,
    removesByAbsence: run.removesByAbsence && run.complete !== false,
    partial: !run.removesByAbsence,
    delta: reads === 'changes',
    memoryItems: deps.planMemoryChanges,
    mostItems: deps.most.items,
    refused,
    onItems(items) {
      lease.note({ items });
      lease.signal.throwIfAborted();
    },
    // What a person has to see first, or has seen, is written only once it is known to be that.
    newRows: run.dryRun || run.applies !== null || !streams ? null : newItems,
  };
  try {
    const plan = await planChanges(connection, request);
    await decide(connection, { run, request, plan, context, state, newItems, careful, lastSynced: deps.lastSynced });
    return true;
  } catch (error) {
    await newItems.abort();
    throw newRowRefusal(error, request.draft);
  }
}

interface Decision {
  run: RunToSave;
  request: PlanRequest;
  plan: Plan;
  context: SaveContext;
  state: SyncState;
  newItems: NewItems;
  careful: boolean;
  lastSynced: Deps['lastSynced'];
}

/** With the plan made: the guard, then the save or the hold, then the end of the run. */
async function decide(connection: Connection, of: Decision): Promise<void> {
  const { run, plan, context } = of;
  const { lease } = run;
  lease.signal.throwIfAborted();
  if (run.complete === false) {
    plan.notes.push(`The fetch is not complete (${run.reason ?? 'no reason given'}): nothing was removed.`);
  }
  if (run.reads === 'changes') plan.notes.push(changesNote(of.state));
  const digest =
    run.applies === null ? null : await proveSamePlan(connection, of.request, { plan, applies: run.applies });
  const rules = run.applies === null ? guard(plan.facts, run.limits, guardOptions(of)) : [];
  lease.note({ phase: 'save' });
  if (run.applies === null) lease.runLog.add(guardEntry(rules));
  await of.newItems.end();
  await writeRejects(connection, context, plan.draft.rejects);
  await writeDuplicates(connection, context, plan.duplicates);
  const waits = run.dryRun || rules.length > 0;
  if (waits) await keepChanges(connection, context, { plan, stream: run.stream });
  else if (nothingSaved(plan) === null) {
    // Where one time stands for all rows that were seen, only those are touched that it cannot stand for.
    const touches = of.lastSynced === 'row' || !sawAll(plan) || of.state.owner !== ownerOf(context);
    const { newItems, careful } = of;
    await applyPlan(connection, context, { plan, stream: run.stream, newItems, careful, touches });
  }
  lease.signal.throwIfAborted();
  const named = digest ?? (waits ? await digestOf(connection, plan, context.sourceId) : null);
  await finish(connection, { run, plan, rules, context, waits, state: of.state, digest: named });
}

function guardEntry(rules: readonly HoldRule[]): LogEntry {
  if (rules.length === 0) return { event: 'guard', message: 'the guard lets it pass' };
  const message = `the guard holds it: ${rules.map((rule) => rule.message).join(' ')}`;
  return { event: 'guard', level: 'warn', message, facts: { rules: rules.map(({ rule, kind }) => `${rule} ${kind}`) } };
}

function guardOptions({ run, state }: Decision): Parameters<typeof guard>[2] {
  return { adopted: state.adopted, delta: run.reads === 'changes' };
}

/** Refuses another plan than the approved one. A row that the database refused in an earlier attempt was part of that. */
async function proveSamePlan(
  connection: Connection,
  request: PlanRequest,
  { plan, applies }: { plan: Plan; applies: Applicable },
): Promise<string> {
  const whole =
    request.refused.size === 0
      ? plan
      : await planChanges(connection, { ...request, draft: openDraft(request.draft.hasLocations), refused: new Map() });
  const digest = await digestOf(connection, whole, request.sourceId);
  if (digest !== applies.digest) throw planStale(applies);
  return digest;
}

interface Ending {
  run: RunToSave;
  plan: Plan;
  rules: HoldRule[];
  context: SaveContext;
  waits: boolean;
  state: SyncState;
  /** Where somebody decides on the plan, or has. */
  digest: string | null;
}

async function finish(connection: Connection, ending: Ending): Promise<void> {
  const { run, plan, rules, context, waits, state } = ending;
  const { sourceId, runId, time } = context;
  const complete = run.complete === null ? null : run.complete && plan.draft.complete;
  const failure = waits ? null : nothingSaved(plan);
  if (failure === null) {
    if (run.applies !== null) await markApproved(connection, run, runId);
    if (state.waiting && (run.applies !== null || (!run.dryRun && (complete || rules.length > 0)))) {
      const wasHeld = await supersedeWaiting(connection, { sourceId, byRunId: runId });
      run.lease.runLog.followsHold = wasHeld;
    }
    if (!waits) await moveSyncState(connection, committedRun(ending, complete === true));
  }
  const rejected = kinds.some((kind) => plan.counts[kind].rejected > 0);
  const saved = rejected ? 'partial' : 'success';
  await finishRun(connection, run.lease.claim, {
    status: failure ? 'failed' : run.dryRun ? 'planned' : rules.length > 0 ? 'held' : saved,
    counts: plan.counts,
    complete,
    notes: plan.notes,
    hold: rules.length > 0 ? { rules, resolution: null, resolved_by: null, resolved_at: null } : null,
    error: failure === null ? null : errorRecord(failure, ''),
    digest: ending.digest,
    time,
  });
}

/** What the source's state is after this save, and whether the next run may repeat it. */
function committedRun({ run, plan, context, state }: Ending, complete: boolean): CommittedRun {
  const { sourceId, runId, time } = context;
  const sawEverything = sawAll(plan);
  const owner = ownerOf(context);
  const isClean =
    sawEverything &&
    run.complete !== false &&
    plan.draft.complete &&
    kinds.every((kind) => plan.counts[kind].rejected === 0);
  const repeats = isClean && run.payloadDigest !== null;
  return {
    sourceId,
    runId,
    time,
    complete,
    sawAll: sawEverything,
    owner: sawEverything || state.owner === owner ? owner : null,
    payloadDigest: repeats ? run.payloadDigest : null,
    itemRows: repeats
      ? itemsIn(plan)
      : rowsAfter(plan, run.reads === 'all' && complete ? liveIn(plan) : state.itemRows),
    compared: true,
    readAll: run.reads === 'all' && complete,
    remembers: plan.draft.complete ? rememberedAfter(run) : 'keep',
  };
}

async function markApproved(
  connection: Connection,
  { applies, requestedBy }: RunToSave,
  byRunId: string,
): Promise<void> {
  if (applies === null) return;
  const of = { runId: applies.runId, resolution: 'approved', requestedBy, byRunId } as const;
  if (await resolveHold(connection, of)) return;
  // Somebody decided meanwhile: say what, not what stood there when this run began.
  throw planStale((await readApplicable(connection, applies.runId)) ?? applies);
}

function textOf(id: number | null): string | null {
  return id === null ? null : String(id);
}
