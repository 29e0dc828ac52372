// A column gives back what was written, whichever types its blocks went through.
import { expect, test } from 'vitest';
import { seededRandom } from '../../../connectors/seeded-random.ts';
import { Column } from './column.ts';

const wide = [0, 1, 255, 256, 65_535, 65_536, -1, 0.5, 2 ** 31, 1_798_000_000_123, Number.MAX_SAFE_INTEGER, -0.25];

test('numbers that a block cannot hold widen it, and those beside them stay', () => {
  const random = seededRandom(11);
  const column = new Column(Uint8Array, Uint16Array, Float64Array);
  const written = new Map<number, number>();
  for (let n = 0; n < 60_000; n++) {
    const index = Math.floor(random() * 50_000);
    // Most blocks stay narrow: of the third one on only small numbers are written.
    const value = index < 30_000 && n % 40 === 0 ? (wide[n % wide.length] ?? 0) : n % 200;
    column.set(index, value);
    written.set(index, value);
  }
  for (let index = 0; index < 50_000; index++) {
    if (column.get(index) !== (written.get(index) ?? 0)) expect.fail(`${index} is ${column.get(index)}`);
  }
  expect(column.get(1_000_000)).toBe(0);
});

test('a number that no type holds is an error, and never another number', () => {
  const column = new Column(Uint8Array, Int32Array);
  column.set(0, 2 ** 31 - 1);
  expect(() => column.set(1, 2 ** 31)).toThrow('none of its types');
  expect(column.get(0)).toBe(2 ** 31 - 1);
});
