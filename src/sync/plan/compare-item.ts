// Names the fields in which an incoming item differs from its stored row, with old and new.
import { Big } from 'big.js';
import { canonical } from '../../catalog/canonical-json.ts';
import type { Item } from '../../catalog/item.ts';
import { canonicalDecimal } from '../../catalog/money.ts';
import { isRawNumber, type Json } from '../../json.ts';
import { type ItemColumn, itemTables } from '../../records/items/item-table.ts';
import type { StoredRow } from '../../records/items/read-rows.ts';
import { compareLocations } from './compare-locations.ts';

export interface Comparison {
  /** Field → [old, new], and 'added' or 'removed' third where one side does not exist; members of data as 'data.<name>', locations as 'locations.<id>.<name>'. */
  fields: Record<string, Json[]>;
  /** Whether content changed, so that updated_at moves. */
  changed: boolean;
}

/**
 * Compares all content columns. A row that no run of ours ever wrote is met for the first time: what the original never
 * stored is filled without being called a change (docs/decisions/0004).
 */
export function compareItem(row: StoredRow, item: Item): Comparison {
  const fields: Record<string, Json[]> = {};
  const table = itemTables[item.kind];
  for (const column of table.columns) {
    const old = row.content[column.column] ?? null;
    // Data are compared as values; their text is not needed.
    const isNew = column.type === 'jsonb' ? null : column.text(item, '');
    if (!row.ours && isFilled(column, { old, isNew, item })) continue;
    if (column.type === 'jsonb') compareData(fields, old, item.data);
    else if (!sameValue(column, old, isNew)) fields[column.column] = [old, shownValue(column, isNew)];
  }
  if (row.ours || row.locations.length > 0) compareLocations(fields, row.locations, item);
  const changed = Object.keys(fields).length > 0;
  if (table.keyHasPath && row.pathId !== item.pathId) fields.path_id = [row.pathId, item.pathId];
  return { fields, changed };
}

/** Whether a difference on first meeting is the original's doing: a column it lacked, its 0 for 'no amount', its form of data. */
function isFilled(column: ItemColumn, of: { old: Json; isNew: string | null; item: Item }): boolean {
  if (column.type === 'jsonb') return !sameMembers(of.old, of.item.data);
  // The original wrote 0 for 'no amount', and its columns rounded to cents.
  if (column.type === 'numeric' && of.isNew === null) return canonicalDecimal(String(of.old)) === '0';
  if (column.type === 'numeric' && of.isNew !== null && of.old !== null)
    return inCents(of.isNew) === inCents(String(of.old));
  if (column.column === 'name' || column.column === 'price' || column.column === 'discount_amount') return false;
  return of.old === null;
}

function inCents(text: string): string {
  // numeric also has NaN and Infinity, which no amount of ours is.
  const amount = canonicalDecimal(text);
  return amount === null ? text : new Big(amount).round(2, Big.roundHalfUp).toString();
}

function sameMembers(old: Json, isNew: Json): boolean {
  if (!isObject(old) || !isObject(isNew)) return false;
  const names = Object.keys(old);
  return names.length === Object.keys(isNew).length && names.every((name) => Object.hasOwn(isNew, name));
}

function sameValue(column: ItemColumn, old: Json, isNew: string | null): boolean {
  if (old === null || isNew === null) return old === isNew;
  if (column.type === 'numeric') return canonicalDecimal(String(old)) === canonicalDecimal(isNew);
  return String(old) === isNew;
}

function shownValue(column: ItemColumn, text: string | null): Json {
  return column.type === 'boolean' && text !== null ? text === 'true' : text;
}

function compareData(fields: Record<string, Json[]>, old: Json, isNew: Json): void {
  if (!isObject(old) || !isObject(isNew)) {
    if (!isEqual(old, isNew)) fields.data = [old, isNew];
    return;
  }
  for (const name of Object.keys(old)) {
    const before = old[name] ?? null;
    if (!Object.hasOwn(isNew, name)) fields[`data.${name}`] = [before, null, 'removed'];
    else if (!isEqual(before, isNew[name] ?? null)) fields[`data.${name}`] = [before, isNew[name] ?? null];
  }
  for (const name of Object.keys(isNew)) {
    if (!Object.hasOwn(old, name)) fields[`data.${name}`] = [null, isNew[name] ?? null, 'added'];
  }
}

/** Whether two values are equal as the fingerprint sees it: numbers by value, members in any order. */
function isEqual(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return typeof a === typeof b && typeof a !== 'object' ? false : canonical(a) === canonical(b);
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((element, at) => isEqual(element, b[at] ?? null));
  }
  if (isRawNumber(a) || isRawNumber(b)) return canonical(a) === canonical(b);
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && isEqual(a[name] ?? null, b[name] ?? null));
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** The price that the guard looks at, of a stored row or of an item: an amount for discounts, else the price. */
export function guardedPrice(of: { amount: Json | undefined; price: Json | undefined }): number | null {
  const text = of.amount ?? of.price ?? null;
  // Only ratios are taken from it, so a double is exact enough here; it is never stored.
  return text === null ? null : Number(text);
}
