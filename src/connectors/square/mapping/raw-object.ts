// Reading the fields that all Square objects have: ids, texts, money and where they are present; a wrong one is named.
import type { Decimal } from '../../../catalog/item.ts';
import { majorUnits } from '../../../catalog/minor-units.ts';
import { isObject, readText } from '../../../catalog/raw-fields.ts';
import { isRawNumber, type Json } from '../../../json.ts';

export type RawObject = { [key: string]: Json };

/** A field of a raw object that cannot be what it should be. */
export class UnusableField extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A text; null when absent. Throws UnusableField. */
export function textField(object: RawObject, name: string): string | null {
  const text = readText(object[name]);
  if (text !== undefined) return text;
  throw new UnusableField('invalid_field', `${name} is not a text.`);
}

/** An object; empty when absent. Throws UnusableField. */
export function objectField(object: RawObject, name: string): RawObject {
  const value = object[name];
  if (value === null || value === undefined) return {};
  if (isObject(value)) return value;
  throw new UnusableField('invalid_field', `${name} is not an object.`);
}

/** The objects of a list; none when absent. Throws UnusableField. */
export function objectsField(object: RawObject, name: string): readonly RawObject[] {
  const value = object[name];
  if (value === null || value === undefined) return [];
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw new UnusableField('invalid_field', `${name} is not a list of objects.`);
}

export interface Money {
  amount: Decimal | null;
  currency: string | null;
}

export const noMoney: Money = { amount: null, currency: null };

/** Square's Money, minor units of a currency, in major units. Throws UnusableField. */
export function moneyField(object: RawObject, name: string): Money {
  const money = object[name];
  if (money === null || money === undefined) return noMoney;
  if (!isObject(money)) throw new UnusableField('invalid_price', `${name} is not an object.`);
  const amount = textField(money, 'amount');
  if (amount === null) return noMoney;
  // Square counts in the smallest unit of the currency: without one, nobody knows what that is.
  const currency = textField(money, 'currency');
  if (currency === null || !/^[A-Z]{3}$/.test(currency)) {
    throw new UnusableField('invalid_price', `${name} has no currency.`);
  }
  try {
    return { amount: majorUnits(amount, currency), currency };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UnusableField('invalid_price', `${name}: ${error.message}.`);
  }
}

/**
 * `version` as a number to compare by: the newer wins. It is a time in milliseconds today; past 2^53 neighbours become
 * equal, never swapped. Absent = 0.
 */
export function versionOf(object: RawObject): number {
  const { version } = object;
  const value = Number(isRawNumber(version) ? version.rawJSON : version);
  return Number.isFinite(value) ? value : 0;
}
