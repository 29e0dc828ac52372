// From one raw Qu product, modifier or discount to an item: pure, total, and never guessing.
import { formattedItem, rejectOf } from '../../catalog/check-item.ts';
import type { Decimal, Formatted, Item, Kind } from '../../catalog/item.ts';
import { parseMoney } from '../../catalog/money.ts';
import { idText, isObject, readText } from '../../catalog/raw-fields.ts';
import type { Json } from '../../json.ts';

/** The settings that the mapping depends on. */
export interface MappingRules {
  excludeCategories: readonly string[];
  currency: string | null;
}

type RawObject = { [key: string]: Json };

/** A field of the raw item that cannot be what it should be. */
class UnusableField extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Maps one raw item. Whatever is wrong with it becomes a reject that names the field; nothing is thrown. */
export function mapItem(kind: Kind, raw: Json, rules: MappingRules): Formatted {
  if (!isObject(raw)) {
    const ids = { externalId: null, pathId: null };
    return rejectOf(kind, ids, { reason: 'not_an_object', message: 'The item is not an object.', raw });
  }
  return mapRow(kind, raw, { rules, data: raw });
}

/** The same for a row in the intermediary's form that was made of `data`, which is what is kept. */
export function mapRow(kind: Kind, row: RawObject, { rules, data }: { rules: MappingRules; data: Json }): Formatted {
  const ids = readIds(kind, row);
  if (kind !== 'discounts' && ids.pathId === null && !isAbsent(row.pathId)) {
    // Falling back to `id` here would save the item under the key of another one.
    const message = 'pathId is neither a text nor a number.';
    return rejectOf(kind, { externalId: null, pathId: null }, { reason: 'invalid_path_id', message, raw: data });
  }
  if (ids.externalId === null) {
    const message =
      kind === 'discounts' ? 'The item has no usable id.' : 'The item has neither a pathId nor a usable id.';
    return rejectOf(kind, ids, { reason: 'missing_external_id', message, raw: data });
  }
  try {
    const category = categoryOf(kind, row);
    if (category !== null && rules.excludeCategories.some((excluded) => category.includes(excluded))) {
      return { type: 'filtered', kind, ...ids };
    }
    const known = { ...ids, externalId: ids.externalId, category, currency: rules.currency, data };
    const item = itemOf(kind, row, known);
    const amount = kind === 'discounts' ? item.discountAmount : item.price;
    return formattedItem(item, amount === null || amount === '0' ? 0 : 1);
  } catch (error) {
    if (!(error instanceof UnusableField)) throw error;
    return rejectOf(kind, ids, { reason: error.reason, message: error.message, raw: data });
  }
}

/** The key of a raw item as far as it can be read: pathId is `<parent id>-<id>` and unique where `id` is not. */
export function readIds(kind: Kind, raw: RawObject): { externalId: string | null; pathId: string | null } {
  const pathId = kind === 'discounts' ? null : idText(raw.pathId);
  return { externalId: pathId ?? idText(raw.id), pathId };
}

function isAbsent(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}

interface Known {
  externalId: string;
  pathId: string | null;
  category: string | null;
  currency: string | null;
  data: Json;
}

function itemOf(kind: Kind, raw: RawObject, { externalId, pathId, category, currency, data }: Known): Item {
  const group = kind === 'modifiers' ? objectField(raw, 'modifierGroup') : null;
  return {
    kind,
    externalId,
    pathId,
    name: textField(raw, 'name'),
    itemType: kind === 'products' ? textField(raw, 'itemType') : null,
    modifierGroupId: group === null ? null : textField(group, 'id', 'modifierGroup.id'),
    modifierGroupName: kind === 'modifiers' ? category : null,
    discountAmount: kind === 'discounts' ? moneyField(raw.discountAmount, 'discountAmount') : null,
    // 38 of 61 discounts of a real catalog have no amount: they are percentages that Qu does not tell.
    discountPercent: null,
    price: kind === 'discounts' ? null : effectivePrice(raw),
    currency,
    isAvailable: availability(raw),
    data,
  };
}

// `prices` is the effective price, `priceAttribute` the base price; they differ while a scheduled price is in force.
function effectivePrice(raw: RawObject): Decimal | null {
  const prices = objectField(raw, 'prices')?.prices;
  if (prices === null || prices === undefined) return null;
  if (!Array.isArray(prices)) throw new UnusableField('invalid_price', 'prices.prices is not a list.');
  const [first] = prices;
  if (first === null || first === undefined) return null;
  if (!isObject(first)) throw new UnusableField('invalid_price', 'prices.prices[0] is not an object.');
  return moneyField(first.price, 'prices.prices[0].price');
}

// A menu category wins over the modifier group as the category of a modifier.
function categoryOf(kind: Kind, raw: RawObject): string | null {
  if (kind === 'discounts') return null;
  const category = objectField(raw, 'menuCategory');
  const name = category === null ? null : textField(category, 'name', 'menuCategory.name');
  if (name !== null || kind === 'products') return name;
  const group = objectField(raw, 'modifierGroup');
  return group === null ? null : textField(group, 'name', 'modifierGroup.name');
}

function availability(raw: RawObject): boolean | null {
  const isOut = raw.isOutOfStock;
  if (isOut === null || isOut === undefined) return null;
  if (typeof isOut !== 'boolean') {
    throw new UnusableField('invalid_field', 'isOutOfStock is neither true nor false.');
  }
  return !isOut;
}

function moneyField(value: Json | undefined, field: string): Decimal | null {
  const parsed = parseMoney(value);
  if (parsed.ok) return parsed.amount;
  throw new UnusableField('invalid_price', `${field}: ${parsed.message}.`);
}

function textField(object: RawObject, name: string, field = name): string | null {
  const text = readText(object[name]);
  if (text !== undefined) return text;
  throw new UnusableField('invalid_field', `${field} is not a text.`);
}

function objectField(object: RawObject, name: string): RawObject | null {
  const value = object[name];
  if (value === null || value === undefined) return null;
  if (isObject(value)) return value;
  throw new UnusableField('invalid_field', `${name} is not an object.`);
}
