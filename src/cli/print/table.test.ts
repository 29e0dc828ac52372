// Tables and field lists: aligned, cut where too wide, and safe against text that comes from a POS.
import { expect, test } from 'vitest';
import { fields, table } from './table.ts';

test('columns are aligned, numbers to the right, no space at the end of a line', () => {
  const text = table(
    [{ title: 'NAME' }, { title: 'PRICE', align: 'right' }, { title: 'KIND' }],
    [
      ['Crème brûlée', '7.5', 'products'],
      ['Tea', '12.25', 'x'],
    ],
  );
  expect(text).toBe('NAME          PRICE  KIND\nCrème brûlée    7.5  products\nTea           12.25  x\n');
});

test('an empty table is a sentence', () => {
  expect(table([{ title: 'A' }], [], 'No runs yet.')).toBe('No runs yet.\n');
});

test('a long cell is cut and a control character is written out', () => {
  const text = table([{ title: 'NAME' }], [['x'.repeat(80)], ['a\nb\u001b[2J\u202e']]);
  expect(text).toContain(`${'x'.repeat(59)}…\n`);
  expect(text).toContain('a\\x0ab\\x1b[2J\\u202e\n');
});

test('fields align their values and show a dash for nothing', () => {
  expect(
    fields([
      ['id', '1'],
      ['last sync', null],
    ]),
  ).toBe('id         1\nlast sync  –\n');
});
