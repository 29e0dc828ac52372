// From one discount to an item: a percentage, an amount, or neither where it is entered at the sale.
import { formattedItem, rejectOf } from '../../../catalog/check-item.ts';
import type { Decimal, Formatted } from '../../../catalog/item.ts';
import { parseMoney } from '../../../catalog/money.ts';
import { idText } from '../../../catalog/raw-fields.ts';
import { presenceOf } from './presence.ts';
import { moneyField, noMoney, objectField, type RawObject, textField, UnusableField, versionOf } from './raw-object.ts';

/** A discount. Nothing is thrown: what is wrong becomes a reject that names the field. */
export function mapDiscount(raw: RawObject, only: readonly string[] | null): Formatted {
  const ids = { externalId: idText(raw.id), pathId: null };
  if (ids.externalId === null) {
    const message = 'The discount has no id.';
    return rejectOf('discounts', ids, { reason: 'missing_external_id', message, raw });
  }
  const { externalId } = ids;
  if (raw.is_deleted === true) return { type: 'removed', kind: 'discounts', externalId, pathId: null };
  try {
    const discount = objectField(raw, 'discount_data');
    const type = textField(discount, 'discount_type');
    // VARIABLE_AMOUNT comes with an amount of 0 that means nothing.
    const { amount, currency } = type === 'FIXED_AMOUNT' ? moneyField(discount, 'amount_money') : noMoney;
    const item = {
      kind: 'discounts' as const,
      externalId,
      pathId: null,
      name: textField(discount, 'name'),
      itemType: null,
      modifierGroupId: null,
      modifierGroupName: null,
      discountAmount: amount,
      discountPercent: type === 'FIXED_PERCENTAGE' ? percentOf(discount) : null,
      price: null,
      currency,
      ...presenceOf({ chain: [raw], overrides: [], isOff: false }, only),
      data: raw,
    };
    return formattedItem(item, versionOf(raw));
  } catch (error) {
    if (!(error instanceof UnusableField)) throw error;
    return rejectOf('discounts', ids, { reason: error.reason, message: error.message, raw });
  }
}

// Decimal text without %, e.g. '7.5'.
function percentOf(discount: RawObject): Decimal | null {
  const parsed = parseMoney(discount.percentage);
  if (parsed.ok) return parsed.amount;
  throw new UnusableField('invalid_price', `percentage: ${parsed.message}.`);
}
