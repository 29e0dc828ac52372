// The fingerprint of an item's content: equal content gives equal bytes, whatever the order of keys or the form of numbers.
import { hash } from 'node:crypto';
import { sortedJson } from './canonical-json.ts';
import type { Item } from './item.ts';
import { canonicalDecimal } from './money.ts';

/** Raised when the text below changes: every stored hash then differs once and the fields are compared instead. */
export const fingerprintVersion = 2;

/** What an item costs once: its fingerprint, and the JSON text of its data, which the save writes. */
export interface EncodedItem {
  /** 32 hex digits. */
  hash: string;
  /** JSON text of `data` with members sorted, every digit as it came. */
  data: string;
}

/**
 * Fingerprint and data in one walk. The fingerprint is 16 bytes: SHA-256 over a version and every content field, cut. Not
 * in it: the key of the item (kind and external id; for modifiers the path too), since it is compared per key. Numbers
 * count by value (1.10 = 1.1 = 11e-1) and keys of objects in any order, so that jsonb read back from PostgreSQL has the
 * fingerprint of what was written.
 */
export function encodeItem(item: Item): EncodedItem {
  const { text, canonical } = sortedJson(item.data);
  let content = `${fingerprintVersion}`;
  content += optional(item.kind === 'products' ? item.pathId : null);
  content += optional(item.name) + optional(item.itemType);
  content += optional(item.modifierGroupId) + optional(item.modifierGroupName);
  content += decimal(item.discountAmount) + decimal(item.discountPercent) + decimal(item.price);
  content += optional(item.currency);
  content += item.isAvailable === null ? '_' : item.isAvailable ? 't' : 'f';
  return { hash: hash('sha256', content + canonical, 'hex').slice(0, 32), data: text };
}

/** The fingerprint alone, 32 hex digits. */
export function fingerprint(item: Item): string {
  return encodeItem(item).hash;
}

// Every part says its length or its end, so that no two different contents give one text.
function optional(text: string | null): string {
  return text === null ? '_' : `${text.length}:${text}`;
}

const plainDecimal = /^-?(?:0|[1-9]\d{0,29})(?:\.\d{0,29}[1-9])?$/;

function decimal(text: string | null): string {
  if (text === null) return '_';
  // Amounts come canonical from parseMoney; the long way is for those that a connector made itself.
  return plainDecimal.test(text) && text !== '-0' ? `#${text};` : `#${canonicalDecimal(text) ?? text};`;
}
