// What the usual cron expressions mean, in both languages, and that any other is said as it is.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { de } from './de.ts';
import { en } from './en.ts';
import { sayIn } from './say.ts';
import { cronWords } from './schedule-words.ts';

beforeAll(() => sayIn('en-US'));
afterAll(() => sayIn('en-US'));

test.each([
  ['* * * * *', 'every minute'],
  ['*/15 * * * *', 'every 15 minutes'],
  ['5 * * * *', 'every hour, 5 minutes past'],
  ['0 4 * * *', 'every day at 04:00'],
  ['30 4,16,22 * * *', 'every day at 04:30, 16:30 and 22:30'],
  ['0 4 * * 1-5', 'Monday to Friday at 04:00'],
  ['0 4 * * 0,3', 'every Sunday and Wednesday at 04:00'],
  ['0 4 * * 7', 'every Sunday at 04:00'],
  ['0 4 1 * *', 'on day 1 of each month at 04:00'],
  ['0 4 1 * 1', 'by the expression 0 4 1 * 1'],
  ['0 4 * 6 *', 'by the expression 0 4 * 6 *'],
  ['*/7 4 * * *', 'by the expression */7 4 * * *'],
  ['@daily', 'by the expression @daily'],
])('"%s" is said as "%s"', (expression, said) => {
  expect(cronWords(expression, en)).toBe(said);
});

test('the days are named in the language of the page', () => {
  sayIn('de-DE');
  expect(cronWords('0 4 * * 1', de)).toBe('jeden Montag um 04:00');
});
