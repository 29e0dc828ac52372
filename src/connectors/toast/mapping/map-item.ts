// From one raw Toast item or discount to an item: pure, total, and never guessing.
import { formattedItem, rejectOf } from '../../../catalog/check-item.ts';
import type { Decimal, Formatted, Item, Kind } from '../../../catalog/item.ts';
import { parseMoney } from '../../../catalog/money.ts';
import { idText, isObject, readText } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';

/** The settings that the mapping depends on. */
export interface MappingRules {
  currency: string | null;
}

export type RawObject = { [key: string]: Json };

export const noIds = { externalId: null, pathId: null };

/** A field of the raw item that cannot be what it should be. */
export class UnusableField extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Maps one menu item, as it stands in one group. Whatever is wrong with it becomes a reject that names the field. */
export function mapProduct(raw: Json, rules: MappingRules): Formatted {
  return mapped('products', raw, (object) => {
    const price = moneyField(object, 'price');
    return {
      fields: { price, currency: rules.currency, data: withoutReferences(object) },
      preference: preferenceOf(price),
    };
  });
}

/** Maps one discount of the configuration API. */
export function mapDiscount(raw: Json, rules: MappingRules): Formatted {
  return mapped('discounts', raw, (object) => ({
    fields: {
      discountAmount: moneyField(object, 'amount'),
      discountPercent: moneyField(object, 'percentage'),
      currency: rules.currency,
      isAvailable: flagField(object, 'active'),
      data: object,
    },
    preference: 0,
  }));
}

/**
 * Of one item that stands in several menus at different prices (MENU_SPECIFIC_PRICE), the highest known price wins; equal
 * ones go to the smaller fingerprint. Only for comparing: amounts stay decimal text.
 */
export function preferenceOf(price: Decimal | null): number {
  return price === null ? Number.NEGATIVE_INFINITY : Number(price);
}

interface Mapped {
  fields: Partial<Item> & Pick<Item, 'data'>;
  preference: number;
}

function mapped(kind: Kind, raw: Json, map: (object: RawObject) => Mapped): Formatted {
  if (!isObject(raw)) {
    return rejectOf(kind, noIds, { reason: 'not_an_object', message: 'The item is not an object.', raw });
  }
  const externalId = idText(raw.guid);
  if (externalId === null) {
    return rejectOf(kind, noIds, { reason: 'missing_external_id', message: 'The item has no usable guid.', raw });
  }
  try {
    const { fields, preference } = map(raw);
    const name = textField(raw, 'name');
    return formattedItem({ ...emptyItem(kind, externalId), name, ...fields }, preference);
  } catch (error) {
    if (!(error instanceof UnusableField)) throw error;
    return rejectOf(kind, { externalId, pathId: null }, { reason: error.reason, message: error.message, raw });
  }
}

/** An item of which only the key is known. */
export function emptyItem(kind: Kind, externalId: string): Item {
  return {
    kind,
    externalId,
    pathId: null,
    name: null,
    itemType: null,
    modifierGroupId: null,
    modifierGroupName: null,
    discountAmount: null,
    discountPercent: null,
    price: null,
    currency: null,
    // The menus API does not say what is sold out; that is the stock API's.
    isAvailable: null,
    data: null,
  };
}

const references = new Set([
  'referenceId',
  'modifierGroupReferences',
  'modifierOptionReferences',
  'preModifierGroupReference',
]);

/**
 * The raw object without the numbers by which one document refers to its own parts: they are others in the next document,
 * and would be changes of items in which nothing has changed. Portions have such references, too.
 */
export function withoutReferences(raw: RawObject): RawObject {
  const kept = Object.entries(raw).filter(([name]) => !references.has(name));
  return Object.fromEntries(
    kept.map(([name, value]) => {
      if (name !== 'portions' || !Array.isArray(value)) return [name, value];
      return [name, value.map((portion) => (isObject(portion) ? withoutReferences(portion) : portion))];
    }),
  );
}

/** Throws UnusableField. */
export function moneyField(object: RawObject, name: string): Decimal | null {
  const parsed = parseMoney(object[name]);
  if (parsed.ok) return parsed.amount;
  throw new UnusableField('invalid_price', `${name}: ${parsed.message}.`);
}

/** Throws UnusableField. */
export function textField(object: RawObject, name: string): string | null {
  const text = readText(object[name]);
  if (text !== undefined) return text;
  throw new UnusableField('invalid_field', `${name} is not a text.`);
}

function flagField(object: RawObject, name: string): boolean | null {
  const value = object[name];
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  throw new UnusableField('invalid_field', `${name} is neither true nor false.`);
}
