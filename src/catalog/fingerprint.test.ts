// Equal content gives equal bytes, other content gives other bytes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Json, parseJson } from '../json.ts';
import { canonical } from './canonical-json.ts';
import { fingerprint } from './fingerprint.ts';
import type { Item } from './item.ts';

const item: Item = {
  kind: 'products',
  externalId: '1',
  pathId: '1',
  name: 'Tea',
  itemType: '1',
  modifierGroupId: null,
  modifierGroupName: null,
  discountAmount: null,
  discountPercent: null,
  price: '1.5',
  currency: 'USD',
  isAvailable: true,
  data: { id: 1, list: [1, 'a', null, true], price: 1.5 },
};
const hex = (changes: Partial<Item>) => fingerprint({ ...item, ...changes });

describe('a fingerprint', () => {
  test('is 32 hex digits and does not move between versions of the code', () => {
    expect(fingerprint(item)).toMatch(/^[0-9a-f]{32}$/);
    expect(hex({})).toBe('4598ec89951551b35e8b3b45932607f9');
  });

  test('covers locations in any order; an item without any has the fingerprint that it had before there were locations', () => {
    const one = { locationId: 'L1', price: '1.50', currency: null, isAvailable: null, present: true };
    const two = { locationId: 'L2', price: null, currency: 'USD', isAvailable: false, present: false };
    expect(hex({ locations: [] })).toBe('4598ec89951551b35e8b3b45932607f9');
    const both = hex({ locations: [one, two] });
    expect(both).not.toBe(hex({}));
    expect(hex({ locations: [two, { ...one, price: '1.5' }] })).toBe(both);
    const others = [
      { ...one, locationId: 'L3' },
      { ...one, price: '1.51' },
      { ...one, price: null },
      { ...one, currency: 'USD' },
      { ...one, isAvailable: true },
      { ...one, isAvailable: false },
      { ...one, present: false },
    ];
    const found = [one, ...others].map((first) => hex({ locations: [first, two] }));
    expect(new Set(found).size).toBe(found.length);
  });

  test('moves with every content field, and with null against empty', () => {
    const others: Partial<Item>[] = [
      { name: 'tea' },
      { name: '' },
      { name: null },
      { itemType: '2' },
      { itemType: null },
      { modifierGroupId: '1' },
      { modifierGroupName: '1' },
      { discountAmount: '1' },
      { discountPercent: '1' },
      { price: '1.51' },
      { price: '0' },
      { price: null },
      { currency: 'EUR' },
      { currency: null },
      { isAvailable: false },
      { isAvailable: null },
      { pathId: '2' },
      { pathId: null },
      { data: null },
      { data: {} },
      { data: [] },
    ];
    expect(new Set([hex({}), ...others.map(hex)]).size).toBe(others.length + 1);
  });

  test('does not hold the key: neither external id nor, for modifiers, the path', () => {
    expect(hex({ externalId: '2' })).toBe(hex({}));
    const modifier = { kind: 'modifiers' as const, itemType: null };
    expect(hex({ ...modifier, pathId: 'a' })).toBe(hex({ ...modifier, pathId: 'b' }));
  });

  test('counts numbers by value, keys in any order', () => {
    const same = [
      '{"a":1.10,"b":[100]}',
      '{"b":[1e2],"a":1.1}',
      '{"b":[100.0],"a":11e-1}',
      '{"b":[1.0E+2],"a":1.1000}',
    ];
    expect(new Set(same.map((text) => hex({ data: parseJson(text) }))).size).toBe(1);
    expect(hex({ price: '1.50' })).toBe(hex({ price: '1.5' }));
    expect(hex({ data: parseJson('-0') })).toBe(hex({ data: 0 }));
    expect(hex({ data: parseJson('9007199254740993') })).not.toBe(hex({ data: parseJson('9007199254740992') }));
    expect(hex({ data: parseJson('0.0000001') })).toBe(hex({ data: parseJson('1e-7') }));
    expect(hex({ data: 1e21 })).toBe(hex({ data: parseJson('1000000000000000000000') }));
  });

  test('tells apart what runs together as text', () => {
    const values: Json[] = [
      '1',
      1,
      [1],
      ['1'],
      [1, 1],
      [11],
      ['1', '1'],
      ['11'],
      { a: 1 },
      [['a', 1]],
      { a: { b: 1 } },
      { a: {}, b: 1 },
      null,
      'null',
      true,
      'true',
      '',
      [],
      [null],
      [[]],
      {},
      [{}],
      { '': '' },
      parseJson('{"__proto__":1}'),
      parseJson('{"__proto__":2}'),
    ];
    expect(new Set(values.map(canonical)).size).toBe(values.length);
    expect(hex({ name: 'ab', itemType: 'c' })).not.toBe(hex({ name: 'a', itemType: 'bc' }));
    expect(hex({ name: '_', itemType: null })).not.toBe(hex({ name: null, itemType: '_' }));
  });

  test('two JSON values have one canonical text only if they are equal', () => {
    const value = fc.jsonValue({ noUnicodeString: false, maxDepth: 3 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(value, value, (a, b) => {
        const normal = (json: Json) => JSON.stringify(sorted(JSON.parse(JSON.stringify(json)) as Json));
        expect(canonical(parseJson(JSON.stringify(a))) === canonical(parseJson(JSON.stringify(b)))).toBe(
          normal(a) === normal(b),
        );
      }),
    );
  });
});

function sorted(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([name, inner]) => [name, sorted(inner as Json)]),
  );
}
