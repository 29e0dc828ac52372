// Whether an item can be saved: its ids byte-exact and short enough, its values storable, else the reason why not.
import type { Json } from '../json.ts';
import type { Formatted, Item, ItemLocation, Kind, Reject } from './item.ts';
import { canonicalDecimal } from './money.ts';
import { inspect, isUnstorableText, mostDepth, storableJson, storableRaw, storableText } from './storable.ts';

/** Most bytes of UTF-8 in an id; an index entry of PostgreSQL ends at 2,704 and holds up to three of them. */
const mostIdBytes = 512;

export interface Refusal {
  reason: string;
  message: string;
}

export type CheckedItem = { item: Item; sanitised: boolean } | Refusal;

/**
 * Checks the ids and makes the values storable. Ids are never changed: one that cannot be stored is a refusal. In
 * values NUL and lone surrogates become U+FFFD and `sanitised` is true.
 */
export function checkItem(item: Item): CheckedItem {
  const refusal =
    checkId(item.externalId, 'external_id') ?? checkId(item.pathId, 'path_id') ?? checkLocations(item.locations);
  if (refusal !== null) return refusal;
  const found = inspect(item.data);
  if (found === 'too_deep') {
    return { reason: 'too_deep', message: `The item is nested deeper than ${mostDepth} levels.` };
  }
  if (found === 'number_out_of_range') {
    return { reason: 'number_out_of_range', message: 'The item holds a number that no database column can carry.' };
  }
  const isClean = found === 'fine' && !textsOf(item).some((text) => text !== null && isUnstorableText(text));
  return isClean ? { item, sanitised: false } : { item: sanitised(item), sanitised: true };
}

/** Why this id cannot be part of a key, or null when it can. Null ids are for the caller to judge. */
function checkId(id: string | null, field: 'external_id' | 'path_id' | 'location_id'): Refusal | null {
  if (id === null) return null;
  if (id === '') return { reason: `empty_${field}`, message: `The ${field} is empty.` };
  // Three bytes are the most that one UTF-16 unit needs: short ids, the usual case, are never encoded.
  if (id.length * 3 > mostIdBytes && Buffer.byteLength(id) > mostIdBytes) {
    const size = Buffer.byteLength(id);
    return {
      reason: `${field}_too_long`,
      message: `The ${field} ${quoted(id)} is ${size} bytes long; at most ${mostIdBytes} are possible.`,
    };
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\u0000-\u001f\u007f\p{Surrogate}]/u.test(id)) {
    return {
      reason: `invalid_${field}`,
      message: `The ${field} ${quoted(id)} holds a control character or half a character.`,
    };
  }
  return null;
}

/** Why the locations of an item cannot be stored, or null when they can. */
function checkLocations(locations: readonly ItemLocation[] | undefined): Refusal | null {
  const met = new Set<string>();
  for (const { locationId, price } of locations ?? []) {
    const refusal = checkId(locationId, 'location_id');
    if (refusal !== null) return refusal;
    if (met.has(locationId)) {
      const message = `The item names the location ${quoted(locationId)} more than once.`;
      return { reason: 'duplicate_location', message };
    }
    met.add(locationId);
    if (price !== null && canonicalDecimal(price) === null) {
      const message = `The price ${quoted(price)} at the location ${quoted(locationId)} is no decimal.`;
      return { reason: 'invalid_location_price', message };
    }
  }
  return null;
}

/** A reject in its storable form. Ids that are no valid key are left out, so that the item does not count as seen. */
export function rejectOf(
  kind: Kind,
  ids: { externalId: string | null; pathId: string | null },
  { reason, message, raw }: Refusal & { raw: Json },
): Extract<Formatted, { type: 'reject' }> {
  const readable =
    ids.externalId !== null &&
    checkId(ids.externalId, 'external_id') === null &&
    checkId(ids.pathId, 'path_id') === null;
  const reject: Reject = {
    kind,
    externalId: readable ? ids.externalId : null,
    pathId: readable ? ids.pathId : null,
    reason,
    message: storableText(message),
    raw: storableRaw(raw),
  };
  return { type: 'reject', reject };
}

/** What formatting yields for a mapped item: the item itself, made storable, or its reject. */
export function formattedItem(item: Item, preference: number): Formatted {
  const checked = checkItem(item);
  if ('reason' in checked) return rejectOf(item.kind, item, { ...checked, raw: item.data });
  return checked.sanitised
    ? { type: 'item', item: checked.item, preference, sanitised: true }
    : { type: 'item', item: checked.item, preference };
}

function textsOf(item: Item): (string | null)[] {
  const currencies = (item.locations ?? []).map(({ currency }) => currency);
  return [item.name, item.itemType, item.modifierGroupId, item.modifierGroupName, item.currency, ...currencies];
}

function sanitised(item: Item): Item {
  const clean = (text: string | null) => (text === null ? null : storableText(text));
  return {
    ...item,
    name: clean(item.name),
    itemType: clean(item.itemType),
    modifierGroupId: clean(item.modifierGroupId),
    modifierGroupName: clean(item.modifierGroupName),
    currency: clean(item.currency),
    data: storableJson(item.data),
    ...(item.locations === undefined
      ? {}
      : { locations: item.locations.map((at) => ({ ...at, currency: clean(at.currency) })) }),
  };
}

function quoted(id: string): string {
  return JSON.stringify(id.length > 60 ? `${id.slice(0, 60)}…` : id);
}
