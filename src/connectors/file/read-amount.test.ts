// Amounts of files: what means one thing is read, what means two is refused.
import { expect, test } from 'vitest';
import { readAmount, readPercent } from './read-amount.ts';

const shown = (value: string | number | null, decimal: '.' | ',' | null = null) => {
  const parsed = readAmount(value, decimal);
  return parsed.ok ? parsed.amount : parsed.message;
};

test.each([
  ['12.50', '12.5'],
  ['12,50', '12.5'],
  ['12,5', '12.5'],
  ['1234.567', '1234.567'],
  ['0.125', '0.125'],
  ['0,125', '0.125'],
  ['1,234.56', '1234.56'],
  ['1.234,56', '1234.56'],
  ['1,234,567', '1234567'],
  ['1 234,50', '1234.5'],
  ["1'234.50", '1234.5'],
  ['$12.50', '12.5'],
  ['12,50 €', '12.5'],
  ['-3', '-3'],
  ['.50', '0.5'],
  ['007.50', '7.5'],
  [' 4 ', '4'],
  ['0', '0'],
  ['', null],
  [6.1, '6.1'],
])('without a decimal sign %j is %j', (value, amount) => {
  expect(shown(value)).toBe(amount);
});

test.each([
  ['1,234', '"1,234" can be 1234 or 1.234; say which with the setting decimal'],
  ['1.234', '"1.234" can be 1.234 or 1234; say which with the setting decimal'],
  ['12.50.1', '"12.50.1" is not an amount'],
  ['1,23,4', '"1,23,4" is not an amount'],
  ['free', '"free" is not an amount'],
  ['(5.00)', '"(5.00)" is not an amount'],
  ['1e3', '"1e3" is not an amount'],
  ['12.', '"12." is not an amount'],
])('without a decimal sign %j is refused', (value, message) => {
  expect(shown(value)).toBe(message);
});

test('the decimal sign of the config decides, and what does not fit it is refused', () => {
  expect(shown('1,234', '.')).toBe('1234');
  expect(shown('1,234', ',')).toBe('1.234');
  expect(shown('1.234', ',')).toBe('1234');
  expect(shown('12,50', '.')).toBe('"12,50" is not an amount');
  expect(shown('12.50', ',')).toBe('"12.50" is not an amount');
});

test('a percent may bear its sign', () => {
  expect(readPercent('12,5 %', null)).toEqual({ ok: true, amount: '12.5' });
});
