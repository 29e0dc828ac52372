// Minor units become major units exactly, whatever the currency.
import { expect, test } from 'vitest';
import { majorUnits } from './minor-units.ts';

test('minor units become major units by the exponent of the currency, and hundredths where it is unknown', () => {
  const cases: [string, string | null, string][] = [
    ['1250', 'USD', '12.5'],
    ['1250', null, '12.5'],
    ['1250', 'XXX', '12.5'],
    ['1250', 'JPY', '1250'],
    ['1250', 'KWD', '1.25'],
    ['12345', 'CLF', '1.2345'],
    ['0', 'USD', '0'],
    ['-0', 'USD', '0'],
    ['5', 'USD', '0.05'],
    ['-5', 'USD', '-0.05'],
    ['9007199254740993', 'EUR', '90071992547409.93'],
  ];
  for (const [minor, currency, major] of cases) expect([minor, majorUnits(minor, currency)]).toEqual([minor, major]);
});

test('what is no whole number of minor units is refused', () => {
  for (const text of ['', '1.5', '1e3', ' 1', '--1', '007', '9'.repeat(31)]) {
    expect(() => majorUnits(text, 'USD')).toThrow(RangeError);
  }
});
