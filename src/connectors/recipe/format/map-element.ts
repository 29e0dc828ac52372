// From one innermost element of a recipe's levels to an item, a reject, a removal, or something left out: total and pure.
import { formattedItem, rejectOf } from '../../../catalog/check-item.ts';
import type { Formatted, Item } from '../../../catalog/item.ts';
import { isObject, readText } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import { isTruthy, type Reading, readPath } from '../path/read-path.ts';
import type { ReadyMapping } from './compile-mapping.ts';
import { availableAt, idAt, moneyAt, percentAt, textAt, UnusableField } from './read-fields.ts';

/** What the config says about the mapping. */
export interface MappingSettings {
  excludeCategories: readonly string[];
  currency: string | null;
}

interface Ids {
  externalId: string | null;
  pathId: string | null;
}

const noIds: Ids = { externalId: null, pathId: null };

/** Whatever is wrong with the element becomes a reject that names the field; nothing of it is thrown. */
export function mapElement(mapping: ReadyMapping, reading: Reading, settings: MappingSettings): Formatted {
  const { kind } = mapping;
  const raw = reading.current;
  if (!isObject(raw)) {
    return rejectOf(kind, noIds, { reason: 'not_an_object', message: 'The item is not an object.', raw });
  }
  if (mapping.skipWhen !== null && isTruthy(readPath(mapping.skipWhen, reading))) {
    return { type: 'filtered', kind, ...noIds };
  }
  const externalId = idAt(mapping.key, reading);
  const pathId = mapping.path === null || kind === 'discounts' ? null : idAt(mapping.path, reading);
  if (externalId === null) {
    const message = `The item has no usable id: ${mapping.key.shown} is missing or no text or number.`;
    return rejectOf(kind, noIds, { reason: 'missing_external_id', message, raw });
  }
  if (kind === 'modifiers' && mapping.path !== null && pathId === null) {
    // Half a key would be that of another modifier.
    const message = `The item has no usable path: ${mapping.path.shown} is missing or no text or number.`;
    return rejectOf(kind, noIds, { reason: 'invalid_path_id', message, raw });
  }
  const ids = { externalId, pathId };
  if (mapping.removedWhen !== null && isTruthy(readPath(mapping.removedWhen, reading))) {
    return { type: 'removed', kind, ...ids };
  }
  try {
    const category = mapping.category === null ? null : textAt(mapping.category, reading);
    if (category !== null && settings.excludeCategories.some((excluded) => category.includes(excluded))) {
      return { type: 'filtered', kind, ...ids };
    }
    const item = itemOf(mapping, reading, { ...ids, category, currency: settings.currency });
    return formattedItem(item, preferenceOf(mapping, reading, item));
  } catch (error) {
    if (!(error instanceof UnusableField)) throw error;
    return rejectOf(kind, ids, { reason: error.reason, message: error.message, raw });
  }
}

interface Known {
  externalId: string;
  pathId: string | null;
  category: string | null;
  currency: string | null;
}

function itemOf(mapping: ReadyMapping, reading: Reading, known: Known): Item {
  const { kind, amount, percent, available } = mapping;
  const text = (rule: ReadyMapping['name']) => (rule === null ? null : textAt(rule, reading));
  const money = amount === null ? { amount: null, currency: known.currency } : moneyAt(amount, reading, known.currency);
  return {
    kind,
    externalId: known.externalId,
    pathId: known.pathId,
    name: text(mapping.name),
    itemType: text(mapping.itemType),
    modifierGroupId: text(mapping.groupId),
    modifierGroupName: kind === 'modifiers' ? known.category : null,
    discountAmount: kind === 'discounts' ? money.amount : null,
    discountPercent: percent === null ? null : percentAt(percent, reading),
    price: kind === 'discounts' ? null : money.amount,
    currency: money.currency,
    isAvailable: available === null ? null : availableAt(available, reading),
    data: reading.current,
  };
}

function preferenceOf({ duplicates, kind }: ReadyMapping, reading: Reading, item: Item): number {
  if (duplicates.prefer === 'none') return 0;
  if (duplicates.prefer === 'priced') {
    const amount = kind === 'discounts' ? item.discountAmount : item.price;
    return amount === null || amount === '0' ? 0 : 1;
  }
  return rankOf(readPath(duplicates.of, reading));
}

// A number (a version, an epoch) by its worth, else an ISO time by its moment; what is neither ranks lowest.
function rankOf(value: Json): number {
  const text = readText(value) ?? '';
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}
