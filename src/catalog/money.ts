// Money and percents as decimal text: read without a float, written in one canonical form.
import { isRawNumber, type Json } from '../json.ts';
import type { Decimal } from './item.ts';

export type ParsedMoney = { ok: true; amount: Decimal | null } | { ok: false; message: string };

// PostgreSQL's numeric would carry far more; nothing that is a price has more digits than this on one side of its point.
const mostDigits = 30;

const decimalText = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * Reads an amount in major units. Absent and null are null, 0 stays '0'. A number, or a text that is a plain decimal
 * such as '12.50' or '-3'; everything else ('12,50', '$5', '', ' 5', true) is refused with a sentence for a person.
 */
export function parseMoney(value: Json | undefined): ParsedMoney {
  if (value === null || value === undefined) return { ok: true, amount: null };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value)
      ? { ok: true, amount: value === 0 ? '0' : String(value) }
      : parsed(String(value));
  }
  if (isRawNumber(value)) return parsed(value.rawJSON);
  if (typeof value === 'string' && !/[eE]/.test(value)) return parsed(value);
  return { ok: false, message: `${shown(value)} is not an amount` };
}

function parsed(text: string): ParsedMoney {
  const amount = canonicalDecimal(text);
  if (amount !== null) return { ok: true, amount };
  const reason = decimalText.test(text) ? 'is out of range for an amount' : 'is not an amount';
  return { ok: false, message: `${shown(text)} ${reason}` };
}

/**
 * The one way to write a decimal: no exponent, no leading plus, no trailing zeros, '-0' is '0'. Null when the text is
 * no JSON number or has more than `limit` digits on one side of its point.
 */
export function canonicalDecimal(text: string, limit = mostDigits): Decimal | null {
  const match = text.length > 2 * limit + 20 ? null : decimalText.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (Math.abs(shift) > 2 * limit) return null;
  const digits = whole + fraction;
  const point = whole.length + shift;
  const integer = (point > 0 ? digits.slice(0, point).padEnd(point, '0') : '').replace(/^0+/, '');
  const rest = (point < 0 ? '0'.repeat(-point) + digits : digits.slice(point)).replace(/0+$/, '');
  if (integer.length > limit || rest.length > limit) return null;
  if (integer === '' && rest === '') return '0';
  return `${sign}${integer === '' ? '0' : integer}${rest === '' ? '' : `.${rest}`}`;
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
