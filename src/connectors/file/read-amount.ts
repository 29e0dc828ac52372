// Amounts as files write them: decimal sign and grouping are read where they mean one thing, and never guessed.
import type { ParsedMoney } from '../../catalog/money.ts';
import { parseMoney } from '../../catalog/money.ts';
import type { Json } from '../../json.ts';

export type DecimalSign = '.' | ',';

const mostLength = 100;

// Behind the first digits of a grouped number; the sign that is the decimal one cannot group.
const groupSigns: Readonly<Record<DecimalSign, string>> = { '.': ",'’ \u00a0\u202f", ',': ".'’ \u00a0\u202f" };

/**
 * Reads an amount in major units; '' and null are absent. Without a decimal sign '1,234' and '1.234' are refused, since they
 * are 1.234 or 1234; '12.50', '12,50' and '1.234,50' mean one thing. A currency sign at either end is left out.
 */
export function readAmount(value: Json | undefined, decimal: DecimalSign | null): ParsedMoney {
  if (typeof value !== 'string') return parseMoney(value);
  // Past this nothing is an amount, and expressions would take long over it.
  if (value.length > mostLength)
    return { ok: false, message: `${JSON.stringify(value.slice(0, 60))} is not an amount` };
  // The usual case means one thing by itself.
  if (decimal !== ',' && /^-?(0|[1-9]\d*)(\.\d{1,2})?$/.test(value)) return parseMoney(value);
  const text = value
    .trim()
    .replace(/^(-?)\s*[$€£¥]\s*/, '$1')
    .replace(/\s*[$€£¥]$/, '');
  if (value.trim() === '') return { ok: true, amount: null };
  const readings = (decimal === null ? (['.', ','] as const) : [decimal]).map((sign) => plain(text, sign));
  const found = new Set(readings.filter((reading) => reading !== null));
  const [one, other] = found;
  const shown = JSON.stringify(value.slice(0, 60));
  if (one === undefined) return { ok: false, message: `${shown} is not an amount` };
  if (other === undefined) return parseMoney(one);
  return { ok: false, message: `${shown} can be ${one} or ${other}; say which with the setting decimal` };
}

/** A percent: an amount that may end in %. */
export function readPercent(value: Json | undefined, decimal: DecimalSign | null): ParsedMoney {
  return readAmount(
    typeof value === 'string' && value.length <= mostLength ? value.replace(/\s*%\s*$/, '') : value,
    decimal,
  );
}

/** The text as a plain decimal such as '1234.50', or null when it is none in this way of writing. */
function plain(text: string, sign: DecimalSign): string | null {
  const match = /^(-?)([^.,]*(?:[.,][^.,]*)*)$/.exec(text);
  if (match === null) return null;
  const [, minus = '', number = ''] = match;
  const parts = number.split(sign);
  const [whole = '', fraction] = parts;
  if (parts.length > 2 || (fraction !== undefined && !/^\d+$/.test(fraction))) return null;
  const digits = whole === '' && fraction !== undefined ? '0' : ungrouped(whole, groupSigns[sign]);
  if (digits === null) return null;
  return `${minus}${digits.replace(/^0+(?=\d)/, '')}${fraction === undefined ? '' : `.${fraction}`}`;
}

// Groups of three behind one to three digits that do not begin with 0, all divided by the same sign.
function ungrouped(whole: string, signs: string): string | null {
  if (/^\d+$/.test(whole)) return whole;
  const sign = whole.replace(/^\d+/, '').charAt(0);
  if (sign === '' || !signs.includes(sign)) return null;
  const [first = '', ...groups] = whole.split(sign);
  if (!/^[1-9]\d{0,2}$/.test(first) || !groups.every((group) => /^\d{3}$/.test(group))) return null;
  return first + groups.join('');
}
