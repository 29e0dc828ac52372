// Makes the plan: the stored keys, the payload streamed by, and from both the changes, counts and facts.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { Connection } from '../../db/database.ts';
import { countPriced, hasRows } from '../../records/items/read-keys.ts';
import type { RunCounts } from '../../records/runs/run.ts';
import type { DuplicateRow } from '../../records/runs/write-outcome.ts';
import { collectItems, type ItemStream, type NewRows } from '../draft/collect-items.ts';
import { type Draft, type KindDraft, perKind } from '../draft/draft.ts';
import { givePaths } from '../draft/give-paths.ts';
import { type ItemToWrite, itemsToWrite } from '../draft/items-to-write.ts';
import { loadKeys, openLookUp } from '../draft/stored-keys.ts';
import { compareBatch, noteFactsOf, type PlannedChange } from './compare-batch.ts';
import { addChange } from './digest-of.ts';
import type { GuardFacts } from './guard.ts';
import type { Plan } from './plan.ts';
import { openPlanDigest } from './plan-digest.ts';

export interface PlanRequest {
  sourceId: string;
  /** Empty; holds afterwards what was found. */
  draft: Draft;
  stream: ItemStream;
  /** Whether absence may mean removal at all: a full run, a complete fetch, a connector that removes by absence. */
  removesByAbsence: boolean;
  /** Whether the payload speaks of some items only, so that the others need not be read. */
  partial: boolean;
  /** Whether it holds what changed since the last fetch: all others are known to be as they were. */
  delta: boolean;
  /** Items that may wait in memory. */
  memoryItems: number;
  /** Items of the whole payload; a payload with more is refused. */
  mostItems: number;
  /** Keys that the database refused in an earlier attempt of this run, with the sentence. */
  refused: ReadonlyMap<string, string>;
  onItems: (items: number) => void;
  /**
   * Where new rows go while the payload streams by, if the source turns out to have no rows: then there is nothing that a
   * guard could hold. Null = nothing is written while planning.
   */
  newRows: NewRows | null;
}

/** Plans under the source's lock, on the connection of the save transaction. */
export async function planChanges(connection: Connection, request: PlanRequest): Promise<Plan> {
  const { draft } = request;
  await collect(connection, request);
  givePaths(draft.kinds.modifiers);
  const notes: string[] = [];
  if (!draft.complete)
    notes.push(`The answer is not complete (${draft.reason ?? 'no reason given'}): nothing was removed.`);
  const plan: Plan = {
    draft,
    counts: perKind((kind) => countsOf(draft.kinds[kind])),
    facts: perKind((kind) => factsOf(draft.kinds[kind])),
    digest: openPlanDigest(),
    removals: perKind((kind) => [
      ...tombstonesOf(draft.kinds[kind]),
      ...removalsOf(draft, kind, { allowed: request.removesByAbsence, notes }),
    ]),
    duplicates: kinds.flatMap((kind) => duplicatesOf(draft.kinds[kind])),
    changes: draft.overflow || countCompared(draft) > keptChanges ? null : [],
    notes,
  };
  for await (const batch of itemsToWrite(draft, request.stream, ['compare', 'restored'])) {
    await lookAt(connection, plan, { sourceId: request.sourceId, batch });
  }
  for (const kind of kinds) {
    plan.counts[kind].removed = plan.removals[kind].length;
    plan.facts[kind].removed = plan.removals[kind].length;
  }
  if (request.delta) await widenFacts(connection, plan.facts, request.sourceId);
  const rejected = kinds.reduce((sum, kind) => sum + draft.kinds[kind].rejected, 0);
  if (rejected > draft.rejects.length) {
    notes.push(`Of ${rejected} rejects, the first ${draft.rejects.length} are listed; the raw answer has all.`);
  }
  if (draft.sanitised > 0) {
    notes.push(
      `${draft.sanitised} items held characters that cannot be stored (NUL or half characters); they were replaced.`,
    );
  }
  return plan;
}

async function collect(connection: Connection, request: PlanRequest): Promise<void> {
  const { draft } = request;
  let lookUp = null;
  // Of a source without rows there is nothing to look up: its first items stream straight into the tables.
  const looksUp = request.partial && (await hasRows(connection, request.sourceId));
  if (looksUp) lookUp = await openLookUp(connection, draft, request.sourceId);
  else await loadKeys(connection, draft, request.sourceId);
  // Looked-up keys and new rows would share the connection; and a row without its path may still be one that comes.
  const streams = lookUp === null && kinds.every((kind) => draft.kinds[kind].keys.size === 0);
  await collectItems(draft, request.stream, { ...request, lookUp, newRows: streams ? request.newRows : null });
}

function countsOf({ keys, received, rejected, duplicates, filtered }: KindDraft): RunCounts[Kind] {
  const counted = { absent: 0, created: 0, unchanged: 0, restored: 0, compare: 0 };
  for (let index = 0; index < keys.size; index++) counted[keys.verdictOf(index)] += 1;
  const { created, unchanged, restored } = counted;
  return { received, created, updated: 0, unchanged, removed: 0, restored, rejected, duplicates, filtered };
}

function factsOf({ keys, live, received, rejected, filtered }: KindDraft): GuardFacts {
  let priced = 0;
  if (live > 0) {
    for (let index = 0; index < keys.size; index++) {
      if (keys.isPriced(index) && keys.verdictOf(index) === 'unchanged') priced += 1;
    }
  }
  return { live, removed: 0, priced, moved: 0, zeroed: 0, unavailable: 0, received, rejected, filtered };
}

/** A share of the prices is one of all prices, also where only those came that moved. */
async function widenFacts(connection: Connection, facts: Plan['facts'], sourceId: string): Promise<void> {
  for (const kind of kinds) {
    const { moved, zeroed } = facts[kind];
    if (moved + zeroed > 0) facts[kind].priced = await countPriced(connection, { sourceId, kind });
  }
}

/** What the POS itself called gone: no absence has to be proven. */
function tombstonesOf({ keys }: KindDraft): number[] {
  const gone: number[] = [];
  for (let index = 0; index < keys.size; index++)
    if (keys.isTombstone(index) && isUnseen(keys, index)) gone.push(index);
  return gone;
}

function isUnseen(keys: KindDraft['keys'], index: number): boolean {
  return keys.isLive(index) && !keys.isIncoming(index) && !keys.isRejected(index);
}

function removalsOf(draft: Draft, kind: Kind, of: { allowed: boolean; notes: string[] }): number[] {
  if (!of.allowed || !draft.complete) return [];
  const { keys, keylessRejects } = draft.kinds[kind];
  const absent: number[] = [];
  for (let index = 0; index < keys.size; index++) {
    if (isUnseen(keys, index) && !keys.isTombstone(index)) absent.push(index);
  }
  if (absent.length === 0) return [];
  if (!draft.kindsPresent.has(kind)) {
    of.notes.push(`The answer says nothing of ${kind}: ${absent.length} stored ones were left as they are.`);
    return [];
  }
  if (keylessRejects > 0) {
    of.notes.push(
      `${keylessRejects} of the rejected ${kind} had no readable key, so none was removed for being absent (${absent.length} were not seen).`,
    );
    return [];
  }
  return absent;
}

function duplicatesOf({ kind, keys }: KindDraft): DuplicateRow[] {
  return [...keys.repeated()].map(({ index, copies, identical }) => ({
    kind,
    externalId: keys.externalIdOf(index),
    pathId: keys.pathIdOf(index),
    copies,
    identical,
  }));
}

// Past so many, what an item's fields were is read while the others are being written, instead of before: the guard needs the
// prices only, and the server would stand idle while they are compared here.
const keptChanges = 2_000;

function countCompared({ kinds: drafts }: Draft): number {
  let compared = 0;
  for (const { keys } of Object.values(drafts)) {
    for (let index = 0; index < keys.size; index++) if (keys.verdictOf(index) === 'compare') compared += 1;
  }
  return compared;
}

/** Looks closely at a batch of items that have a stored row: what the guard must know, and whether their content differs. */
async function lookAt(
  connection: Connection,
  plan: Plan,
  { sourceId, batch }: { sourceId: string; batch: readonly ItemToWrite[] },
): Promise<void> {
  const { draft, facts } = plan;
  // With both fingerprints known their content differs for certain.
  const isCertain = ({ item, index }: ItemToWrite) =>
    plan.changes === null && draft.kinds[item.kind].keys.isHashKnown(index);
  const certain = batch.filter(isCertain);
  await noteFactsOf(connection, { sourceId, draft, batch: certain, facts });
  for (const { item, verdict } of certain) if (verdict === 'compare') plan.counts[item.kind].updated += 1;
  const unsure = batch.filter((found) => !isCertain(found));
  for await (const changes of compareBatch(connection, { sourceId, draft, batch: unsure, facts })) {
    for (const change of changes) countChange(plan, change);
    if (plan.changes === null) for (const change of changes) addChange(plan, change);
    else plan.changes.push(...changes);
  }
}

function countChange({ counts }: Plan, { item, operation }: PlannedChange): void {
  if (operation === 'filled') counts[item.kind].unchanged += 1;
  else if (operation === 'updated') counts[item.kind].updated += 1;
}
