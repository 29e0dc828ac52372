// Items that cannot be saved are refused with a reason, items that can be mended are mended and flagged.
import { describe, expect, test } from 'vitest';
import { type Json, parseJson } from '../json.ts';
import { checkItem, formattedItem, rejectOf } from './check-item.ts';
import type { Item } from './item.ts';
import { inspect, mostRawLength, storableRaw } from './storable.ts';

function item(changes: Partial<Item> = {}): Item {
  return {
    kind: 'modifiers',
    externalId: '1-2',
    pathId: '1-2',
    name: 'Milk',
    itemType: null,
    modifierGroupId: '1',
    modifierGroupName: 'Extras',
    discountAmount: null,
    discountPercent: null,
    price: '0.5',
    currency: null,
    isAvailable: true,
    data: { id: 2 },
    ...changes,
  };
}

function nested(levels: number): Json {
  let value: Json = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { in: value };
  return value;
}

function reasonOf(changes: Partial<Item>): string {
  const checked = checkItem(item(changes));
  return 'reason' in checked ? checked.reason : 'fine';
}

describe('locations', () => {
  const at = { locationId: 'L1', price: '1', currency: 'USD', isAvailable: null, present: true };

  test.each([
    ['one', [at], 'fine'],
    ['without a price', [{ ...at, price: null }], 'fine'],
    ['twice', [at, { ...at, price: '2' }], 'duplicate_location'],
    ['without an id', [{ ...at, locationId: '' }], 'empty_location_id'],
    ['with a control character', [{ ...at, locationId: 'L\n' }], 'invalid_location_id'],
    ['too long', [{ ...at, locationId: 'x'.repeat(513) }], 'location_id_too_long'],
    ['with a price that is none', [{ ...at, price: '1,50' }], 'invalid_location_price'],
  ])('%s', (_, locations, reason) => {
    expect(reasonOf({ locations })).toBe(reason);
  });

  test('a currency that cannot be stored is mended and flagged', () => {
    const checked = checkItem(item({ locations: [{ ...at, currency: 'U\u0000' }] }));
    expect(checked).toMatchObject({ sanitised: true, item: { locations: [{ ...at, currency: 'U\ufffd' }] } });
  });
});

describe('ids', () => {
  test.each([
    ['1 byte', 'x', 'fine'],
    ['512 bytes', 'x'.repeat(512), 'fine'],
    ['513 bytes', 'x'.repeat(513), 'external_id_too_long'],
    ['2,700 bytes', 'x'.repeat(2_700), 'external_id_too_long'],
    ['10,000 bytes', 'x'.repeat(10_000), 'external_id_too_long'],
    ['512 bytes of two each', 'é'.repeat(256), 'fine'],
    ['514 bytes of two each', 'é'.repeat(257), 'external_id_too_long'],
    ['512 bytes of four each', '😀'.repeat(128), 'fine'],
    ['516 bytes of four each', '😀'.repeat(129), 'external_id_too_long'],
  ])('F08: %s', (_name, externalId, reason) => {
    expect(reasonOf({ externalId })).toBe(reason);
    expect(reasonOf({ pathId: externalId })).toBe(reason.replace('external', 'path'));
  });

  test('F03: an empty id is refused, a blank one is an id like any other', () => {
    expect(reasonOf({ externalId: '' })).toBe('empty_external_id');
    expect(reasonOf({ pathId: '' })).toBe('empty_path_id');
    for (const externalId of ['0', ' ', '  ', '\u00a0', '\u200b', 'null', 'undefined', 'false']) {
      expect(reasonOf({ externalId })).toBe('fine');
    }
    expect(reasonOf({ pathId: null })).toBe('fine');
  });

  test('F09: look-alikes stay what they are, byte by byte', () => {
    const ids = [
      'é',
      'e\u0301',
      'A',
      'a',
      'a ',
      ' a',
      'a\u200b',
      'ı',
      'i',
      'İ',
      'ß',
      'ss',
      '１',
      '1',
      '01',
      '1.0',
      '__proto__',
    ];
    const kept = ids.map((externalId) => {
      const checked = checkItem(item({ externalId }));
      return 'item' in checked ? checked.item.externalId : null;
    });
    expect(kept).toEqual(ids);
  });

  test('F31, F32: a NUL, a control character or half a surrogate pair in an id is refused, never replaced', () => {
    const controls = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code));
    for (const part of [...controls, '\u007f', '\ud800', '\udbff', '\udc00', '\udfff']) {
      for (const id of [part, `${part}a`, `a${part}`, `a${part}b`]) {
        expect([id, reasonOf({ externalId: id })]).toEqual([id, 'invalid_external_id']);
        expect([id, reasonOf({ pathId: id })]).toEqual([id, 'invalid_path_id']);
      }
    }
    expect(reasonOf({ externalId: '\ud83d\ude00' })).toBe('fine');
  });
});

describe('values', () => {
  const halves = ['\ud800', '\udbff', '\udc00', '\udfff', '\0'];
  const fields = ['name', 'modifierGroupId', 'modifierGroupName', 'currency', 'itemType'] as const;

  test.each(fields)('F31, F32: NUL and half a surrogate pair in %s become U+FFFD and are flagged', (field) => {
    for (const half of halves) {
      for (const text of [half, `${half}a`, `a${half}`, `a${half}b`]) {
        expect(checkItem(item({ [field]: text }))).toEqual({
          item: item({ [field]: text.replace(half, '\ufffd') }),
          sanitised: true,
        });
      }
    }
  });

  test('F31, F32: the same anywhere in data, in keys too', () => {
    for (const half of halves) {
      const data = parseJson(JSON.stringify({ a: [{ [`k${half}`]: `x${half}y` }], n: 1 }));
      const checked = checkItem(item({ data }));
      expect(checked).toEqual({ item: item({ data: { a: [{ 'k\ufffd': 'x\ufffdy' }], n: 1 } }), sanitised: true });
    }
  });

  test('F31: an escaped backslash before u0000 is text like any other', () => {
    const data = parseJson('{"a":"\\\\u0000"}');
    expect(checkItem(item({ data }))).toEqual({ item: item({ data }), sanitised: false });
  });

  test('whole pairs and U+FFFD itself are left alone', () => {
    const clean = item({ name: '😀 \ufffd', data: { '😀': '\ufffd' } });
    expect(checkItem(clean)).toEqual({ item: clean, sanitised: false });
  });

  test('F36: 100 levels are stored, 101 are refused, 100,000 do not end the process', () => {
    expect(reasonOf({ data: nested(100) })).toBe('fine');
    expect(reasonOf({ data: nested(101) })).toBe('too_deep');
    expect(reasonOf({ data: nested(100_000) })).toBe('too_deep');
    expect(formattedItem(item({ data: nested(100_000) }), 0)).toMatchObject({
      type: 'reject',
      reject: { reason: 'too_deep', externalId: '1-2', pathId: '1-2' },
    });
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype'])(
    'F36: %s as id, field name and group is data like any other',
    (name) => {
      const data = parseJson(`{"${name}": {"polluted": "a\\u0000"}, "x": 1}`);
      const checked = checkItem(item({ externalId: name, pathId: name, modifierGroupName: name, data }));
      expect(checked).toMatchObject({ sanitised: true });
      expect('item' in checked ? JSON.stringify(checked.item.data) : '').toBe(
        `{"${name}":{"polluted":"a\ufffd"},"x":1}`,
      );
      expect(({} as { polluted?: string }).polluted).toBeUndefined();
    },
  );

  test('F33, F37: a number that no column can carry is refused, a long one is not', () => {
    for (const number of ['1e400', '-1e400', '1e999999999', `1${'0'.repeat(400)}`, '1e-500']) {
      expect([number, reasonOf({ data: parseJson(`{"a":[${number}]}`) })]).toEqual([number, 'number_out_of_range']);
    }
    for (const number of ['1e300', '1e-300', '9007199254740993', '-0', '1.10', `0.${'1'.repeat(200)}`]) {
      expect([number, reasonOf({ data: parseJson(`{"a":[${number}]}`) })]).toEqual([number, 'fine']);
    }
    expect(inspect(Number.NaN)).toBe('number_out_of_range');
  });
});

describe('a reject', () => {
  test('keeps the key where it is a valid one, so that the item counts as seen', () => {
    const problem = { reason: 'invalid_price', message: 'price: "$5" is not an amount.', raw: { id: 7, price: '$5' } };
    expect(rejectOf('products', { externalId: '7', pathId: null }, problem)).toEqual({
      type: 'reject',
      reject: { kind: 'products', externalId: '7', pathId: null, ...problem },
    });
    for (const ids of [
      { externalId: '', pathId: null },
      { externalId: 'a\0', pathId: null },
      { externalId: 'a', pathId: 'x'.repeat(600) },
      { externalId: null, pathId: 'p' },
    ]) {
      expect(rejectOf('products', ids, problem).reject).toMatchObject({ externalId: null, pathId: null });
    }
  });

  test('is always storable: no NUL, no endless number, no depth, at most 64 KiB', () => {
    const raw = { 'k\0': 'v\ud800', deep: nested(5_000), huge: parseJson('1e999'), long: 'ü'.repeat(100_000) };
    const stored = storableRaw(raw);
    const text = JSON.stringify(stored);
    expect(text.length).toBeLessThanOrEqual(mostRawLength + 1_000);
    expect(text.isWellFormed()).toBe(true);
    expect(text).not.toContain('\\u0000');
    expect(storableRaw({ huge: parseJson('1e999') })).toEqual({ huge: '1e999' });
    expect(inspect(storableRaw({ deep: nested(5_000) }))).toBe('fine');
    const { reject } = rejectOf('products', { externalId: null, pathId: null }, { reason: 'x', message: 'a\0b', raw });
    expect(reject.message).toBe('a\ufffdb');
  });
});
