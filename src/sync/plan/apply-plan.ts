// Writes a plan that passed the guard: removals, changed rows, new rows, the last-seen touch and the change rows.
import { contentHashDigits } from '../../catalog/fingerprint.ts';
import { type Kind, kinds } from '../../catalog/item.ts';
import type { Connection } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';
import { removeLocations, replaceLocations } from '../../records/items/item-locations.ts';
import { NewItemRefused, type NewItems } from '../../records/items/new-items.ts';
import { readRows } from '../../records/items/read-rows.ts';
import { type ChangedItem, removeItems, type SaveContext, updateItems } from '../../records/items/save-items.ts';
import { type ChangeRow, writeChanges } from '../../records/runs/write-outcome.ts';
import { type ItemStream, keyName } from '../draft/collect-items.ts';
import type { Draft } from '../draft/draft.ts';
import { type ItemToWrite, itemsToWrite } from '../draft/items-to-write.ts';
import { storedKeyOf } from '../draft/stored-key.ts';
import { type PlannedChange, readBatch } from './compare-batch.ts';
import { removedLocations } from './compare-locations.ts';
import type { Plan } from './plan.ts';
import { touchSeen } from './touch-seen.ts';

/** A row that the database refused although it passed our checks; the run is planned again with it set aside. */
export class RowRefused extends Error {
  /** As keyName() gives it; null = one of several, write them one by one to find it. */
  readonly key: string | null;
  readonly reason: TillsyncError;
  /** Whether it was written while the payload streamed by: then another copy of its key may have won in the end. */
  readonly streamed: boolean;

  constructor(key: string | null, reason: TillsyncError, streamed = false) {
    super(reason.message, { cause: reason });
    this.key = key;
    this.reason = reason;
    this.streamed = streamed;
  }
}

export interface PlanToApply {
  plan: Plan;
  stream: ItemStream;
  /** Where new rows go; may hold some that came while the plan was made. */
  newItems: NewItems;
  /** Writes changed rows one by one, to find the one that the database refuses. */
  careful: boolean;
  /** Whether last_synced_at of every row that was seen moves. */
  touches: boolean;
}

/** Applies the plan on the connection of the save transaction. Throws RowRefused, TillsyncError. */
export async function applyPlan(connection: Connection, context: SaveContext, of: PlanToApply): Promise<void> {
  const { plan, careful } = of;
  for (const kind of kinds) await removeAbsent(connection, context, { plan, kind });
  const { hasLocations } = plan.draft;
  if (plan.changes !== null) await saveChanges(connection, context, { changes: plan.changes, careful, hasLocations });
  const wanted = plan.changes === null ? (['created', 'compare', 'restored'] as const) : (['created'] as const);
  for await (const batch of itemsToWrite(plan.draft, of.stream, wanted)) {
    const known = batch.filter(({ verdict }) => verdict !== 'created');
    if (known.length > 0) {
      await saveCompared(connection, context, { ...of, batch: known });
    }
    await saveCreated(connection, context, { ...of, batch: batch.filter(({ verdict }) => verdict === 'created') });
  }
  await of.newItems.end();
  if (of.touches) await touchSeen(connection, context, plan);
}

/** Compares and saves in turns: while the server writes a part, the next one is compared here. */
async function saveCompared(
  connection: Connection,
  context: SaveContext,
  { plan, careful, batch }: PlanToApply & { batch: readonly ItemToWrite[] },
): Promise<void> {
  const compared = { sourceId: context.sourceId, draft: plan.draft, batch, facts: null };
  const parts = readBatch(connection, compared);
  let saving = Promise.resolve();
  try {
    let next = await parts.next();
    while (!next.done) {
      // The server is still writing the part before.
      const changes = next.value.compare();
      await saving;
      next = await parts.next();
      saving = saveChanges(connection, context, { changes, careful, hasLocations: plan.draft.hasLocations });
      // Whoever waits for it gets its error.
      saving.catch(() => undefined);
    }
  } finally {
    // Nothing may still run on the connection when an error is thrown on.
    await saving.catch(() => undefined);
  }
  await saving;
}

async function saveCreated(
  connection: Connection,
  context: SaveContext,
  { plan, newItems, careful, batch }: PlanToApply & { batch: readonly ItemToWrite[] },
): Promise<void> {
  // Rows that were written while the plan was made, and lost to a later copy of their key.
  const outdated: ItemToWrite[] = [];
  for (const found of batch) {
    if (plan.draft.kinds[found.item.kind].keys.isWritten(found.index)) outdated.push(found);
    else newItems.add(found);
  }
  if (plan.changes === null || outdated.length > 0) await newItems.end();
  else await newItems.flush();
  for (const kind of kinds) {
    const rows = outdated
      .filter(({ item }) => item.kind === kind)
      .map((found) => ({ ...found, storedPathId: found.item.pathId, contentChanged: true }));
    const hasLocations = plan.draft.hasLocations || newItems.wroteLocations;
    await updateRows(connection, context, { kind, rows, careful, hasLocations });
  }
}

async function removeAbsent(
  connection: Connection,
  context: SaveContext,
  { plan, kind }: { plan: Plan; kind: Kind },
): Promise<void> {
  const removals = plan.removals[kind];
  for (let start = 0; start < removals.length; start += 1_000) {
    const indexes = removals.slice(start, start + 1_000);
    const rows = await removedRows(connection, { sourceId: context.sourceId, plan, kind, indexes });
    await writeChanges(connection, context, rows);
    const keys = indexes.map((index) => storedKeyOf(plan.draft, kind, index));
    await removeItems(connection, context, { kind, keys });
    if (plan.draft.hasLocations) await removeLocations(connection, context.sourceId, { kind, keys });
  }
}

/** The change rows of removed items, with what they were last. */
export async function removedRows(
  connection: Connection,
  of: { sourceId: string; plan: Plan; kind: Kind; indexes: readonly number[] },
): Promise<ChangeRow[]> {
  const { kind, plan } = of;
  const { keys } = plan.draft.kinds[kind];
  const asked = of.indexes.map((index) => storedKeyOf(plan.draft, kind, index));
  const { hasLocations } = plan.draft;
  const rows = await readRows(connection, { sourceId: of.sourceId, kind, keys: asked, hasLocations });
  return rows.map(({ externalId, pathId, content, locations }) => ({
    kind,
    externalId,
    pathId,
    operation: 'removed',
    name: typeof content.name === 'string' ? content.name : null,
    fields: {
      ...(content.is_available === false ? {} : { is_available: [content.is_available ?? null, false] }),
      ...removedLocations(locations),
    },
    oldHash: keys.storedHashOf(keys.find(externalId, pathId)),
    newHash: '',
  }));
}

/** The change row of an updated or restored item; none for one that was only filled. */
export function changeRow(change: PlannedChange): ChangeRow | null {
  if (change.operation === 'filled') return null;
  const { item } = change;
  return {
    kind: item.kind,
    externalId: item.externalId,
    // For products the path is content, not key.
    pathId: item.kind === 'modifiers' ? item.pathId : null,
    operation: change.operation,
    name: item.name,
    fields: change.fields,
    oldHash: change.storedHash,
    newHash: change.hash.slice(0, contentHashDigits),
  };
}

async function saveChanges(
  connection: Connection,
  context: SaveContext,
  of: { changes: readonly PlannedChange[]; careful: boolean; hasLocations: boolean },
): Promise<void> {
  const rows = of.changes.map(changeRow).filter((row) => row !== null);
  if (rows.length > 0) await writeChanges(connection, context, rows);
  for (const kind of kinds) {
    const changed = of.changes.filter(({ item }) => item.kind === kind);
    await updateRows(connection, context, { ...of, kind, rows: changed });
  }
}

async function updateRows(
  connection: Connection,
  context: SaveContext,
  of: { kind: Kind; rows: readonly ChangedItem[]; careful: boolean; hasLocations: boolean },
): Promise<void> {
  const { kind, rows, careful } = of;
  const parts = careful ? rows.map((row) => [row]) : rows.length > 0 ? [rows] : [];
  for (const part of parts) {
    try {
      await updateItems(connection, context, { kind, items: part });
    } catch (error) {
      const only = part.length === 1 ? part[0] : undefined;
      throw refusal(error, only ? keyName(kind, only.item.externalId, only.item.pathId) : null);
    }
    const items = part.map(({ item }) => item);
    if (!of.hasLocations && !items.some(({ locations }) => (locations?.length ?? 0) > 0)) continue;
    await replaceLocations(connection, context.sourceId, { kind, items, mayExist: of.hasLocations });
  }
}

/** The refusal of a new row by the key that the plan knows it by; any other error as it is. */
export function newRowRefusal(error: unknown, draft: Draft): unknown {
  if (!(error instanceof NewItemRefused)) return error;
  const { keys } = draft.kinds[error.kind];
  const refused = refusal(error.reason, error.index === null ? null : `${error.kind}\u0001${keys.keyOf(error.index)}`);
  const streamed = error.index !== null && keys.isWritten(error.index);
  return refused instanceof RowRefused ? new RowRefused(refused.key, refused.reason, streamed) : refused;
}

/** SQLSTATEs that one row's values cause: data exceptions, checks, limits of size and depth. */
function refusal(error: unknown, key: string | null): unknown {
  if (!(error instanceof TillsyncError)) return error;
  const state = String(error.facts.sqlstate ?? '');
  return state.startsWith('22') || state.startsWith('54') || state === '23514' || state === '23502'
    ? new RowRefused(key, error)
    : error;
}
