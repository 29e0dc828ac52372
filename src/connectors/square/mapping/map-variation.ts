// From one variation of an item to a product.
import { formattedItem, rejectOf } from '../../../catalog/check-item.ts';
import type { Formatted } from '../../../catalog/item.ts';
import { idText } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import { overridesOf, presenceOf } from './presence.ts';
import { moneyField, noMoney, objectField, type RawObject, textField, UnusableField, versionOf } from './raw-object.ts';

/**
 * A product: external id = the variation's, path id = the item's. `item` is null for a variation that came alone. Nothing
 * is thrown: what is wrong becomes a reject that names the field.
 */
export function mapVariation(raw: RawObject, item: RawObject | null, only: readonly string[] | null): Formatted {
  const externalId = idText(raw.id);
  const pathId = idText(item?.id) ?? parentOf(raw);
  if (externalId === null) {
    const message = 'The variation has no id.';
    return rejectOf('products', { externalId, pathId }, { reason: 'missing_external_id', message, raw });
  }
  if (raw.is_deleted === true || item?.is_deleted === true) {
    return { type: 'removed', kind: 'products', externalId, pathId };
  }
  try {
    return product(raw, item, { externalId, pathId, only });
  } catch (error) {
    if (!(error instanceof UnusableField)) throw error;
    return rejectOf('products', { externalId, pathId }, { reason: error.reason, message: error.message, raw });
  }
}

function parentOf(raw: RawObject): string | null {
  const data = raw.item_variation_data;
  return typeof data === 'object' && data !== null ? idText((data as RawObject).item_id) : null;
}

interface Known {
  externalId: string;
  pathId: string | null;
  only: readonly string[] | null;
}

function product(raw: RawObject, item: RawObject | null, { externalId, pathId, only }: Known): Formatted {
  const variation = objectField(raw, 'item_variation_data');
  const ofItem = item === null ? {} : objectField(item, 'item_data');
  const isVariable = variation.pricing_type === 'VARIABLE_PRICING';
  const { amount, currency } = isVariable ? noMoney : moneyField(variation, 'price_money');
  const isOff = ofItem.is_archived === true || variation.sellable === false;
  const chain = item === null ? [raw] : [item, raw];
  const preference = item === null ? versionOf(raw) - 0.5 : Math.max(versionOf(item), versionOf(raw));
  return formattedItem(
    {
      kind: 'products',
      externalId,
      pathId,
      name: nameOf(textField(ofItem, 'name'), textField(variation, 'name')),
      itemType: textField(ofItem, 'product_type'),
      modifierGroupId: null,
      modifierGroupName: null,
      discountAmount: null,
      discountPercent: null,
      price: amount,
      currency,
      ...presenceOf({ chain, overrides: overridesOf(variation), isOff }, only),
      data: item === null ? raw : { ...raw, item: withoutVariations(item, ofItem) },
    },
    // A variation that came alone knows less than the same version inside its item.
    preference,
  );
}

/** `Item – Variation`; the item's name alone where the variation has none of its own: none, 'Regular' (Square's default), or the same. */
function nameOf(item: string | null, variation: string | null): string | null {
  if (item === null || item === '') return variation;
  const hasOwn = variation !== null && variation !== '' && variation !== 'Regular' && variation !== item;
  return hasOwn ? `${item} – ${variation}` : item;
}

// What the item says belongs to each of its products; its other variations do not.
function withoutVariations(item: RawObject, data: RawObject): Json {
  const { variations: _, ...own } = data;
  return { ...item, item_data: own };
}
