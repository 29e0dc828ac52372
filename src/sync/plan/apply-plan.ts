// Writes a plan that passed the guard: removals, changed rows, new rows, the last-seen touch and the change rows.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { Connection } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';
import { readRows } from '../../records/items/read-rows.ts';
import {
  insertItems,
  type NewItem,
  removeItems,
  type SaveContext,
  touchAllItems,
  touchItems,
  updateItems,
} from '../../records/items/save-items.ts';
import { type ChangeRow, writeChanges } from '../../records/runs/write-outcome.ts';
import { type ItemStream, keyName } from './collect-items.ts';
import { compareBatch, type PlannedChange } from './compare-batch.ts';
import type { Entry } from './draft.ts';
import { itemsToWrite } from './items-to-write.ts';
import type { Plan } from './plan-changes.ts';

/** A row that the database refused although it passed our checks; the run is planned again with it set aside. */
export class RowRefused extends Error {
  /** As keyName() gives it; null = one of several, write them one by one to find it. */
  readonly key: string | null;
  readonly reason: TillsyncError;

  constructor(key: string | null, reason: TillsyncError) {
    super(reason.message, { cause: reason });
    this.key = key;
    this.reason = reason;
  }
}

/** Applies the plan on the connection of the save transaction. `careful` writes changed rows one by one. */
export async function applyPlan(
  connection: Connection,
  context: SaveContext,
  of: { plan: Plan; stream: ItemStream; careful: boolean },
): Promise<void> {
  for (const kind of kinds) await removeAbsent(connection, context, { kind, entries: of.plan.removals[kind] });
  if (of.plan.changes !== null)
    await saveChanges(connection, context, { changes: of.plan.changes, careful: of.careful });
  const wanted = of.plan.changes === null ? (['created', 'compare', 'restored'] as const) : (['created'] as const);
  for await (const batch of itemsToWrite(of.plan.draft, of.stream, wanted)) {
    const known = batch.filter(({ verdict }) => verdict !== 'created');
    if (known.length > 0) {
      const changes = await compareBatch(connection, { sourceId: context.sourceId, batch: known, facts: null });
      await saveChanges(connection, context, { changes, careful: of.careful });
    }
    const created = batch.filter(({ verdict }) => verdict === 'created');
    for (const kind of kinds) {
      const items = created.filter(({ item }) => item.kind === kind);
      if (items.length > 0) await insertNew(connection, context, { kind, items });
    }
  }
  for (const kind of kinds) await touchSeen(connection, context, { plan: of.plan, kind });
}

async function removeAbsent(
  connection: Connection,
  context: SaveContext,
  { kind, entries }: { kind: Kind; entries: readonly Entry[] },
): Promise<void> {
  for (let start = 0; start < entries.length; start += 1_000) {
    const batch = entries.slice(start, start + 1_000);
    await writeChanges(
      connection,
      context,
      await removedRows(connection, { sourceId: context.sourceId, kind, entries: batch }),
    );
    await removeItems(connection, context, { kind, keys: batch });
  }
}

/** The change rows of removed items, with what they were last. */
export async function removedRows(
  connection: Connection,
  of: { sourceId: string; kind: Kind; entries: readonly Entry[] },
): Promise<ChangeRow[]> {
  const rows = await readRows(connection, { sourceId: of.sourceId, kind: of.kind, keys: of.entries });
  const hashes = new Map(
    of.entries.map((entry) => [keyName(of.kind, entry.externalId, entry.pathId), entry.stored?.hash]),
  );
  return rows.map(({ externalId, pathId, content }) => ({
    kind: of.kind,
    externalId,
    pathId,
    operation: 'removed',
    name: typeof content.name === 'string' ? content.name : null,
    fields: content.is_available === false ? {} : { is_available: [content.is_available ?? null, false] },
    oldHash: hashes.get(keyName(of.kind, externalId, pathId)) ?? '',
    newHash: '',
  }));
}

/** The change row of an updated or restored item; none for one that was only filled. */
export function changeRow(change: PlannedChange): ChangeRow | null {
  if (change.operation === 'filled') return null;
  return {
    kind: change.item.kind,
    externalId: change.entry.externalId,
    pathId: change.entry.pathId,
    operation: change.operation,
    name: change.item.name,
    fields: change.fields,
    oldHash: change.entry.stored?.hash ?? '',
    newHash: change.hash,
  };
}

async function saveChanges(
  connection: Connection,
  context: SaveContext,
  of: { changes: readonly PlannedChange[]; careful: boolean },
): Promise<void> {
  const rows = of.changes.map(changeRow).filter((row) => row !== null);
  if (rows.length > 0) await writeChanges(connection, context, rows);
  for (const kind of kinds) {
    const items = of.changes
      .filter(({ item }) => item.kind === kind)
      .map((change) => ({ ...change, storedPathId: change.entry.stored?.pathId ?? null }));
    const parts = of.careful ? items.map((item) => [item]) : items.length > 0 ? [items] : [];
    for (const part of parts) {
      try {
        await updateItems(connection, context, { kind, items: part });
      } catch (error) {
        const only = part.length === 1 ? part[0] : undefined;
        throw refusal(error, only ? keyName(kind, only.item.externalId, only.item.pathId) : null);
      }
    }
  }
}

async function insertNew(
  connection: Connection,
  context: SaveContext,
  of: { kind: Kind; items: readonly NewItem[] },
): Promise<void> {
  try {
    await insertItems(connection, context, of);
  } catch (error) {
    const { where } = (error instanceof TillsyncError ? error.cause : {}) as { where?: string };
    const line = /^COPY \S+, line (\d+)/.exec(where ?? '')?.[1];
    const found = line === undefined ? undefined : of.items[Number(line) - 1]?.item;
    throw refusal(error, found ? keyName(of.kind, found.externalId, found.pathId) : null);
  }
}

/** SQLSTATEs that one row's values cause: data exceptions, checks, limits of size and depth. */
function refusal(error: unknown, key: string | null): unknown {
  if (!(error instanceof TillsyncError)) return error;
  const state = String(error.facts.sqlstate ?? '');
  return state.startsWith('22') || state.startsWith('54') || state === '23514' || state === '23502'
    ? new RowRefused(key, error)
    : error;
}

async function touchSeen(
  connection: Connection,
  context: SaveContext,
  { plan, kind }: { plan: Plan; kind: Kind },
): Promise<void> {
  const seen = [...plan.draft.kinds[kind].entries.values()].filter(
    ({ stored, incoming, rejected }) => stored !== null && !stored.removed && (incoming !== null || rejected),
  );
  if (seen.length === 0) return;
  // A rejected row that another program wrote last has no fingerprint, by which the touch of all knows what was seen.
  const unknown = seen.some(({ stored, incoming }) => incoming === null && stored?.hash === '');
  const unseen = plan.draft.kinds[kind].live - plan.removals[kind].length - seen.length;
  if (unseen === 0 && !unknown) await touchAllItems(connection, context, kind);
  else
    await touchItems(connection, context, {
      kind,
      keys: seen.map(({ externalId, pathId }) => ({ externalId, pathId })),
    });
}
