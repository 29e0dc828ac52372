// Numbers, times and sizes as people say them.
import { expect, test } from 'vitest';
import { count, counted, duration, size, time } from './quantities.ts';

test('counts have thousands separators and the right plural', () => {
  expect([0, 999, 1120, 1_000_000].map(count)).toEqual(['0', '999', '1,120', '1,000,000']);
  expect([0, 1, 2, 1120].map((value) => counted(value, 'item'))).toEqual([
    '0 items',
    '1 item',
    '2 items',
    '1,120 items',
  ]);
});

test('durations change their unit where people do', () => {
  const shown = [0, 340, 999, 1400, 59_900, 59_990, 125_000, 3_600_000, 11_520_000].map(duration);
  expect(shown).toEqual([
    '0 ms',
    '340 ms',
    '999 ms',
    '1.4 s',
    '59.9 s',
    '1 min 0 s',
    '2 min 5 s',
    '1 h 0 min',
    '3 h 12 min',
  ]);
});

test('times are UTC and say so; what is not there is a dash', () => {
  expect(time('2026-11-22T08:31:07.123Z')).toBe('2026-11-22 08:31:07 UTC');
  expect(time(null)).toBe('–');
});

test('sizes are decimal', () => {
  expect([12, 1500, 3_355_443].map(size)).toEqual(['12 B', '1.5 kB', '3.4 MB']);
});
