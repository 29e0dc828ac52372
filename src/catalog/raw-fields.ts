// Reading single fields of foreign JSON: presence is explicit, numbers keep their source text, nothing is guessed.
import { isRawNumber, type Json } from '../json.ts';

/** Whether a value is a JSON object (not an array, not a number kept as text). */
export function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** A scalar as text: numbers as they were written, true and false as words. Null for null and absent; else undefined. */
export function readText(value: Json | undefined): string | null | undefined {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return isRawNumber(value) ? value.rawJSON : undefined;
}

/** An id as text, or null when there is none: absent, null, '', or not a text or number. 0 is an id. */
export function idText(value: Json | undefined): string | null {
  if (typeof value === 'boolean') return null;
  const text = readText(value);
  return text === undefined || text === '' ? null : text;
}
