// The one transaction of a run: lock, plan, guard, and then either the save or the hold; all of it or nothing.
import { kinds } from '../../catalog/item.ts';
import type { Connection } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';
import type { SaveContext } from '../../records/items/save-items.ts';
import { finishRun } from '../../records/runs/finish-run.ts';
import { type Applicable, resolveHold, supersedeHold } from '../../records/runs/holds.ts';
import type { HoldRule } from '../../records/runs/run.ts';
import { type ChangeRow, writeChanges, writeDuplicates, writeRejects } from '../../records/runs/write-outcome.ts';
import { lockSource } from '../../records/sources/lock-source.ts';
import { moveSyncState, readSyncState } from '../../records/sources/sync-state.ts';
import type { Deps } from '../deps.ts';
import { applyPlan, changeRow, RowRefused, removedRows } from '../plan/apply-plan.ts';
import type { ItemStream } from '../plan/collect-items.ts';
import { compareBatch, type PlannedChange } from '../plan/compare-batch.ts';
import { verdictOf } from '../plan/draft.ts';
import { type GuardLimits, guard } from '../plan/guard.ts';
import { itemsToWrite } from '../plan/items-to-write.ts';
import { type Plan, type PlanRequest, planChanges } from '../plan/plan-changes.ts';
import type { Lease } from './keep-lease.ts';
import { withSaveSlot } from './save-slots.ts';

export interface RunToSave {
  lease: Lease;
  sourceId: string;
  configId: string;
  /** Hierarchy of the config, for the rows. */
  conceptId: number | null;
  companyId: number | null;
  siteId: number | null;
  stream: ItemStream;
  dryRun: boolean;
  removesByAbsence: boolean;
  /** Whether the fetch proved itself complete, and why not. */
  complete: boolean;
  reason: string | null;
  limits: GuardLimits;
  /** The held or planned run whose plan this one applies; then the guard has been answered by a person. */
  applies: Applicable | null;
  requestedBy: string;
}

/** Change rows that a held or dry run keeps, so that `diff` works on it. */
const keptChanges = 10_000;
// A row that the database refuses costs one more attempt; past so many the run fails as it is.
const mostRefused = 20;
// A foreign writer of the same keys, or a deadlock with one.
const mostConflicts = 2;
// The connection stands idle while a large payload is formatted; the lease, not the server, decides who is dead.
const idleTimeout = 900_000;
const conflicts = new Set(['key_conflict', 'deadlock', 'serialization_failure']);

/**
 * Plans, guards and saves. Throws TillsyncError; then nothing of the run is in the tables. Rows that the database
 * refuses are set aside as rejects and the payload is streamed again.
 */
export async function saveRun(deps: Deps, run: RunToSave): Promise<void> {
  run.lease.note({ phase: 'waiting' });
  await withSaveSlot(deps.database, () => save(deps, run));
}

async function save(deps: Deps, run: RunToSave): Promise<void> {
  const refused = new Map<string, string>();
  let careful = false;
  let conflictsMet = 0;
  for (;;) {
    try {
      await deps.database.transaction((connection) => attempt(deps, { connection, run, refused, careful }), {
        ownWrites: true,
        idleTimeout,
      });
      return;
    } catch (error) {
      if (error instanceof RowRefused && refused.size < mostRefused && !(careful && error.key === null)) {
        if (error.key === null) careful = true;
        else refused.set(error.key, error.reason.message);
      } else if (error instanceof RowRefused) {
        throw error.reason;
      } else if (error instanceof TillsyncError && conflicts.has(error.code) && conflictsMet < mostConflicts) {
        conflictsMet += 1;
      } else {
        throw error;
      }
    }
  }
}

interface Attempt {
  connection: Connection;
  run: RunToSave;
  refused: ReadonlyMap<string, string>;
  careful: boolean;
}

async function attempt(deps: Deps, { connection, run, refused, careful }: Attempt): Promise<void> {
  const { sourceId, lease } = run;
  const runId = lease.claim.runId;
  lease.note({ phase: 'plan' });
  await lockSource(connection, sourceId);
  const state = await readSyncState(connection, { sourceId, runId });
  if (state.stale && run.applies === null) throw staleFetch();
  const request: PlanRequest = {
    sourceId,
    stream: run.stream,
    removesByAbsence: run.removesByAbsence && run.complete,
    memoryItems: deps.planMemoryChanges,
    refused,
    onItems: (items) => lease.note({ items }),
  };
  const plan = await planChanges(connection, request);
  lease.signal.throwIfAborted();
  if (!run.complete)
    plan.notes.push(`The fetch is not complete (${run.reason ?? 'no reason given'}): nothing was removed.`);
  if (run.applies !== null) await proveSamePlan(connection, request, { plan, applies: run.applies });
  const rules = run.applies === null ? guard(plan.facts, run.limits, { adopted: state.adopted }) : [];
  const context: SaveContext = {
    sourceId,
    configId: run.configId,
    runId,
    time: state.time,
    conceptId: textOf(run.conceptId),
    companyId: textOf(run.companyId),
    siteId: textOf(run.siteId),
  };
  lease.note({ phase: 'save' });
  await writeRejects(connection, context, plan.draft.rejects);
  await writeDuplicates(connection, context, plan.duplicates);
  const waits = run.dryRun || rules.length > 0;
  if (waits) await keepChanges(connection, context, { plan, stream: run.stream });
  else await applyPlan(connection, context, { plan, stream: run.stream, careful });
  lease.signal.throwIfAborted();
  await finish(connection, { run, plan, rules, context, waits });
}

/** Refuses another plan than the approved one. A row that the database refused in an earlier attempt was part of that. */
async function proveSamePlan(
  connection: Connection,
  request: PlanRequest,
  { plan, applies }: { plan: Plan; applies: Applicable },
): Promise<void> {
  const whole = request.refused.size === 0 ? plan : await planChanges(connection, { ...request, refused: new Map() });
  if (whole.digest !== applies.digest) throw planStale(applies);
}

interface Ending {
  run: RunToSave;
  plan: Plan;
  rules: HoldRule[];
  context: SaveContext;
  waits: boolean;
}

async function finish(connection: Connection, { run, plan, rules, context, waits }: Ending): Promise<void> {
  const { sourceId, runId, time } = context;
  const complete = run.complete && plan.draft.complete;
  if (run.applies !== null && !waits) {
    const of = {
      runId: run.applies.runId,
      resolution: 'approved',
      requestedBy: run.requestedBy,
      byRunId: runId,
    } as const;
    if (!(await resolveHold(connection, of))) throw planStale(run.applies);
  } else if ((complete || waits) && !run.dryRun) {
    await supersedeHold(connection, { sourceId, byRunId: runId });
  }
  if (!waits) await moveSyncState(connection, { sourceId, runId, time, complete });
  const rejected = kinds.some((kind) => plan.counts[kind].rejected > 0);
  await finishRun(connection, run.lease.claim, {
    status: run.dryRun ? 'planned' : rules.length > 0 ? 'held' : rejected ? 'partial' : 'success',
    counts: plan.counts,
    complete,
    notes: plan.notes,
    hold: rules.length > 0 ? { rules, resolution: null, resolved_by: null, resolved_at: null } : null,
    digest: plan.digest,
    time,
  });
}

/** Keeps what a held or dry run would change: removals first, then changed, then new items, up to a stated number. */
async function keepChanges(
  connection: Connection,
  context: SaveContext,
  { plan, stream }: { plan: Plan; stream: ItemStream },
): Promise<void> {
  const rows: ChangeRow[] = [];
  for (const kind of kinds) {
    const entries = plan.removals[kind].slice(0, keptChanges - rows.length);
    if (entries.length > 0)
      rows.push(...(await removedRows(connection, { sourceId: context.sourceId, kind, entries })));
  }
  for await (const changes of plan.changes === null
    ? comparedAgain(connection, context, { plan, stream })
    : [plan.changes]) {
    for (const change of changes) {
      const row = rows.length < keptChanges ? changeRow(change) : null;
      if (row !== null) rows.push(row);
    }
    if (rows.length >= keptChanges) break;
  }
  for (const kind of kinds) {
    for (const entry of plan.draft.kinds[kind].entries.values()) {
      if (rows.length >= keptChanges) break;
      if (verdictOf(entry) !== 'created') continue;
      rows.push({
        kind,
        externalId: entry.externalId,
        pathId: entry.pathId,
        operation: 'created',
        name: entry.incoming?.item?.name ?? null,
        fields: {},
        oldHash: '',
        newHash: entry.incoming?.hash ?? '',
      });
    }
  }
  const counted = kinds.reduce((sum, kind) => sum + changesIn(plan, kind), 0);
  if (counted > rows.length) plan.notes.push(`Of ${counted} changes that wait, the first ${rows.length} are listed.`);
  await writeChanges(connection, context, rows);
}

/** The changes that did not fit into memory while planning: the payload is streamed once more. */
async function* comparedAgain(
  connection: Connection,
  context: SaveContext,
  { plan, stream }: { plan: Plan; stream: ItemStream },
): AsyncGenerator<PlannedChange[], void, void> {
  for await (const batch of itemsToWrite(plan.draft, stream, ['compare', 'restored'])) {
    yield await compareBatch(connection, { sourceId: context.sourceId, batch, facts: null });
  }
}

function changesIn(plan: Plan, kind: (typeof kinds)[number]): number {
  const { created, updated, removed, restored } = plan.counts[kind];
  return created + updated + removed + restored;
}

function textOf(id: number | null): string | null {
  return id === null ? null : String(id);
}

function staleFetch(): TillsyncError {
  return new TillsyncError('A newer fetch of this source was saved while this run was under way.', {
    code: 'stale_fetch',
    step: 'sync',
    hint: 'Nothing to do: the newer data is in place. Sync again if in doubt.',
    status: 409,
  });
}

/** The refusal to apply a plan that the tables have moved away from. */
export function planStale(applies: Pick<Applicable, 'runId' | 'resolution' | 'resolvedByRunId'>): TillsyncError {
  const done =
    applies.resolution === 'approved'
      ? `The plan of run ${applies.runId} is stale: it was applied already${applies.resolvedByRunId ? ` by run ${applies.resolvedByRunId}` : ''}.`
      : applies.resolution !== null
        ? `The plan of run ${applies.runId} is stale: it was ${applies.resolution}.`
        : `The plan of run ${applies.runId} is stale: the stored items have changed since it was made.`;
  return new TillsyncError(done, {
    code: 'plan_stale',
    step: 'sync',
    hint: 'Sync again to make a new plan.',
    status: 409,
    facts: { run: applies.runId },
  });
}
