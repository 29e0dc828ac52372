// From one raw Clover item, modifier or discount to an item of ours: pure, total, and never guessing.
import { formattedItem, rejectOf } from '../../../catalog/check-item.ts';
import type { Decimal, Formatted, Item, Kind } from '../../../catalog/item.ts';
import { majorUnits } from '../../../catalog/minor-units.ts';
import { parseMoney } from '../../../catalog/money.ts';
import { idText, isObject, readText } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import { isDeleted, modifiedAt, type Row } from './raw-rows.ts';

/** A field of a raw row that cannot be what it should be. */
class UnusableField extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Where a modifier hangs. */
export interface Place {
  item: string;
  group: { id: string; name: string | null };
  /** Of two versions of the item in one fetch the later one counts. */
  preference: number;
}

/** Maps an item of Clover. Whatever is wrong with it becomes a reject that names the field. */
export function mapProduct(raw: Json, currency: string | null): Formatted {
  return mapRow({ kind: 'products', raw, place: null }, (row, externalId) => ({
    ...empty('products', { externalId, row, currency }),
    // FIXED, VARIABLE or PER_UNIT: says why there is no price, or that it is one of a unit.
    itemType: textField(row, 'priceType'),
    price: row.priceType === 'VARIABLE' ? null : minorField(row, 'price', currency),
    isAvailable: isOnSale(row),
  }));
}

/** Maps a modifier at one item: it has the key item/group/modifier there. */
export function mapModifier(raw: Json, place: Place, currency: string | null): Formatted {
  const { group } = place;
  const formatted = mapRow({ kind: 'modifiers', raw, place }, (row, externalId) => ({
    ...empty('modifiers', { externalId, row, currency }),
    pathId: pathOf(place, externalId),
    modifierGroupId: group.id,
    modifierGroupName: group.name,
    price: minorField(row, 'price', currency),
    isAvailable: isOnSale(row),
  }));
  return formatted.type === 'item' ? { ...formatted, preference: place.preference } : formatted;
}

/** Maps a discount: Clover takes off a negative amount, here it is a positive one; the sign of a percentage likewise. */
export function mapDiscount(raw: Json, currency: string | null): Formatted {
  return mapRow({ kind: 'discounts', raw, place: null }, (row, externalId) => {
    const discountPercent = percentField(row);
    const amount = minorField(row, 'amount', currency);
    return {
      ...empty('discounts', { externalId, row, currency }),
      discountAmount: amount === null ? null : withoutSign(amount),
      discountPercent,
    };
  });
}

/** Path of a modifier where it hangs. Ids of Clover are letters and digits, so the slashes divide. */
export function pathOf({ item, group }: Pick<Place, 'item'> & { group: { id: string } }, modifier: string): string {
  return `${item}/${group.id}/${modifier}`;
}

type Ids = { externalId: string | null; pathId: string | null };
const none: Ids = { externalId: null, pathId: null };

interface ToMap {
  kind: Kind;
  raw: Json;
  place: Place | null;
}

function mapRow({ kind, raw, place }: ToMap, itemOf: (row: Row, externalId: string) => Item): Formatted {
  if (!isObject(raw)) {
    return rejectOf(kind, none, { reason: 'not_an_object', message: 'The item is not an object.', raw });
  }
  const externalId = idText(raw.id);
  if (externalId === null) {
    return rejectOf(kind, none, { reason: 'missing_external_id', message: 'The item has no usable id.', raw });
  }
  const ids = { externalId, pathId: place === null ? null : pathOf(place, externalId) };
  if (isDeleted(raw)) return { type: 'removed', kind, ...ids };
  try {
    return formattedItem(itemOf(raw, externalId), modifiedAt(raw) ?? 0);
  } catch (error) {
    if (!(error instanceof UnusableField)) throw error;
    return rejectOf(kind, ids, { reason: error.reason, message: error.message, raw });
  }
}

function empty(kind: Kind, of: { externalId: string; row: Row; currency: string | null }): Item {
  return {
    kind,
    externalId: of.externalId,
    pathId: null,
    name: textField(of.row, 'name'),
    itemType: null,
    modifierGroupId: null,
    modifierGroupName: null,
    discountAmount: null,
    discountPercent: null,
    price: null,
    currency: of.currency,
    isAvailable: null,
    data: of.row,
  };
}

/** Not when it is hidden or sold out; unknown where neither is said. */
function isOnSale(row: Row): boolean | null {
  const hidden = booleanField(row, 'hidden');
  const available = booleanField(row, 'available');
  if (hidden === null && available === null) return null;
  return hidden !== true && available !== false;
}

function minorField(row: Row, name: string, currency: string | null): Decimal | null {
  const value = row[name];
  if (value === null || value === undefined) return null;
  const text = typeof value === 'boolean' ? undefined : readText(value);
  if (typeof text === 'string' && /^-?(0|[1-9]\d{0,29})$/.test(text)) return majorUnits(text, currency);
  throw new UnusableField('invalid_price', `${name}: ${shown(value)} is no whole number of minor units.`);
}

function percentField(row: Row): Decimal | null {
  const parsed = parseMoney(row.percentage);
  if (!parsed.ok) throw new UnusableField('invalid_price', `percentage: ${parsed.message}.`);
  if (parsed.amount === null) return null;
  const percent = withoutSign(parsed.amount);
  if (Number(percent) <= 100) return percent;
  throw new UnusableField('invalid_price', `percentage: ${shown(row.percentage ?? null)} is more than 100 %.`);
}

function withoutSign(amount: Decimal): Decimal {
  return amount.replace(/^-/, '');
}

function textField(row: Row, name: string): string | null {
  const text = readText(row[name]);
  if (text !== undefined) return text;
  throw new UnusableField('invalid_field', `${name} is not a text.`);
}

function booleanField(row: Row, name: string): boolean | null {
  const value = row[name];
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  throw new UnusableField('invalid_field', `${name} is neither true nor false.`);
}

function shown(value: Json): string {
  const text = typeof value === 'object' ? 'it' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
