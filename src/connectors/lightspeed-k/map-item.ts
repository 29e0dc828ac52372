// From one raw Lightspeed item, modifier or discount to an item: pure, total, and never guessing.
import { formattedItem, rejectOf } from '../../catalog/check-item.ts';
import type { Decimal, Formatted, Item, Kind } from '../../catalog/item.ts';
import { parseMoney } from '../../catalog/money.ts';
import { idText, isObject, readText } from '../../catalog/raw-fields.ts';
import type { Json } from '../../json.ts';
import type { readFormatSettings } from './settings.ts';

export type MappingRules = ReturnType<typeof readFormatSettings>;

type RawObject = { [key: string]: Json };

/** A field of the raw item that cannot be what it should be. */
class UnusableField extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

const noIds = { externalId: null, pathId: null };
const blank = {
  pathId: null,
  itemType: null,
  modifierGroupId: null,
  modifierGroupName: null,
  discountAmount: null,
  discountPercent: null,
  price: null,
  isAvailable: null,
} as const;

/** An item of the list of items; its key is its id. */
export function mapProduct(raw: Json, rules: MappingRules): Formatted {
  if (!isObject(raw)) return notAnObject('products', raw);
  const externalId = idText(raw.id);
  if (externalId === null)
    return rejectOf('products', noIds, { reason: 'missing_external_id', message: 'The item has no usable id.', raw });
  const ids = { externalId, pathId: null };
  return mapped({ kind: 'products', ids, raw }, () => {
    const itemType = textField(raw, 'itemType');
    if (itemType !== null && rules.exclude_item_types.includes(itemType)) return null;
    return {
      ...blank,
      kind: 'products',
      externalId,
      name: textField(raw, 'name'),
      itemType,
      price: listedPrice(raw, rules.price_name),
      currency: rules.currency ?? null,
      isAvailable: availability(raw.active, rules.active_means),
      data: raw,
    };
  });
}

/** A modifier and where it was found in a menu. */
export interface FoundModifier {
  raw: Json;
  group: RawObject;
  /** SKUs of item, group, and of modifiers and groups between; null = one of them has none. */
  above: readonly (string | null)[];
}

/**
 * A modifier of a group of an item. There are no ids, only SKUs: its key is its SKU and its place, item / group / modifier.
 * Menu and screen are no part of it, so that an item in several menus has its modifiers once.
 */
export function mapModifier({ raw, group, above }: FoundModifier, rules: MappingRules): Formatted {
  if (!isObject(raw)) return notAnObject('modifiers', raw);
  const externalId = idText(raw.sku);
  if (externalId === null)
    return rejectOf('modifiers', noIds, { reason: 'missing_external_id', message: 'The modifier has no SKU.', raw });
  const place = [...above, externalId];
  if (place.includes(null)) {
    const message = `The item or the group of the modifier ${externalId} has no SKU.`;
    return rejectOf('modifiers', noIds, { reason: 'missing_path_id', message, raw });
  }
  const ids = { externalId, pathId: place.map((sku) => segmentOf(sku as string)).join('/') };
  return mapped({ kind: 'modifiers', ids, raw }, () => ({
    ...blank,
    kind: 'modifiers',
    ...ids,
    name: textField(raw, 'productName') ?? textField(raw, 'name'),
    modifierGroupId: textField(group, 'sku'),
    modifierGroupName: textField(group, 'description'),
    price: modifierPrice(raw, rules.modifier_price),
    currency: rules.currency ?? null,
    data: raw,
  }));
}

/** A discount; it has no id, its code is its key. */
export function mapDiscount(raw: Json, rules: MappingRules): Formatted {
  if (!isObject(raw)) return notAnObject('discounts', raw);
  const externalId = idText(raw.code);
  if (externalId === null)
    return rejectOf('discounts', noIds, { reason: 'missing_external_id', message: 'The discount has no code.', raw });
  const ids = { externalId, pathId: null };
  return mapped({ kind: 'discounts', ids, raw }, () => ({
    ...blank,
    kind: 'discounts',
    externalId,
    name: textField(raw, 'name'),
    discountAmount: moneyField(raw.discountAmount, 'discountAmount'),
    discountPercent: moneyField(raw.discountPercentage, 'discountPercentage'),
    currency: rules.currency ?? null,
    data: raw,
  }));
}

interface Keyed {
  kind: Kind;
  ids: { externalId: string; pathId: string | null };
  raw: Json;
}

/** The item that `read` makes of it; null = it is left out. */
function mapped({ kind, ids, raw }: Keyed, read: () => Item | null): Formatted {
  try {
    const item = read();
    if (item === null) return { type: 'filtered', kind, ...ids };
    const amount = item.price ?? item.discountAmount ?? item.discountPercent;
    return formattedItem(item, amount === null || amount === '0' ? 0 : 1);
  } catch (error) {
    if (!(error instanceof UnusableField)) throw error;
    return rejectOf(kind, ids, { reason: error.reason, message: error.message, raw });
  }
}

function notAnObject(kind: Kind, raw: Json): Formatted {
  return rejectOf(kind, noIds, { reason: 'not_an_object', message: 'The item is not an object.', raw });
}

/** A SKU may hold the slash that joins them. */
function segmentOf(sku: string): string {
  return sku.replaceAll('%', '%25').replaceAll('/', '%2F');
}

// A percentage and a price asked for at the till are no price.
function listedPrice(raw: RawObject, name: string | undefined): Decimal | null {
  const mode = textField(raw, 'priceMode');
  const { prices } = raw;
  if (prices === null || prices === undefined) return null;
  if (!Array.isArray(prices)) throw new UnusableField('invalid_price', 'prices is not a list.');
  const named = name === undefined ? prices[0] : prices.find((price) => isObject(price) && price.name === name);
  if (named === null || named === undefined) return null;
  if (!isObject(named)) throw new UnusableField('invalid_price', 'An entry of prices is not an object.');
  const amount = moneyField(named.amount, 'prices.amount');
  return mode === null || mode === 'AMOUNT' ? amount : null;
}

function modifierPrice(raw: RawObject, which: MappingRules['modifier_price']): Decimal | null {
  const field = which === 'product_price' ? 'productPrice' : 'extraPrice';
  const strategy = textField(raw, 'pricingStrategy');
  const amount = moneyField(raw[field], field);
  return strategy === null || strategy === 'PRICE_CANNOT_BE_CUSTOMIZED' ? amount : null;
}

function availability(active: Json | undefined, means: MappingRules['active_means']): boolean | null {
  if (active === null || active === undefined || means === 'nothing') return null;
  if (typeof active !== 'boolean') throw new UnusableField('invalid_field', 'active is neither true nor false.');
  return means === 'on_sale' ? active : !active;
}

function moneyField(value: Json | undefined, field: string): Decimal | null {
  const parsed = parseMoney(value);
  if (parsed.ok) return parsed.amount;
  throw new UnusableField('invalid_price', `${field}: ${parsed.message}.`);
}

function textField(object: RawObject, name: string): string | null {
  const text = readText(object[name]);
  if (text !== undefined) return text;
  throw new UnusableField('invalid_field', `${name} is not a text.`);
}
