// The numbers of texts: those that a Map would give, whatever the texts, and in a fraction of its memory.
import { expect, test } from 'vitest';
import { seededRandom } from '../../../connectors/seeded-random.ts';
import { TextIndex } from './text-index.ts';

const odd = [
  '',
  '\u0000',
  '\u0001',
  'a',
  'A',
  'é',
  'e\u0301',
  'ÿ',
  'Ā',
  '抹茶',
  '\ud83c\udf70',
  '\ud83c',
  '\udf70',
  '__proto__',
  'x'.repeat(1_500_000),
  'x'.repeat(1_500_001),
  '茶'.repeat(700_000),
];

test('texts have the numbers that a Map gives them, also beside forgotten ones, and are read back character by character', () => {
  const random = seededRandom(5);
  const index = new TextIndex();
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  const made = () => {
    const n = Math.floor(random() * 60_000);
    return n % 3 === 0 ? `item-${n}` : n % 3 === 1 ? `${n}\u0001${n % 97}/${n % 7}` : `茶-${n}`;
  };
  for (const text of [...odd, ...Array.from({ length: 120_000 }, made)]) {
    const expected = numbers.get(text) ?? texts.length;
    if (index.find(text) !== (numbers.get(text) ?? -1)) expect.fail(`${text.slice(0, 40)} is found where it is not`);
    const number = index.add(text);
    if (number !== expected) expect.fail(`${text.slice(0, 40)} has the number ${number}, not ${expected}`);
    if (number === texts.length) texts.push(text);
    numbers.set(text, number);
    if (number % 50 !== 7) continue;
    index.forget(number);
    numbers.delete(text);
  }
  expect(index.size).toBe(texts.length);
  for (const [number, text] of texts.entries()) {
    if (index.textAt(number) !== text) expect.fail(`text ${number} is another one`);
    if (index.find(text) !== (numbers.get(text) ?? -1)) expect.fail(`text ${number} has another number`);
  }
});

test('a million of 12 characters take less than 48 MB', () => {
  const index = new TextIndex();
  const before = process.memoryUsage();
  for (let n = 0; n < 1_000_000; n++) index.add(`item-${String(n).padStart(7, '0')}`);
  const after = process.memoryUsage();
  expect(index.find('item-0999999')).toBe(999_999);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(48 * 1024 * 1024);
});
