// Amounts in minor units (cents) as decimals in major units, by the digits that ISO 4217 gives each currency.
import type { Decimal } from './item.ts';
import { canonicalDecimal } from './money.ts';

// All currencies of ISO 4217 that have not two digits.
const digitsOf: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};

/**
 * '1250' in USD is '12.5', in JPY '1250', in KWD '1.25'. A currency that is not known (null) counts as one with two digits.
 * `minor` is the source text of a JSON number. Throws RangeError when it is no whole number or too long for an amount.
 */
export function majorUnits(minor: string, currency: string | null): Decimal {
  const digits = currency === null ? 2 : (digitsOf[currency] ?? 2);
  const whole = canonicalDecimal(minor);
  const major = whole === null || whole.includes('.') ? null : canonicalDecimal(`${whole}e-${digits}`);
  if (major === null) throw new RangeError(`${minor.slice(0, 40)} is no amount in minor units`);
  return major;
}
