// What a Qu answer becomes, long because it walks every field and every fault of an item and of a document.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprint } from '../../catalog/fingerprint.ts';
import type { Formatted, Item, Kind } from '../../catalog/item.ts';
import { type Json, parseJson } from '../../json.ts';
import type { DocumentProof } from '../connector.ts';
import { makeCatalog } from './fake-catalog.ts';
import { format, formatDocument } from './format.ts';

const params = { brand: 'acme', establishment: '17', base_url: 'https://pos.example' };
type Object_ = { [key: string]: Json };
interface Result {
  formatted: Formatted[];
  proof: DocumentProof;
}

async function formatText(text: string | Uint8Array, more: Object_ = {}): Promise<Result> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const formatted: Formatted[] = [];
  async function* body() {
    yield bytes;
  }
  const stream = format(body(), { params: { ...params, ...more } });
  for (;;) {
    const { done, value } = await stream.next();
    if (done) return { formatted, proof: value };
    formatted.push(...value);
  }
}

function formatParsed(document: Json, more: Object_ = {}): Result {
  const formatted: Formatted[] = [];
  const stream = formatDocument(document, { params: { ...params, ...more } });
  for (;;) {
    const { done, value } = stream.next();
    if (done) return { formatted, proof: value };
    formatted.push(value);
  }
}

/** One raw item through both doors, which must agree. */
async function one(kind: Kind, raw: Json, more: Object_ = {}): Promise<Formatted> {
  const member = kind === 'products' ? 'menuItems' : kind;
  const text = JSON.stringify({ [member]: [raw] });
  const { formatted } = await formatText(text, more);
  expect(formatParsed(parseJson(text), more).formatted).toEqual(formatted);
  expect(formatted).toHaveLength(1);
  return formatted[0] as Formatted;
}

async function itemOf(kind: Kind, raw: Json, more: Object_ = {}): Promise<Item> {
  const formatted = await one(kind, raw, more);
  if (formatted.type !== 'item') throw new Error(JSON.stringify(formatted));
  return formatted.item;
}

async function reasonOf(kind: Kind, raw: Json): Promise<string> {
  const formatted = await one(kind, raw);
  return formatted.type === 'reject' ? formatted.reject.reason : formatted.type;
}

const fixture = readFileSync(join(import.meta.dirname, 'fixtures/catalog.json'), 'utf8');

describe('the mapping', () => {
  test('of the fixture, field by field', async () => {
    const { formatted, proof } = await formatText(fixture);
    expect(proof).toEqual({ complete: true, kindsPresent: ['products', 'modifiers', 'discounts'] });
    const raw = parseJson(fixture) as unknown as Record<string, Json[]>;
    const [brulee, water, soup, oat, included, staff, coupon, voucher] = formatted.map((each) =>
      each.type === 'item' ? each.item : each,
    );
    expect(brulee).toEqual({
      kind: 'products',
      externalId: '500-700',
      pathId: '500-700',
      name: 'Crème brûlée',
      itemType: '1',
      modifierGroupId: null,
      modifierGroupName: null,
      discountAmount: null,
      discountPercent: null,
      price: '4.5',
      currency: null,
      isAvailable: true,
      data: raw.menuItems?.[0],
    });
    expect(water).toMatchObject({ externalId: '9007199254740993', pathId: null, price: '0', isAvailable: false });
    expect(soup).toMatchObject({ externalId: '500-702', price: null, isAvailable: null });
    expect(oat).toMatchObject({
      externalId: '600-900',
      pathId: '600-900',
      modifierGroupId: '600',
      modifierGroupName: 'Milk',
    });
    expect(included).toMatchObject({ externalId: '600-900', price: '0', itemType: null });
    expect(staff).toMatchObject({
      externalId: '0',
      pathId: null,
      discountAmount: null,
      discountPercent: null,
      price: null,
    });
    expect(coupon).toMatchObject({ discountAmount: '0', isAvailable: null });
    expect(voucher).toMatchObject({ discountAmount: '2.5', price: null });
  });

  test('O10: of two rows with one key the one whose price is not 0 is preferred', async () => {
    const { formatted } = await formatText(fixture);
    const preferences = formatted.flatMap((each) =>
      each.type === 'item' && each.item.externalId === '600-900' ? [[each.item.price, each.preference]] : [],
    );
    expect(preferences).toEqual([
      ['0.99', 1],
      ['0', 0],
    ]);
    for (const price of [null, 0, -0, '0.00']) {
      expect(await one('modifiers', { id: 1, prices: { prices: [{ price }] } })).toMatchObject({ preference: 0 });
    }
    expect(await one('discounts', { id: 1, discountAmount: 0.5 })).toMatchObject({ preference: 1 });
  });

  test.each([
    [{ pathId: '1-2', id: 2 }, '1-2', '1-2'],
    [{ pathId: '', id: 2 }, '2', null],
    [{ pathId: null, id: 2 }, '2', null],
    [{ id: 0 }, '0', null],
    [{ id: '0' }, '0', null],
    [{ pathId: 0, id: 5 }, '0', '0'],
    [{ pathId: ' 1-2 ', id: 2 }, ' 1-2 ', ' 1-2 '],
    [{ id: 1.5 }, '1.5', null],
  ] as [Object_, string, string | null][])('O9: the ids of %j are %j and path %j', async (raw, externalId, pathId) => {
    for (const kind of ['products', 'modifiers'] as const) {
      expect(await itemOf(kind, raw)).toMatchObject({ externalId, pathId });
    }
  });

  test('O9, F33: ids keep their source text', async () => {
    for (const source of ['9007199254740993', '12345678901234567890', '1.0', '1e3', '-0']) {
      const { formatted } = await formatText(`{"menuItems":[{"id":${source}}],"discounts":[{"id":${source}}]}`);
      expect(formatted.map((each) => each.type === 'item' && each.item.externalId)).toEqual([source, source]);
    }
  });

  test.each([
    [{}, 'missing_external_id'],
    [{ id: null, pathId: null }, 'missing_external_id'],
    [{ id: '', pathId: '' }, 'missing_external_id'],
    [{ id: true }, 'missing_external_id'],
    [{ id: [] }, 'missing_external_id'],
    [{ id: 5, pathId: {} }, 'invalid_path_id'],
    [{ id: 5, pathId: false }, 'invalid_path_id'],
    [{ pathId: 'x'.repeat(513) }, 'external_id_too_long'],
    [{ pathId: 'a\u0000b' }, 'invalid_external_id'],
    [{ pathId: 'a\ud800' }, 'invalid_external_id'],
    [null, 'not_an_object'],
    ['text', 'not_an_object'],
    [[], 'not_an_object'],
    [12, 'not_an_object'],
  ] as [Json, string][])('F03: %j is rejected as %s, without a key', async (raw, reason) => {
    expect(await one('modifiers', raw)).toMatchObject({ type: 'reject', reject: { reason, externalId: null } });
  });

  test('O12: 0, absent and unreadable amounts are three different things', async () => {
    const amount = async (discountAmount: Json) =>
      (await itemOf('discounts', { id: 1, discountAmount })).discountAmount;
    expect(await amount(0)).toBe('0');
    expect(await amount(null)).toBeNull();
    expect((await itemOf('discounts', { id: 1, price: 7 })).discountAmount).toBeNull();
    for (const unreadable of ['12,50', '$5', '', ' ', true, [], {}]) {
      expect(await one('discounts', { id: 1, discountAmount: unreadable })).toMatchObject({
        reject: { reason: 'invalid_price', externalId: '1' },
      });
    }
  });

  test('F34: an unreadable price keeps the key and the raw item, and the sentence names the field and the value', async () => {
    const raw = { id: 1, prices: { prices: [{ price: '12,50' }] } };
    expect(await one('products', raw)).toEqual({
      type: 'reject',
      reject: {
        kind: 'products',
        externalId: '1',
        pathId: null,
        reason: 'invalid_price',
        message: 'prices.prices[0].price: "12,50" is not an amount.',
        raw,
      },
    });
  });

  test('the effective price is taken, the base price stays in data', async () => {
    const raw = {
      id: 1,
      priceAttribute: { prices: [{ price: 5.99 }] },
      prices: { prices: [{ price: 4.49 }, { price: 9 }] },
    };
    expect(await itemOf('products', raw)).toMatchObject({ price: '4.49', data: raw });
    for (const prices of [null, {}, { prices: null }, { prices: [] }, { prices: [null] }, { prices: [{}] }]) {
      expect(await itemOf('products', { id: 1, prices })).toMatchObject({ price: null });
    }
  });

  test('a menu category wins over the modifier group as the name, not as the id', async () => {
    const group = { id: 5, name: 'Milk' };
    const both = { id: 1, modifierGroup: group, menuCategory: { name: 'Drinks' } };
    expect(await itemOf('modifiers', both)).toMatchObject({ modifierGroupId: '5', modifierGroupName: 'Drinks' });
    expect(await itemOf('modifiers', { id: 1, modifierGroup: group })).toMatchObject({ modifierGroupName: 'Milk' });
    const emptyName = { id: 1, modifierGroup: group, menuCategory: { name: '' } };
    expect(await itemOf('modifiers', emptyName)).toMatchObject({ modifierGroupName: '' });
    expect(await itemOf('modifiers', { id: 1 })).toMatchObject({ modifierGroupId: null, modifierGroupName: null });
  });

  test('currency is what the config says', async () => {
    expect((await itemOf('products', { id: 1 }, { currency: 'USD' })).currency).toBe('USD');
    expect((await itemOf('products', { id: 1 })).currency).toBeNull();
  });
});

describe('excluded categories', () => {
  const exclude_categories = ['OLO', '3PD', '3PO', 'All Items'];
  test.each(['OLO', 'Lunch OLO', '3PD Menu', 'x3POx', 'All Items'])('%s is left out and counted', async (name) => {
    const filtered = { type: 'filtered', externalId: '1-1', pathId: '1-1' };
    const raw = { pathId: '1-1', menuCategory: { name } };
    expect(await one('products', raw, { exclude_categories })).toEqual({ ...filtered, kind: 'products' });
    expect(await one('modifiers', raw, { exclude_categories })).toEqual({ ...filtered, kind: 'modifiers' });
    const group = { pathId: '1-1', modifierGroup: { name } };
    expect(await one('modifiers', group, { exclude_categories })).toEqual({ ...filtered, kind: 'modifiers' });
    expect((await one('products', raw)).type).toBe('item');
  });

  test.each(['olo', 'Lunch', 'Colo', 'all items', ''])('%j is not', async (name) => {
    expect((await one('products', { id: 1, menuCategory: { name } }, { exclude_categories })).type).toBe('item');
  });

  test('discounts have no category', async () => {
    expect((await one('discounts', { id: 1, name: 'OLO' }, { exclude_categories })).type).toBe('item');
  });
});

describe('odd items', () => {
  test('F29: whatever is done to a field of a real-looking item, the item is saved or rejected by name, never lost', async () => {
    const { menuItems, modifiers, discounts } = makeCatalog({ products: 3, modifiers: 3, discounts: 5, repeated: 0 });
    const others: Json[] = [null, '', 'text', 0, -1, true, false, [], {}, [1], { x: 1 }, 1e300];
    const cases: [Kind, Json][] = [];
    for (const [kind, items] of [
      ['products', menuItems],
      ['modifiers', modifiers],
      ['discounts', discounts],
    ] as const) {
      for (const item of items) {
        for (const name of Object.keys(item)) {
          const { [name]: value, ...without } = item;
          cases.push([kind, without], [kind, { ...without, [`${name}2`]: value ?? null }]);
          for (const other of others) cases.push([kind, { ...item, [name]: other }]);
        }
      }
    }
    expect(cases.length).toBeGreaterThan(500);
    for (const [kind, raw] of cases) {
      const formatted = await one(kind, raw);
      expect(['item', 'reject']).toContain(formatted.type);
      if (formatted.type === 'item') expect(formatted.item.data).toEqual(raw);
      else if (formatted.type === 'reject') expect(formatted.reject.message).toMatch(/^\S.*\.$/);
    }
  });

  test('F29: unknown fields are kept in data', async () => {
    const raw = { id: 1, brandNew: { deep: [1, 2] } };
    expect((await itemOf('products', raw)).data).toEqual(raw);
  });

  test('F35: each falsy leaf comes out as it went in', async () => {
    const falsy = fc.constantFrom<Json>(0, '', false, null);
    const drawn = fc.record({ name: falsy, itemType: falsy, extra: falsy, isOutOfStock: fc.constantFrom(false, null) });
    await fc.assert(
      fc.asyncProperty(drawn, falsy, async (fields, leaf) => {
        const raw = { id: 0, ...fields, list: [leaf], in: { leaf } };
        const item = await itemOf('products', raw);
        expect(item.data).toEqual(raw);
        expect(item.externalId).toBe('0');
        expect(item.name).toBe(fields.name === null ? null : String(fields.name));
        expect(item.itemType).toBe(fields.itemType === null ? null : String(fields.itemType));
        expect(item.isAvailable).toBe(fields.isOutOfStock === null ? null : true);
      }),
      { numRuns: 50 },
    );
  });

  test('F31, F32: NUL and half characters in values are replaced and flagged, in keys of data too', async () => {
    const { formatted } = await formatText(
      '{"menuItems":[{"id":1,"name":"a\\u0000b","x\\ud800":["\\udfff"]},{"id":2}]}',
    );
    expect(formatted).toMatchObject([
      { type: 'item', sanitised: true, item: { name: 'a\ufffdb', data: { 'x\ufffd': ['\ufffd'] } } },
      { type: 'item', item: { externalId: '2' } },
    ]);
    expect(formatted[1]).not.toHaveProperty('sanitised');
  });

  test('F32: bytes that are no UTF-8 are flagged in values and rejected in ids', async () => {
    const body = Buffer.from('{"menuItems":[{"id":1,"name":"caf\xe9"},{"pathId":"caf\xe9","id":2}]}', 'latin1');
    expect((await formatText(body)).formatted).toMatchObject([
      { type: 'item', sanitised: true, item: { name: 'caf\ufffd' } },
      { type: 'reject', reject: { reason: 'invalid_external_id', externalId: null } },
    ]);
  });

  test('F33: a number beyond every column rejects its item by name', async () => {
    const { formatted } = await formatText('{"menuItems":[{"id":1,"x":1e400},{"id":2,"x":9007199254740993}]}');
    expect(formatted).toMatchObject([
      { type: 'reject', reject: { reason: 'number_out_of_range', externalId: '1' } },
      { type: 'item', item: { externalId: '2' } },
    ]);
    const [, second] = formatted;
    expect(second?.type === 'item' && JSON.stringify(second.item.data)).toBe('{"id":2,"x":9007199254740993}');
  });

  test.each([101, 10_000, 100_000])(
    'F36: an item %i levels deep is rejected with its key, the rest is read',
    async (levels) => {
      const deep = `{"pathId":"1-2","id":2,"x":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
      const text = `{"modifiers":[${deep},{"id":3}]}`;
      const expected = [{ type: 'reject', reject: { reason: 'too_deep', externalId: '1-2' } }, { type: 'item' }];
      expect((await formatText(text)).formatted).toMatchObject(expected);
      expect(formatParsed(JSON.parse(text) as Json).formatted).toMatchObject(expected);
    },
  );

  test.each(['__proto__', 'constructor', 'toString'])('F36: %s as id, field and category is data', async (name) => {
    const text = `{"menuItems":[{"pathId":"${name}","${name}":{"x":1},"menuCategory":{"name":"${name}"}}],"${name}":1}`;
    const { formatted } = await formatText(text, { exclude_categories: ['OLO'] });
    expect(formatted).toMatchObject([{ type: 'item', item: { externalId: name } }]);
    const [first] = formatted;
    expect(first?.type === 'item' && JSON.stringify(first.item.data)).toContain(`"${name}":{"x":1}`);
  });

  test('F38: poison at any place harms nobody else', async () => {
    const good = Array.from({ length: 200 }, (_, id) => ({ id: id + 1 }));
    for (let at = 0; at < good.length; at += 7) {
      const menuItems: Json[] = good.with(at, { id: at + 1, name: { poison: true } } as never);
      const { formatted } = formatParsed({ menuItems });
      expect(formatted.map(({ type }) => type)).toEqual(good.map((_, index) => (index === at ? 'reject' : 'item')));
    }
  });

  test('F39: the same modifier under two paths is two items, one without product is kept', async () => {
    const { formatted } = await formatText(
      '{"modifiers":[{"pathId":"1-9","id":9},{"pathId":"2-9","id":9},{"pathId":"404-1","id":1}]}',
    );
    expect(formatted.map((each) => each.type === 'item' && each.item.externalId)).toEqual(['1-9', '2-9', '404-1']);
  });

  test('too large an item is rejected without a key', async () => {
    const { formatted } = await formatText(`{"menuItems":[{"id":1,"x":"${'y'.repeat(5_000_000)}"},{"id":2}]}`);
    expect(formatted).toMatchObject([{ reject: { reason: 'too_large', externalId: null } }, { type: 'item' }]);
  });
});

describe('the document', () => {
  test('F13: empty lists are legal, and a list that is missing or null was not answered', async () => {
    const proof = async (document: Json) => (await formatText(JSON.stringify(document))).proof.kindsPresent;
    expect(await proof({ menuItems: [], modifiers: [], discounts: [] })).toEqual([
      'products',
      'modifiers',
      'discounts',
    ]);
    expect(await proof({ menuItems: [] })).toEqual(['products']);
    expect(await proof({ discounts: [], modifiers: null, error: '', lastModified: 'x' })).toEqual(['discounts']);
    expect(await proof({ menuItems: [], error: null, hasError: false })).toEqual(['products']);
    expect(await proof({ menuItems: [], error: {} })).toEqual(['products']);
  });

  test.each([
    ['{}', 'body_wrong_shape'],
    ['{"error":""}', 'body_wrong_shape'],
    ['{"data":{"menuItems":[]}}', 'body_wrong_shape'],
    ['{"MenuItems":[]}', 'body_wrong_shape'],
    ['{"menuItems":null}', 'body_wrong_shape'],
    ['{"menuItems":{}}', 'body_wrong_shape'],
    ['{"menuItems":"[]"}', 'body_wrong_shape'],
    ['{"menuItems":[],"modifiers":{"1":{}}}', 'body_wrong_shape'],
    ['{"menuItems":[],"modifiers":0}', 'body_wrong_shape'],
    ['[]', 'body_wrong_shape'],
    ['{"menuItems":[],"error":"Location is not available"}', 'upstream_error_body'],
    ['{"menuItems":[{"id":1}],"error":"x"}', 'upstream_error_body'],
    ['{"error":{"code":7}}', 'upstream_error_body'],
    ['{"error":["x"]}', 'upstream_error_body'],
    ['{"error":true}', 'upstream_error_body'],
    ['{"error":0,"menuItems":[]}', 'upstream_error_body'],
    ['{"menuItems":[],"hasError":true}', 'upstream_error_body'],
    ['{"hasError":true}', 'upstream_error_body'],
    ['{"hasError":true,"error":"","menuItems":[]}', 'upstream_error_body'],
    ['<html></html>', 'body_not_json'],
    ['', 'body_empty'],
    ['{"menuItems":[', 'body_truncated'],
  ])('F25: %s is refused as %s', async (text, code) => {
    await expect(formatText(text)).rejects.toMatchObject({ code, step: 'format' });
    if (code === 'body_wrong_shape' || code === 'upstream_error_body') {
      expect(() => formatParsed(JSON.parse(text) as Json)).toThrow(expect.objectContaining({ code }));
    }
  });

  test('F25: the sentence names what came, redacted', async () => {
    const text = '{"error":"token=canary123 is not valid for location 17"}';
    await expect(formatText(text)).rejects.toThrow(/token=\[redacted\] is not valid for location 17/);
    const stream = format(
      (async function* () {
        yield Buffer.from('{"error":"unknown caller zebra-77"}');
      })(),
      { params, redact: (shown) => shown.replaceAll('zebra-77', '…') },
    );
    await expect(stream.next()).rejects.toThrow('unknown caller …');
    await expect(formatText('{"status":"ok","data":[1]}')).rejects.toThrow(
      /it has only status, data, and none of menuItems/,
    );
    await expect(formatText('{"menuItems":{"1":{"id":1}}}')).rejects.toThrow(
      /menuItems is not a list.*Received: \{"1"/,
    );
  });

  test('a deep or endless error member does not end the process', () => {
    let deep: Json = 1;
    for (let level = 0; level < 50_000; level++) deep = [deep];
    expect(() => formatParsed({ error: deep })).toThrow(expect.objectContaining({ code: 'upstream_error_body' }));
    expect(() => formatParsed(deep)).toThrow(expect.objectContaining({ code: 'body_wrong_shape' }));
  });

  test('F24: cut anywhere, with a clean end, it is never a shorter catalog', async () => {
    const bytes = Buffer.from(JSON.stringify(makeCatalog({ products: 8, modifiers: 8, discounts: 4, repeated: 2 })));
    for (let n = 0; n < 500; n++) {
      const at = Math.floor((n * bytes.length) / 500);
      await expect(formatText(bytes.subarray(0, at)), `cut at ${at}`).rejects.toMatchObject({ step: 'format' });
    }
  });

  test('the order of rows, keys and spaces changes no fingerprint', async () => {
    const catalog = makeCatalog({ products: 30, modifiers: 30, discounts: 5, repeated: 0 });
    const prints = async (text: string) => {
      const { formatted } = await formatText(text);
      return new Map(
        formatted.flatMap((each) =>
          each.type === 'item' ? [[`${each.item.kind} ${each.item.externalId}`, fingerprint(each.item)]] : [],
        ),
      );
    };
    const reversed = (value: Json): Json =>
      Array.isArray(value) || value === null || typeof value !== 'object'
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([name, inner]) => [name, reversed(inner as Json)]),
          );
    const other = {
      ...catalog,
      menuItems: catalog.menuItems.map(reversed).reverse(),
      discounts: catalog.discounts.toReversed(),
    };
    const first = await prints(JSON.stringify(catalog));
    const second = await prints(JSON.stringify(other, null, 2));
    expect(first.size).toBe(65);
    expect(new Map([...second].sort())).toEqual(new Map([...first].sort()));
  });

  test('reasons are known words', async () => {
    expect(await reasonOf('products', { id: 1, isOutOfStock: 'yes' })).toBe('invalid_field');
    expect(await reasonOf('products', { id: 1, prices: 'x' })).toBe('invalid_field');
    expect(await reasonOf('products', { id: 1, prices: { prices: 'x' } })).toBe('invalid_price');
    expect(await reasonOf('products', { id: 1, prices: { prices: ['x'] } })).toBe('invalid_price');
  });
});
