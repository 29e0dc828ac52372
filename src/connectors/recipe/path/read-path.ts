// Reads a parsed path from a document: pure, without loss of digits, and with every step counted.
import { canonicalDecimal } from '../../../catalog/money.ts';
import { isObject } from '../../../catalog/raw-fields.ts';
import { isRawNumber, type Json } from '../../../json.ts';
import type { Path } from './parse-path.ts';
import type { Work } from './work.ts';

/** What a path is read from. */
export interface Reading {
  /** The element under way. */
  current: Json;
  /** Levels above it by name, and `document`. */
  scope: Readonly<Record<string, Json>>;
  work: Work;
}

/** The value at the path; null where there is none. Throws what `work` throws when it has been too much. */
export function readPath(path: Path, reading: Reading): Json {
  reading.work.step();
  switch (path.type) {
    case 'current':
      return reading.current;
    case 'variable':
      return memberOf(reading.scope as { [key: string]: Json }, path.name);
    case 'field':
      if (!isObject(reading.current)) return null;
      reading.work.read(reading.current, path.name);
      return memberOf(reading.current, path.name);
    case 'index':
      return Array.isArray(reading.current) ? (reading.current.at(path.at) ?? null) : null;
    case 'literal':
      return path.value;
    case 'not':
      return !isTruthy(readPath(path.inner, reading));
    case 'chain':
      return readPath(path.right, from(reading, readPath(path.left, reading)));
    case 'or': {
      const left = readPath(path.left, reading);
      return isTruthy(left) ? left : readPath(path.right, reading);
    }
    case 'and': {
      const left = readPath(path.left, reading);
      return isTruthy(left) ? readPath(path.right, reading) : left;
    }
    case 'equal':
      return isSame(readPath(path.left, reading), readPath(path.right, reading));
    case 'unequal':
      return !isSame(readPath(path.left, reading), readPath(path.right, reading));
    default:
      return projected(path, reading);
  }
}

type Projection = Extract<Path, { type: 'each' | 'values' | 'flatten' | 'filter' }>;

function projected(path: Projection, reading: Reading): Json {
  const elements = elementsOf(path, readPath(path.left, reading), reading.work);
  if (elements === null) return null;
  const results: Json[] = [];
  for (const element of elements) {
    const inner = from(reading, element);
    if (path.type === 'filter' && !isTruthy(readPath(path.condition, inner))) continue;
    const value = readPath(path.right, inner);
    if (value !== null) results.push(value);
  }
  return results;
}

function elementsOf(path: Projection, value: Json, work: Work): readonly Json[] | null {
  if (path.type === 'values') {
    if (!isObject(value)) return null;
    for (const name of Object.keys(value)) work.read(value, name);
    return Object.values(value);
  }
  if (!Array.isArray(value)) return null;
  return path.type === 'flatten' ? value.flat(1) : value;
}

function from(reading: Reading, current: Json): Reading {
  // Written out: this is the innermost step, and a spread takes three times as long.
  return { current, scope: reading.scope, work: reading.work };
}

// Only own members: a document with a member __proto__ or constructor reads like any other.
function memberOf(value: { [key: string]: Json }, name: string): Json {
  return Object.hasOwn(value, name) ? (value[name] ?? null) : null;
}

/** As JMESPath says: null, false, '', [] and {} are false; 0 is true. */
export function isTruthy(value: Json): boolean {
  if (value === null || value === false || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isObject(value) || Object.keys(value).length > 0;
}

// Scalars only: numbers by what they are worth (0 and 0.00 are equal), all else as it is.
function isSame(left: Json, right: Json): boolean {
  const [a, b] = [numberText(left), numberText(right)];
  return a === null || b === null ? a === b && left === right : a === b;
}

function numberText(value: Json): string | null {
  if (typeof value === 'number') return canonicalDecimal(String(value)) ?? String(value);
  return isRawNumber(value) ? (canonicalDecimal(value.rawJSON) ?? value.rawJSON) : null;
}
