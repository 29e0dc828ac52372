// Makes the plan: the stored keys, the payload streamed by, and from both the changes, counts, facts and digest.
import { itemKey, type Kind, kinds } from '../../catalog/item.ts';
import type { Connection } from '../../db/database.ts';
import { readKeys } from '../../records/items/read-keys.ts';
import { readRows } from '../../records/items/read-rows.ts';
import type { RunCounts } from '../../records/runs/run.ts';
import type { DuplicateRow } from '../../records/runs/write-outcome.ts';
import { collectItems, type ItemStream } from './collect-items.ts';
import { compareBatch, contentDigest, type PlannedChange } from './compare-batch.ts';
import { type Draft, type Entry, type KindDraft, openDraft, verdictOf } from './draft.ts';
import type { GuardFacts } from './guard.ts';
import { itemsToWrite } from './items-to-write.ts';
import { openPlanDigest, type PlanDigest } from './plan-digest.ts';

export interface PlanRequest {
  sourceId: string;
  stream: ItemStream;
  /** Whether absence may mean removal at all: a full run, a complete fetch, a connector that removes by absence. */
  removesByAbsence: boolean;
  /** Items that may wait in memory. */
  memoryItems: number;
  /** Keys that the database refused in an earlier attempt of this run, with the sentence. */
  refused: ReadonlyMap<string, string>;
  onItems: (items: number) => void;
}

export interface Plan {
  draft: Draft;
  counts: RunCounts;
  facts: Record<Kind, GuardFacts>;
  /** 32 hex digits. */
  digest: string;
  removals: Record<Kind, Entry[]>;
  duplicates: DuplicateRow[];
  /** Kept while every item fitted into memory; null = compared again while saving. */
  changes: PlannedChange[] | null;
  /** Sentences for the run: what was not looked at, and why. */
  notes: string[];
}

/** Plans under the source's lock, on the connection of the save transaction. Writes nothing. */
export async function planChanges(connection: Connection, request: PlanRequest): Promise<Plan> {
  const draft = openDraft();
  for (const kind of kinds) await loadKeys(connection, { sourceId: request.sourceId, of: draft.kinds[kind] });
  await collectItems(draft, request.stream, request);
  givePaths(draft.kinds.modifiers);
  const digest = openPlanDigest();
  const notes: string[] = [];
  if (!draft.complete)
    notes.push(`The answer is not complete (${draft.reason ?? 'no reason given'}): nothing was removed.`);
  const plan: Plan = {
    draft,
    counts: perKind((kind) => countsOf(draft.kinds[kind])),
    facts: perKind((kind) => factsOf(draft.kinds[kind])),
    digest: '',
    removals: perKind((kind) => removalsOf(draft, kind, { allowed: request.removesByAbsence, notes })),
    duplicates: kinds.flatMap((kind) => duplicatesOf(draft.kinds[kind])),
    changes: draft.overflow ? null : [],
    notes,
  };
  for await (const batch of itemsToWrite(draft, request.stream, ['compare', 'restored'])) {
    const changes = await compareBatch(connection, { sourceId: request.sourceId, batch, facts: plan.facts });
    for (const change of changes) noteChange(plan, change, digest);
    plan.changes?.push(...changes);
  }
  for (const kind of kinds) {
    noteCreated(plan, kind, digest);
    await noteRemoved(connection, { plan, kind, digest, sourceId: request.sourceId });
  }
  const rejected = kinds.reduce((sum, kind) => sum + draft.kinds[kind].rejected, 0);
  if (rejected > draft.rejects.length) {
    notes.push(`Of ${rejected} rejects, the first ${draft.rejects.length} are listed; the raw answer has all.`);
  }
  if (draft.sanitised > 0) {
    notes.push(
      `${draft.sanitised} items held characters that cannot be stored (NUL or half characters); they were replaced.`,
    );
  }
  return { ...plan, digest: digest.hex() };
}

function perKind<T>(make: (kind: Kind) => T): Record<Kind, T> {
  return { products: make('products'), modifiers: make('modifiers'), discounts: make('discounts') };
}

async function loadKeys(connection: Connection, { sourceId, of }: { sourceId: string; of: KindDraft }): Promise<void> {
  await readKeys(connection, { sourceId, kind: of.kind }, ({ externalId, pathId, hash, removed }) => {
    if (!removed) of.live += 1;
    of.entries.set(itemKey(of.kind, externalId, pathId), {
      externalId,
      pathId,
      stored: { hash, removed, pathId },
      incoming: null,
      rejected: false,
    });
  });
}

/** An adopted modifier without a path that meets exactly one incoming path of its id is that item: it gets the path. */
function givePaths(modifiers: KindDraft): void {
  const waiting = [...modifiers.entries.values()].filter(
    ({ stored, incoming, pathId }) => stored !== null && stored.hash === '' && incoming === null && pathId === null,
  );
  if (waiting.length === 0) return;
  const byExternalId = new Map<string, Entry[]>();
  for (const entry of modifiers.entries.values()) {
    // A rejected item came too: with it there may be two paths.
    if (entry.incoming === null && !entry.rejected) continue;
    const same = byExternalId.get(entry.externalId);
    if (same) same.push(entry);
    else byExternalId.set(entry.externalId, [entry]);
  }
  for (const old of waiting) {
    const met = byExternalId.get(old.externalId);
    const only = met?.length === 1 ? met[0] : undefined;
    if (only === undefined || only.stored !== null || only.incoming === null) continue;
    only.stored = old.stored;
    modifiers.entries.delete(itemKey('modifiers', old.externalId, null));
  }
}

function countsOf(of: KindDraft): RunCounts[Kind] {
  let created = 0;
  let unchanged = 0;
  let restored = 0;
  for (const entry of of.entries.values()) {
    const verdict = verdictOf(entry);
    if (verdict === 'created') created += 1;
    else if (verdict === 'unchanged') unchanged += 1;
    else if (verdict === 'restored') restored += 1;
  }
  const { received, rejected, duplicates, filtered } = of;
  return { received, created, updated: 0, unchanged, removed: 0, restored, rejected, duplicates, filtered };
}

function factsOf(of: KindDraft): GuardFacts {
  let priced = 0;
  for (const entry of of.entries.values()) {
    if (entry.incoming?.priced === true && verdictOf(entry) === 'unchanged') priced += 1;
  }
  const { live, received, rejected, filtered } = of;
  return { live, removed: 0, priced, moved: 0, zeroed: 0, unavailable: 0, received, rejected, filtered };
}

function removalsOf(draft: Draft, kind: Kind, of: { allowed: boolean; notes: string[] }): Entry[] {
  if (!of.allowed || !draft.complete) return [];
  const found = draft.kinds[kind];
  const absent = [...found.entries.values()].filter(
    ({ stored, incoming, rejected }) => stored !== null && !stored.removed && incoming === null && !rejected,
  );
  if (absent.length === 0) return [];
  if (!draft.kindsPresent.has(kind)) {
    of.notes.push(`The answer says nothing of ${kind}: ${absent.length} stored ones were left as they are.`);
    return [];
  }
  if (found.keylessRejects > 0) {
    of.notes.push(
      `${found.keylessRejects} of the rejected ${kind} had no readable key, so none was removed for being absent (${absent.length} were not seen).`,
    );
    return [];
  }
  return absent;
}

function duplicatesOf(of: KindDraft): DuplicateRow[] {
  const rows: DuplicateRow[] = [];
  for (const { externalId, pathId, incoming } of of.entries.values()) {
    if (incoming === null || incoming.copies === 1) continue;
    rows.push({ kind: of.kind, externalId, pathId, copies: incoming.copies, identical: incoming.identical });
  }
  return rows;
}

function noteChange(plan: Plan, change: PlannedChange, digest: PlanDigest): void {
  const { kind } = change.item;
  if (change.operation === 'filled') plan.counts[kind].unchanged += 1;
  else if (change.operation === 'updated') plan.counts[kind].updated += 1;
  if (change.operation === 'filled') return;
  digest.add({
    kind,
    key: itemKey(kind, change.entry.externalId, change.entry.pathId),
    operation: change.operation,
    oldHash: change.storedDigest,
    newHash: change.hash,
  });
}

function noteCreated({ draft }: Plan, kind: Kind, digest: PlanDigest): void {
  for (const entry of draft.kinds[kind].entries.values()) {
    if (verdictOf(entry) !== 'created') continue;
    const key = itemKey(kind, entry.externalId, entry.pathId);
    digest.add({ kind, key, operation: 'created', oldHash: '', newHash: entry.incoming?.hash ?? '' });
  }
}

async function noteRemoved(
  connection: Connection,
  { plan, kind, digest, sourceId }: { plan: Plan; kind: Kind; digest: PlanDigest; sourceId: string },
): Promise<void> {
  const removals = plan.removals[kind];
  const unknown = removals.filter((entry) => entry.stored?.hash === '');
  const contents = new Map<string, string>();
  for (let start = 0; start < unknown.length; start += 1_000) {
    const keys = unknown.slice(start, start + 1_000);
    for (const row of await readRows(connection, { sourceId, kind, keys })) {
      contents.set(itemKey(kind, row.externalId, row.pathId), contentDigest(row));
    }
  }
  for (const entry of removals) {
    const key = itemKey(kind, entry.externalId, entry.pathId);
    const oldHash = contents.get(key) ?? entry.stored?.hash ?? '';
    digest.add({ kind, key, operation: 'removed', oldHash, newHash: '' });
  }
  plan.counts[kind].removed = removals.length;
  plan.facts[kind].removed = removals.length;
}
