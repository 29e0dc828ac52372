// What is remembered between two fetches: how far changes were read, what all else looked like, and which item had which groups.
import { createHash } from 'node:crypto';
import { canonical } from '../../catalog/canonical-json.ts';
import { idText, isObject } from '../../catalog/raw-fields.ts';
import { isDeeperThan, mostDepth } from '../../catalog/storable.ts';
import type { Json } from '../../json.ts';

export interface Cursor {
  /** Epoch milliseconds of Clover: changes after it have not been read. */
  modified: number;
  /** Hash of all groups, modifiers and discounts, and of the currency. */
  digest: string;
  /** Groups of every item that has some. */
  links: Map<string, readonly string[]>;
}

// At some 25 bytes each a cursor stays below 300 KB; with more linked items every read is a whole one.
const mostLinked = 10_000;

/** The cursor as JSON, group ids once; null when it would be too large. */
export function writeCursor({ modified, digest, links }: Cursor): Json | null {
  if (links.size > mostLinked) return null;
  const groups = [...new Set([...links.values()].flat())];
  const numbers = new Map(groups.map((group, index) => [group, index]));
  const items = [...links].map(([item, of]): [string, Json] => [item, of.map((group) => numbers.get(group) ?? 0)]);
  return { modified, digest, groups, items: Object.fromEntries(items) };
}

/** Reads it back; null when it is none. */
export function readCursor(value: Json | undefined): Cursor | null {
  if (!isObject(value)) return null;
  const { modified, digest, groups, items } = value;
  if (typeof modified !== 'number' || typeof digest !== 'string' || !Array.isArray(groups) || !isObject(items)) {
    return null;
  }
  const links = new Map<string, readonly string[]>();
  for (const [item, of] of Object.entries(items)) {
    const ids = Array.isArray(of) ? of.map((index) => groups[Number(index)]) : [null];
    if (!ids.every((id) => typeof id === 'string')) return null;
    links.set(item, ids);
  }
  return { modified, digest, links };
}

/** A hash of rows in any order; equal rows are equal whatever the order of their members. */
export function digestOf(rows: readonly Json[], currency: string | null): string {
  const hash = createHash('sha256').update(currency ?? '');
  for (const row of rows.map(textOf).sort()) hash.update(`\n${row}`);
  return hash.digest('hex');
}

/** What tells a row from others: its id, else all of it. */
export function keyOf(row: Json): string {
  return (isObject(row) ? idText(row.id) : null) ?? textOf(row);
}

// Such a row cannot be stored, so it makes no difference what is in it.
function textOf(row: Json): string {
  return isDeeperThan(row, mostDepth) ? 'nested too deep' : canonical(row);
}
