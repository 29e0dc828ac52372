// Items as the edge contract carries them (format-integration-data out, save-integration-data in), aliases included.
import { type Json, numberFromSource } from '../json.ts';
import { formattedItem, rejectOf } from './check-item.ts';
import { locationsToFormatted, readLocations } from './formatted/formatted-locations.ts';
import type { Decimal, Formatted, Item, Kind } from './item.ts';
import { parseMoney } from './money.ts';
import { idText, isObject, readText } from './raw-fields.ts';

type RawObject = { [key: string]: Json };

/** Raised when the mapping of save bodies changes, so that equal bodies are formatted again. */
export const formattedVersion = 2;

/** Fields by their names in the order in which they count; the first one that is present wins, 0 and '' are present. */
const aliases = {
  externalId: ['mappingId', 'id', 'external_id'],
  pathId: ['pathId', 'path_id'],
  name: ['name'],
  itemType: ['itemType', 'item_type'],
  modifierGroupId: ['modifierGroupId', 'modifier_group_id'],
  modifierGroupName: ['category', 'modifierGroupName', 'modifier_group_name'],
  discountAmount: ['discountAmount', 'discount_amount', 'price'],
  discountPercent: ['discountPercent', 'discount_percent'],
  price: ['price'],
  currency: ['currency'],
  isAvailable: ['isAvailable', 'is_available'],
} as const;
type Field = keyof typeof aliases;

/**
 * One item of a save body. Absent and null are absent. What cannot be read becomes a reject that names the field.
 * `data` is what the caller says it is, else the item itself. Discounts have no price: `price` is their amount's alias.
 * A path of '' is present and means that the item hangs nowhere: null, as the original stored it.
 */
export function itemFromFormatted(kind: Kind, raw: Json): Formatted {
  if (!isObject(raw)) {
    const ids = { externalId: null, pathId: null };
    return rejectOf(kind, ids, { reason: 'not_an_object', message: 'The item is not an object.', raw });
  }
  const ids = { externalId: externalIdOf(raw), pathId: kind === 'discounts' ? null : pathOf(raw) };
  const { externalId } = ids;
  if (kind !== 'discounts' && ids.pathId === null && !isPathAbsent(raw)) {
    // The path is half of a modifier's key: with null for it, the reject would count for another modifier as seen.
    const known = kind === 'modifiers' ? { externalId: null, pathId: null } : ids;
    return rejectOf(kind, known, { reason: 'invalid_path_id', message: 'pathId is neither a text nor a number.', raw });
  }
  if (externalId === null) {
    const message = 'The item has no usable mappingId, id or external_id.';
    return rejectOf(kind, ids, { reason: 'missing_external_id', message, raw });
  }
  const unusable = unusableField(kind, raw);
  if (unusable !== null) return rejectOf(kind, ids, { ...unusable, raw });
  const locations = readLocations(raw);
  if (locations !== null && 'problem' in locations) {
    return rejectOf(kind, ids, { reason: 'invalid_locations', message: locations.problem, raw });
  }
  const isModifier = kind === 'modifiers';
  const isDiscount = kind === 'discounts';
  const item: Item = {
    kind,
    externalId,
    pathId: ids.pathId,
    name: textOf(raw, 'name'),
    itemType: kind === 'products' ? textOf(raw, 'itemType') : null,
    modifierGroupId: isModifier ? textOf(raw, 'modifierGroupId') : null,
    modifierGroupName: isModifier ? textOf(raw, 'modifierGroupName') : null,
    discountAmount: isDiscount ? amountOf(raw, 'discountAmount') : null,
    discountPercent: isDiscount ? amountOf(raw, 'discountPercent') : null,
    price: isDiscount ? null : amountOf(raw, 'price'),
    currency: textOf(raw, 'currency'),
    isAvailable: present(raw, 'isAvailable') as boolean | null,
    ...(locations === null ? {} : { locations }),
    data: Object.hasOwn(raw, 'data') ? (raw.data ?? null) : raw,
  };
  const amount = isDiscount ? item.discountAmount : item.price;
  return formattedItem(item, amount === null || amount === '0' ? 0 : 1);
}

/** The edge contract's form of an item: amounts as JSON numbers, only the fields of its kind, nothing for null. */
export function itemToFormatted(item: Item): Json {
  const fields: [string, Json | null][] = [
    ['mappingId', item.externalId],
    ['pathId', item.pathId],
    ['name', item.name],
    ['itemType', item.itemType],
    ['modifierGroupId', item.modifierGroupId],
    ['category', item.modifierGroupName],
    ['discountAmount', numeric(item.discountAmount)],
    ['discountPercent', numeric(item.discountPercent)],
    ['price', numeric(item.price)],
    ['currency', item.currency],
    ['isAvailable', item.isAvailable],
  ];
  const present = fields.filter(([, value]) => value !== null);
  return { ...Object.fromEntries<Json>(present as [string, Json][]), ...locationsToFormatted(item), data: item.data };
}

function numeric(amount: Decimal | null): Json {
  return amount === null ? null : numberFromSource(amount);
}

function present(raw: RawObject, field: Field): Json {
  for (const name of aliases[field]) {
    const value = Object.hasOwn(raw, name) ? raw[name] : null;
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

// '' is present, so it is no reason to look at the next name; as an id it is empty, which checkItem refuses.
function externalIdOf(raw: RawObject): string | null {
  const value = present(raw, 'externalId');
  return value === '' ? '' : idText(value);
}

function pathOf(raw: RawObject): string | null {
  return idText(present(raw, 'pathId'));
}

function isPathAbsent(raw: RawObject): boolean {
  const value = present(raw, 'pathId');
  return value === null || value === '';
}

function textOf(raw: RawObject, field: Field): string | null {
  return readText(present(raw, field)) ?? null;
}

function amountOf(raw: RawObject, field: Field): Decimal | null {
  const parsed = parseMoney(present(raw, field));
  return parsed.ok ? parsed.amount : null;
}

const amounts: Readonly<Record<Kind, readonly Field[]>> = {
  products: ['price'],
  modifiers: ['price'],
  discounts: ['discountAmount', 'discountPercent'],
};
const texts: Readonly<Record<Kind, readonly Field[]>> = {
  products: ['name', 'itemType', 'currency'],
  modifiers: ['name', 'modifierGroupId', 'modifierGroupName', 'currency'],
  discounts: ['name', 'currency'],
};

function unusableField(kind: Kind, raw: RawObject): { reason: string; message: string } | null {
  for (const field of amounts[kind]) {
    const parsed = parseMoney(present(raw, field));
    if (!parsed.ok) return { reason: 'invalid_price', message: `${field}: ${parsed.message}.` };
  }
  for (const field of texts[kind]) {
    if (readText(present(raw, field)) === undefined) {
      return { reason: 'invalid_field', message: `${field} is not a text.` };
    }
  }
  const isAvailable = present(raw, 'isAvailable');
  if (isAvailable !== null && typeof isAvailable !== 'boolean') {
    return { reason: 'invalid_field', message: 'isAvailable is neither true nor false.' };
  }
  return null;
}
