// The oracle of the model test: a plain Map per kind that knows what must be stored, counted and listed after a run.
import { isDeepStrictEqual } from 'node:util';
import { fingerprint } from '../../src/catalog/fingerprint.ts';
import { type Item, type Kind, kinds } from '../../src/catalog/item.ts';
import type { Json } from '../../src/json.ts';
import type { KindCounts } from '../../src/records/runs/run.ts';
import { type Dish, type Face, meantBy } from './model-catalog.ts';

export type Columns = Record<string, Json>;

export interface ModelRow {
  externalId: string;
  /** Part of the key of modifiers, a column of products. */
  pathId: string | null;
  /** Content columns as the table shows them. */
  columns: Columns;
  removed: boolean;
}

export type ModelRows = Record<Kind, Map<string, ModelRow>>;

export interface ExpectedChange {
  key: string;
  operation: 'created' | 'updated' | 'removed' | 'restored';
  fields: Record<string, Json>;
}

export interface Expected {
  counts: Record<Kind, KindCounts>;
  /** Sorted by key. */
  changes: ExpectedChange[];
  duplicates: { key: string; copies: number; identical: boolean }[];
  rejects: number;
  /** Keys of rows whose updated_at moves, and of those whose last_synced_at moves. */
  updated: Set<string>;
  seen: Set<string>;
  rows: ModelRows;
}

export interface Incoming {
  face: Face;
  dishes: readonly Dish[];
  /** Kinds that the body speaks of. */
  present: ReadonlySet<Kind>;
  mode: 'merge' | 'full';
}

/** Name of a key over all kinds. */
export function modelKey(kind: Kind, externalId: string, pathId: string | null): string {
  return JSON.stringify([kind, externalId, kind === 'modifiers' ? pathId : null]);
}

/** Before the first run. */
export function emptyRows(): ModelRows {
  return { products: new Map(), modifiers: new Map(), discounts: new Map() };
}

/** What must be true after a run over these dishes. Changes nothing. */
export function expectRun(before: ModelRows, incoming: Incoming): Expected {
  const expected: Expected = {
    counts: { products: noCounts(), modifiers: noCounts(), discounts: noCounts() },
    changes: [],
    duplicates: [],
    rejects: 0,
    updated: new Set(),
    seen: new Set(),
    rows: emptyRows(),
  };
  for (const kind of kinds) expectKind(expected, { kind, before: before[kind], incoming });
  expected.changes.sort(byKey);
  expected.duplicates.sort(byKey);
  return expected;
}

function byKey(a: { key: string }, b: { key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function noCounts(): KindCounts {
  return {
    received: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    removed: 0,
    restored: 0,
    rejected: 0,
    duplicates: 0,
    filtered: 0,
  };
}

interface OfKind {
  kind: Kind;
  before: ReadonlyMap<string, ModelRow>;
  incoming: Incoming;
}

function expectKind(expected: Expected, { kind, before, incoming }: OfKind): void {
  const counts = expected.counts[kind];
  const rows = expected.rows[kind];
  for (const [key, row] of before) rows.set(key, { ...row, columns: { ...row.columns } });
  const { copies, rejected, keyless } = sorted(kind, incoming);
  counts.rejected = keyless + [...rejected.values()].reduce((sum, count) => sum + count, 0);
  expected.rejects += counts.rejected;
  counts.received = counts.rejected;
  for (const [key, items] of copies) {
    counts.received += items.length;
    counts.duplicates += items.length - 1;
    const winner = best(items);
    if (items.length > 1) {
      const identical = items.every(({ item }) => isDeepStrictEqual(item, winner));
      expected.duplicates.push({ key, copies: items.length, identical });
    }
    expectItem(expected, { key, item: winner, row: rows.get(key) });
  }
  for (const key of rejected.keys()) if (before.get(key)?.removed === false) expected.seen.add(key);
  if (incoming.mode === 'merge' || !incoming.present.has(kind) || keyless > 0) return;
  for (const [key, row] of rows) {
    if (row.removed || copies.has(key) || rejected.has(key)) continue;
    counts.removed += 1;
    const fields: ExpectedChange['fields'] = {};
    if (row.columns.is_available !== false) fields.is_available = [row.columns.is_available ?? null, false];
    expected.changes.push({ key, operation: 'removed', fields });
    expected.updated.add(key);
    row.removed = true;
    row.columns.is_available = false;
  }
}

interface Candidate {
  item: Item;
  preference: number;
}

function sorted(kind: Kind, { dishes, face, present }: Incoming) {
  const copies = new Map<string, Candidate[]>();
  const rejected = new Map<string, number>();
  let keyless = 0;
  for (const dish of present.has(kind) ? dishes.filter((one) => one.kind === kind) : []) {
    const meant = meantBy(dish, face);
    if (meant.type === 'item') {
      const key = modelKey(kind, meant.item.externalId, meant.item.pathId);
      copies.set(key, [...(copies.get(key) ?? []), meant]);
    } else if (meant.externalId === null) {
      keyless += 1;
    } else {
      const key = modelKey(kind, meant.externalId, meant.pathId);
      rejected.set(key, (rejected.get(key) ?? 0) + 1);
    }
  }
  return { copies, rejected, keyless };
}

// The stated rule: the higher preference, then the smaller fingerprint, whatever the order.
function best(candidates: readonly Candidate[]): Item {
  const most = Math.max(...candidates.map(({ preference }) => preference));
  const named = candidates
    .filter(({ preference }) => preference === most)
    .map(({ item }) => ({ item, print: fingerprint(item) }));
  named.sort((a, b) => (a.print < b.print ? -1 : 1));
  return (named[0] as { item: Item }).item;
}

function expectItem(expected: Expected, found: { key: string; item: Item; row: ModelRow | undefined }): void {
  const { key, item, row } = found;
  const counts = expected.counts[item.kind];
  const columns = columnsOf(item);
  const fields = row === undefined ? {} : fieldsBetween(row.columns, columns);
  const verdict =
    row === undefined ? 'created' : row.removed ? 'restored' : Object.keys(fields).length > 0 ? 'updated' : 'unchanged';
  counts[verdict] += 1;
  expected.seen.add(key);
  if (verdict === 'unchanged') return;
  expected.updated.add(key);
  expected.changes.push({ key, operation: verdict, fields });
  const { externalId, pathId } = item;
  expected.rows[item.kind].set(key, { externalId, pathId, columns, removed: false });
}

/** The content columns of an item of its kind, amounts as text. */
export function columnsOf(item: Item): Columns {
  const ending = { price: item.price, currency: item.currency, is_available: item.isAvailable, data: item.data };
  const { name } = item;
  switch (item.kind) {
    case 'products':
      return { path_id: item.pathId, name, item_type: item.itemType, ...ending };
    case 'modifiers':
      return { name, modifier_group_id: item.modifierGroupId, modifier_group_name: item.modifierGroupName, ...ending };
    case 'discounts':
      return { name, discount_amount: item.discountAmount, discount_percent: item.discountPercent, ...ending };
  }
}

/** Field → [old, new], members of data one by one, with a third word where one side does not exist. */
function fieldsBetween(old: Columns, isNew: Columns): Record<string, Json> {
  const fields: Record<string, Json> = {};
  for (const [column, value] of Object.entries(isNew)) {
    if (column !== 'data' && old[column] !== value) fields[column] = [old[column] ?? null, value];
  }
  const before = old.data as Columns;
  const after = isNew.data as Columns;
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [from, to] = [before[name], after[name]];
    if (from === undefined) fields[`data.${name}`] = [null, to ?? null, 'added'];
    else if (to === undefined) fields[`data.${name}`] = [from, null, 'removed'];
    else if (!isDeepStrictEqual(from, to)) fields[`data.${name}`] = [from, to];
  }
  return fields;
}
