// F34: what is an amount and what is not, in a table of inputs and outcomes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Json, numberFromSource, parseJson } from '../json.ts';
import { canonicalDecimal, parseMoney } from './money.ts';

// JSON text of the amount → canonical text, or null where there is none.
const good: readonly [string, string | null][] = [
  ['null', null],
  ['0', '0'],
  ['-0', '0'],
  ['0.0', '0'],
  ['-0.0', '0'],
  ['0.00', '0'],
  ['0e5', '0'],
  ['-0e-5', '0'],
  ['1', '1'],
  ['-1', '-1'],
  ['10', '10'],
  ['100', '100'],
  ['1.0', '1'],
  ['1.00', '1'],
  ['1.50', '1.5'],
  ['1.5', '1.5'],
  ['-1.50', '-1.5'],
  ['12.5', '12.5'],
  ['12.50', '12.5'],
  ['3.19', '3.19'],
  ['0.99', '0.99'],
  ['0.01', '0.01'],
  ['0.001', '0.001'],
  ['0.005', '0.005'],
  ['1.005', '1.005'],
  ['2.675', '2.675'],
  ['0.1', '0.1'],
  ['0.2', '0.2'],
  ['0.30000000000000004', '0.30000000000000004'],
  ['0.1000', '0.1'],
  ['1e0', '1'],
  ['1e2', '100'],
  ['1E2', '100'],
  ['1e+2', '100'],
  ['1.5e1', '15'],
  ['1.5e3', '1500'],
  ['15e-1', '1.5'],
  ['1e-2', '0.01'],
  ['1e-7', '0.0000001'],
  ['1.10e1', '11'],
  ['123e-5', '0.00123'],
  ['0.0000001', '0.0000001'],
  ['9007199254740991', '9007199254740991'],
  ['9007199254740993', '9007199254740993'],
  ['9007199254740993.25', '9007199254740993.25'],
  ['12345678901234567890', '12345678901234567890'],
  ['-9007199254740993', '-9007199254740993'],
  ['123456789.123456789', '123456789.123456789'],
  ['99999999.99999999', '99999999.99999999'],
  ['999999999999999999999999999999', '999999999999999999999999999999'],
  ['0.000000000000000000000000000001', '0.000000000000000000000000000001'],
  ['1e29', `1${'0'.repeat(29)}`],
  ['1e-30', `0.${'0'.repeat(29)}1`],
  ['4.350', '4.35'],
  ['4.3500000', '4.35'],
  ['1000000', '1000000'],
  ['1000000.10', '1000000.1'],
  // the same as texts
  ['"0"', '0'],
  ['"-0"', '0'],
  ['"0.00"', '0'],
  ['"1"', '1'],
  ['"-1"', '-1'],
  ['"12.5"', '12.5'],
  ['"12.50"', '12.5'],
  ['"12.500"', '12.5'],
  ['"-12.50"', '-12.5'],
  ['"3.19"', '3.19'],
  ['"0.99"', '0.99'],
  ['"0.001"', '0.001'],
  ['"10.0"', '10'],
  ['"100"', '100'],
  ['"9007199254740993"', '9007199254740993'],
  ['"0.1"', '0.1'],
  ['"2.675"', '2.675'],
  ['"0.30000000000000004"', '0.30000000000000004'],
  ['"1234567.89"', '1234567.89'],
];

const bad: readonly string[] = [
  '""',
  '" "',
  '" 5"',
  '"5 "',
  '"\\t5"',
  '"5\\n"',
  '"12,50"',
  '"1,234.50"',
  '"1.234,50"',
  '"1 234.50"',
  '"1\u00a0234"',
  '"1\'234.50"',
  '"1_000"',
  '"$5"',
  '"$ 5"',
  '"$5.00"',
  '"5$"',
  '"5 $"',
  '"-$5"',
  '"$-5"',
  '"€5"',
  '"5€"',
  '"5,00 €"',
  '"£3"',
  '"¥300"',
  '"USD 5"',
  '"5 USD"',
  '"USD"',
  '"CHF 5.–"',
  '"5.-"',
  '"5.–"',
  '"(5.00)"',
  '"5-"',
  '"--5"',
  '"+5"',
  '"+5.00"',
  '"− 5"',
  '"−5"',
  '"–5"',
  '".5"',
  '"-.5"',
  '"5."',
  '"."',
  '"-"',
  '"+"',
  '"05"',
  '"00.50"',
  '"007"',
  '"1.2.3"',
  '"1..2"',
  '"1e2"',
  '"1E2"',
  '"1e-2"',
  '"0x10"',
  '"0b1"',
  '"0o7"',
  '"1n"',
  '"1/2"',
  '"½"',
  '"5½"',
  '"50%"',
  '"10 %"',
  '"٥"',
  '"５"',
  '"५"',
  '"Ⅴ"',
  '"②"',
  '"1\u200b2"',
  '"\ufeff5"',
  '"5\\u0000"',
  '"\\u00005"',
  '"\\ud800"',
  '"NaN"',
  '"nan"',
  '"Infinity"',
  '"-Infinity"',
  '"inf"',
  '"null"',
  '"undefined"',
  '"none"',
  '"n/a"',
  '"N/A"',
  '"-"',
  '"free"',
  '"Free"',
  '"market price"',
  '"MP"',
  '"TBD"',
  '"ask"',
  '"five"',
  '"5 each"',
  '"5/lb"',
  '"2 for 5"',
  '"5-6"',
  '"5..6"',
  '"from 5"',
  '"~5"',
  '"<5"',
  '">5"',
  '"=5"',
  '"=1+1"',
  '"5;drop table"',
  '"true"',
  '"false"',
  'true',
  'false',
  '[]',
  '[5]',
  '["5"]',
  '{}',
  '{"amount":5}',
  '{"amount":500,"currency":"USD"}',
  '1e31',
  '1e400',
  '-1e400',
  '1e-31',
  '1e-400',
  '1e999999999',
  '1e-999999999',
  `1${'0'.repeat(30)}`,
  `0.${'0'.repeat(30)}1`,
  `${'9'.repeat(1_000)}`,
  `"${'9'.repeat(31)}"`,
  `"0.${'1'.repeat(31)}"`,
];

describe('F34: an amount', () => {
  test('the table has at least 180 rows', () => {
    expect(good.length + bad.length).toBeGreaterThanOrEqual(180);
  });

  test.each(good)('%s is %s', (text, amount) => {
    expect(parseMoney(parseJson(text))).toEqual({ ok: true, amount });
  });

  test.each(bad)('%s is refused with the value in the sentence', (text) => {
    const parsed = parseMoney(parseJson(text));
    expect(parsed).toEqual({
      ok: false,
      message: expect.stringMatching(/ is (not an amount|out of range for an amount)$/),
    });
    const shown = text.startsWith('"') || text.length > 50 ? text.slice(1, 10) : text;
    if (/^[\x20-\x7e]+$/.test(shown) && !shown.includes('\\')) {
      expect(parsed.ok ? '' : parsed.message).toContain(shown.replace(/"$/, ''));
    }
  });

  test('O12: absent is no amount, and 0 is one', () => {
    expect(parseMoney(undefined)).toEqual({ ok: true, amount: null });
    expect(parseMoney(0)).toEqual({ ok: true, amount: '0' });
    expect(parseMoney(-0)).toEqual({ ok: true, amount: '0' });
  });

  test('numbers that JSON does not know are refused', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(parseMoney(value)).toMatchObject({ ok: false });
    }
  });

  test('F33: any decimal of up to 30 digits on each side keeps every digit, as a number and as a text', () => {
    const digits = (max: number) => fc.stringMatching(new RegExp(`^\\d{1,${max}}$`));
    fc.assert(
      fc.property(fc.boolean(), digits(30), fc.option(digits(30)), (isNegative, whole, fraction) => {
        const integer = whole.replace(/^0+(?=\d)/, '');
        const text = `${isNegative ? '-' : ''}${integer}${fraction === null ? '' : `.${fraction}`}`;
        const trimmed = (fraction ?? '').replace(/0+$/, '');
        const canonical = `${integer}${trimmed === '' ? '' : `.${trimmed}`}`;
        const expected = isNegative && canonical !== '0' ? `-${canonical}` : canonical;
        expect(parseMoney(parseJson(text))).toEqual({ ok: true, amount: expected });
        expect(parseMoney(text)).toEqual({ ok: true, amount: expected });
        expect(parseMoney(numberFromSource(expected) as Json)).toEqual({ ok: true, amount: expected });
      }),
      { numRuns: 2_000 },
    );
  });

  test('an exponent changes nothing about the value', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: -20, max: 20 }), (digits, shift) => {
        const plain = canonicalDecimal(`${digits}e${shift}`);
        expect(canonicalDecimal(`${plain}e${-shift}`)).toBe(String(digits));
        expect(Number(plain)).toBe(Number(`${digits}e${shift}`));
      }),
    );
  });
});
