// What PostgreSQL cannot store and how it is made storable: NUL, lone surrogates, endless depth, endless numbers.
import { isRawNumber, type Json } from '../json.ts';
import { mostNumberDigits } from './canonical-json.ts';
import { canonicalDecimal } from './money.ts';

/** Levels of objects and arrays that an item may have; PostgreSQL and JSON.stringify both fail far beyond. */
export const mostDepth = 100;

/** Bytes of JSON text that are kept of a reject. */
export const mostRawLength = 64 * 1024;

export type Finding = 'fine' | 'unstorable_text' | 'too_deep' | 'number_out_of_range';

const unstorable = /[\0\p{Surrogate}]/u;

/** Whether a text has a NUL or half of a surrogate pair, neither of which PostgreSQL stores. */
export function isUnstorableText(text: string): boolean {
  return unstorable.test(text);
}

/** The text with every such character replaced by U+FFFD. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** The worst that is to be found anywhere in a value, keys of objects included. Never goes deeper than `mostDepth`. */
export function inspect(value: Json, depth = 0): Finding {
  if (typeof value === 'string') return unstorable.test(value) ? 'unstorable_text' : 'fine';
  if (value === null || typeof value !== 'object') {
    return typeof value === 'number' && !Number.isFinite(value) ? 'number_out_of_range' : 'fine';
  }
  if (isRawNumber(value)) return isStorableNumber(value.rawJSON) ? 'fine' : 'number_out_of_range';
  if (depth >= mostDepth) return 'too_deep';
  return Array.isArray(value) ? inspectAll(value, depth + 1) : inspectMembers(value, depth + 1);
}

function inspectAll(values: readonly Json[], depth: number): Finding {
  let found: Finding = 'fine';
  for (const value of values) {
    const inner = inspect(value, depth);
    if (inner === 'too_deep' || inner === 'number_out_of_range') return inner;
    if (inner !== 'fine') found = inner;
  }
  return found;
}

function inspectMembers(value: { [key: string]: Json }, depth: number): Finding {
  let found: Finding = 'fine';
  for (const key in value) {
    if (unstorable.test(key)) found = 'unstorable_text';
    const inner = inspect(value[key] ?? null, depth);
    if (inner === 'too_deep' || inner === 'number_out_of_range') return inner;
    if (inner !== 'fine') found = inner;
  }
  return found;
}

// 1e400 is no number for anybody who reads the column as a double, and would be null after JSON.stringify elsewhere.
function isStorableNumber(text: string): boolean {
  return Number.isFinite(Number(text)) && canonicalDecimal(text, mostNumberDigits) !== null;
}

/** A copy with every text storable; keys of objects too. Only for values that `inspect` found not too deep. */
export function storableJson(value: Json): Json {
  if (typeof value === 'string') return isUnstorableText(value) ? storableText(value) : value;
  if (value === null || typeof value !== 'object' || isRawNumber(value)) return value;
  if (Array.isArray(value)) return value.map(storableJson);
  // fromEntries defines own properties, so a key named __proto__ stays a key.
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [storableText(name), storableJson(inner)]));
}

/** Any value as the `raw` of a reject: storable, without depth or size that could fail, cut with a visible sign. */
export function storableRaw(value: Json): Json {
  const raw = storableWhole(value);
  const text = JSON.stringify(raw);
  return text.length <= mostRawLength ? raw : `${text.slice(0, mostRawLength).toWellFormed()}…`;
}

/** Any value in a storable form: texts and numbers replaced where they must be, cut off below `mostDepth` levels. */
export function storableWhole(value: Json): Json {
  return storableJson(cutBelow(value, mostDepth));
}

/** Whether objects and arrays are nested more than `levels` deep. Never goes deeper than that. */
export function isDeeperThan(value: Json, levels: number): boolean {
  if (value === null || typeof value !== 'object' || isRawNumber(value)) return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner: Json) => isDeeperThan(inner, levels - 1));
}

/** A copy with '…' for every object and array below so many levels, and numbers that cannot be stored as texts. */
export function cutBelow(value: Json, levels: number): Json {
  if (value === null || typeof value !== 'object') return value;
  if (isRawNumber(value)) return isStorableNumber(value.rawJSON) ? value : value.rawJSON.slice(0, 1_000);
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.map((inner) => cutBelow(inner, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cutBelow(inner, levels - 1)]));
}
