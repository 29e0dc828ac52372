// Compares a batch of items with their stored rows: what each change is, and what the guard must know of it.
import { hash } from 'node:crypto';
import { canonical } from '../../catalog/canonical-json.ts';
import { type Item, itemKey, type Kind, kinds } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import type { Json } from '../../json.ts';
import { readRows, type StoredRow } from '../../records/items/read-rows.ts';
import { rowsVanished } from '../../records/items/save-items.ts';
import type { Draft } from '../draft/draft.ts';
import type { ItemToWrite } from '../draft/items-to-write.ts';
import { compareItem, guardedPrice } from './compare-item.ts';
import { locationPrices } from './compare-locations.ts';
import type { GuardFacts } from './guard.ts';

/** One item that differs from its stored row; 'filled' = only what we keep beside the content differs. */
export interface PlannedChange extends ItemToWrite {
  operation: 'updated' | 'restored' | 'filled';
  fields: Record<string, Json[]>;
  /** Fingerprint of the stored row, 32 hex digits; '' = not known. */
  storedHash: string;
  storedPathId: string | null;
  /** Whether updated_at moves. */
  contentChanged: boolean;
  /** What the digest knows of the stored row: its fingerprint, or a hash of its content where that is not known. */
  storedDigest: string;
}

export interface BatchToCompare {
  sourceId: string;
  draft: Draft;
  batch: readonly ItemToWrite[];
  /** Gets the guard's numbers, when given. */
  facts: Record<Kind, GuardFacts> | null;
}

// Rows read and compared at once.
const rowsAtOnce = 1_000;

/** Some items with their stored rows, not compared yet. */
export interface RowsToCompare {
  compare(): PlannedChange[];
}

/** Reads the stored rows of the batch, in parts of at most 1,000; nothing is asked of the server between two parts. */
export async function* readBatch(queryable: Queryable, of: BatchToCompare): AsyncGenerator<RowsToCompare, void, void> {
  for (const part of kinds.flatMap((kind) => partsOf(kind, of.batch))) {
    const rows = await readPart(queryable, of, part);
    const { keys } = of.draft.kinds[part.kind];
    yield {
      compare: () =>
        part.items.map((found) => {
          const row = rowOf(rows, part, { found, pathId: keys.storedPathIdOf(found.index) });
          if (of.facts !== null) noteFacts(of.facts[part.kind], found, row);
          return plannedChange(found, row, keys.storedHashOf(found.index));
        }),
    };
  }
}

/** Reads the stored rows of the batch and names every difference, in parts of at most 1,000. */
export async function* compareBatch(
  queryable: Queryable,
  of: BatchToCompare,
): AsyncGenerator<PlannedChange[], void, void> {
  for await (const rows of readBatch(queryable, of)) yield rows.compare();
}

/** Notes what the guard must know of items whose stored rows differ for certain, from a few columns of these. */
export async function noteFactsOf(
  queryable: Queryable,
  of: BatchToCompare & { facts: Record<Kind, GuardFacts> },
): Promise<void> {
  const parts = kinds.flatMap((kind) => partsOf(kind, of.batch));
  for (const part of parts) {
    const { keys } = of.draft.kinds[part.kind];
    const rows = await readPart(queryable, of, { ...part, columns: guardedColumns[part.kind] });
    for (const found of part.items) {
      const row = rowOf(rows, part, { found, pathId: keys.storedPathIdOf(found.index) });
      noteFacts(of.facts[part.kind], found, row);
    }
  }
}

const guardedColumns: Readonly<Record<Kind, readonly string[]>> = {
  products: ['price', 'currency', 'is_available'],
  modifiers: ['price', 'currency', 'is_available'],
  discounts: ['discount_amount', 'price', 'currency', 'is_available'],
};

function rowOf(
  rows: ReadonlyMap<string, StoredRow>,
  { kind }: Part,
  { found, pathId }: { found: ItemToWrite; pathId: string | null },
): StoredRow {
  const row = rows.get(itemKey(kind, found.item.externalId, pathId));
  if (row === undefined) throw rowsVanished(kind);
  return row;
}

interface Part {
  kind: Kind;
  items: readonly ItemToWrite[];
  /** Absent = all content columns. */
  columns?: readonly string[];
}

function partsOf(kind: Kind, batch: readonly ItemToWrite[]): Part[] {
  const items = batch.filter(({ item }) => item.kind === kind);
  const parts: Part[] = [];
  for (let start = 0; start < items.length; start += rowsAtOnce) {
    parts.push({ kind, items: items.slice(start, start + rowsAtOnce) });
  }
  return parts;
}

/** The stored rows of a part by key. */
async function readPart(queryable: Queryable, of: BatchToCompare, part: Part): Promise<Map<string, StoredRow>> {
  const { keys } = of.draft.kinds[part.kind];
  const asked = part.items.map(({ index, item }) => ({
    externalId: item.externalId,
    pathId: keys.storedPathIdOf(index),
  }));
  const { columns } = part;
  const rows = await readRows(queryable, {
    sourceId: of.sourceId,
    kind: part.kind,
    keys: asked,
    columns,
    hasLocations: of.draft.hasLocations,
  });
  return new Map(rows.map((row) => [itemKey(part.kind, row.externalId, row.pathId), row]));
}

function plannedChange(found: ItemToWrite, row: StoredRow, storedHash: string): PlannedChange {
  const { fields, changed } = compareItem(row, found.item);
  const storedDigest = storedHash === '' ? contentDigest(row) : storedHash;
  const known = { ...found, fields, storedHash, storedPathId: row.pathId, storedDigest };
  if (found.verdict === 'restored') return { ...known, operation: 'restored', contentChanged: true };
  const operation = Object.keys(fields).length > 0 ? 'updated' : 'filled';
  return { ...known, operation, contentChanged: changed };
}

function noteFacts(facts: GuardFacts, { item, verdict }: ItemToWrite, row: StoredRow): void {
  if (verdict === 'restored') return;
  if (row.content.is_available === true && item.isAvailable === false) facts.unavailable += 1;
  const prices = pricesOf(item, row);
  if (prices.length === 0) return;
  facts.priced += 1;
  if (prices.some(({ old, isNew }) => isNew === 0 && old !== 0)) facts.zeroed += 1;
  const hasMoved = prices.some(({ old, isNew }) => isNew === null || Math.abs(isNew - old) > Math.abs(old) / 2);
  if (hasMoved) facts.moved += 1;
}

/** What the item cost and costs, by itself and at each location with a price of its own; an item counts once, whichever moves. */
function pricesOf(item: Item, row: StoredRow): { old: number; isNew: number | null }[] {
  const own = guardedPrice({ amount: item.discountAmount, price: item.price });
  const old = guardedPrice({ amount: row.content.discount_amount, price: row.content.price });
  const currency = row.content.currency ?? null;
  const isOther = currency !== null && item.currency !== null && currency !== item.currency;
  const prices = row.locations.length === 0 ? [] : locationPrices(row.locations, { item, own });
  return isOther || old === null ? prices : [{ old, isNew: own }, ...prices];
}

/** A hash of what a row holds, for rows whose fingerprint another program's write took away: 32 hex digits. */
export function contentDigest(row: StoredRow): string {
  const locations = row.locations as unknown as Json;
  const content = row.locations.length === 0 ? row.content : { ...row.content, locations };
  return hash('sha256', canonical(content), 'hex').slice(0, 32);
}
