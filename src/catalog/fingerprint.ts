// The fingerprint of an item's content: equal content gives equal bytes, whatever the order of keys or the form of numbers.
import { hash } from 'node:crypto';
import { isRawNumber, type Json } from '../json.ts';
import type { Item } from './item.ts';
import { canonicalDecimal } from './money.ts';

/** Raised when the text below changes: every stored hash then differs once and the fields are compared instead. */
const version = 1;

/** Digits on one side of the point up to which numbers in data are compared by value. */
export const mostNumberDigits = 400;

/**
 * 16 bytes: SHA-256 over a version and every content field, cut. Not in it: the key of the item (kind and external id;
 * for modifiers the path too), since it is compared per key. Numbers count by value (1.10 = 1.1 = 11e-1) and keys of
 * objects in any order, so that jsonb read back from PostgreSQL has the fingerprint of what was written.
 */
export function fingerprint(item: Item): Buffer {
  let text = `${version}`;
  text += optional(item.kind === 'products' ? item.pathId : null);
  text += optional(item.name) + optional(item.itemType);
  text += optional(item.modifierGroupId) + optional(item.modifierGroupName);
  text += decimal(item.discountAmount) + decimal(item.discountPercent) + decimal(item.price);
  text += optional(item.currency);
  text += item.isAvailable === null ? '_' : item.isAvailable ? 't' : 'f';
  text += canonical(item.data);
  return hash('sha256', text, 'buffer').subarray(0, 16);
}

// Every part says its length or its end, so that no two different contents give one text.
function optional(text: string | null): string {
  return text === null ? '_' : `${text.length}:${text}`;
}

function decimal(text: string | null): string {
  return text === null ? '_' : number(text);
}

function number(text: string): string {
  return `#${canonicalDecimal(text, mostNumberDigits) ?? text};`;
}

/** The canonical text of a JSON value; not JSON itself, which would have to escape every string. */
export function canonical(value: Json): string {
  if (typeof value === 'string') return `${value.length}:${value}`;
  if (typeof value === 'number') {
    const text = String(value);
    return Number.isSafeInteger(value) || !text.includes('e') ? `#${text};` : number(text);
  }
  if (value === null) return '_';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (Array.isArray(value)) {
    let text = '[';
    for (const element of value) text += canonical(element);
    return `${text}]`;
  }
  if (isRawNumber(value)) return number(value.rawJSON);
  let text = '{';
  for (const name of Object.keys(value).sort()) {
    // JSON.parse makes __proto__ an own property, and an own property is what a plain read finds first.
    text += `${name.length}:${name}${canonical(value[name] ?? null)}`;
  }
  return `${text}}`;
}
