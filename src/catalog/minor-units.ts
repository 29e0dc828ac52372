// Money in minor units (cents) to major units as decimal text, by the exponent of its currency; exact.
import type { Decimal } from './item.ts';
import { canonicalDecimal } from './money.ts';

/** ISO 4217: currencies whose minor unit is not a hundredth. */
const exponents: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};
const exponentOf = new Map(
  Object.entries(exponents).flatMap(([exponent, codes]) => codes.split(' ').map((code) => [code, Number(exponent)])),
);

/**
 * '1250' in 'USD' is '12.5', in 'JPY' '1250', in 'KWD' '1.25'. An unknown currency counts in hundredths.
 * `minor` is the text of a whole number, e.g. '-50'; throws RangeError for anything else and beyond 30 digits.
 */
export function majorUnits(minor: string, currency: string | null): Decimal {
  const exponent = (currency === null ? undefined : exponentOf.get(currency)) ?? 2;
  const amount = /^-?\d{1,30}$/.test(minor) ? canonicalDecimal(`${minor}e-${exponent}`) : null;
  if (amount === null) throw new RangeError(`${minor.slice(0, 40)} is no whole number of minor units`);
  return amount;
}
