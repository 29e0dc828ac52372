// The edge contract's items: aliases by presence, nothing falsy lost, and the way out leads back in unchanged.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Json, parseJson } from '../json.ts';
import { fingerprint } from './fingerprint.ts';
import { itemFromFormatted, itemToFormatted } from './formatted-item.ts';
import { type Item, type Kind, kinds } from './item.ts';

function itemOf(kind: Kind, raw: Json): Item {
  const formatted = itemFromFormatted(kind, raw);
  if (formatted.type !== 'item') throw new Error(`${formatted.type}: ${JSON.stringify(formatted)}`);
  return formatted.item;
}

describe('the item of a save body', () => {
  test.each([
    [{ mappingId: 'm', id: 'i', external_id: 'e' }, 'm'],
    [{ id: 'i', external_id: 'e' }, 'i'],
    [{ external_id: 'e' }, 'e'],
    [{ mappingId: null, id: 5 }, '5'],
    [{ mappingId: 0, id: 5 }, '0'],
    [{ mappingId: '0', id: 5 }, '0'],
    [{ id: 0, external_id: 'e' }, '0'],
    [{ id: 7.5 }, '7.5'],
  ] as [Json, string][])('O9: of %j the external id is %s', (raw, externalId) => {
    expect(itemOf('products', raw).externalId).toBe(externalId);
  });

  test('O9: ids beyond 2^53 keep their source text', () => {
    const raw = parseJson('{"id":9007199254740993,"pathId":12345678901234567890}');
    expect(itemOf('modifiers', raw)).toMatchObject({ externalId: '9007199254740993', pathId: '12345678901234567890' });
  });

  test.each([
    [{ mappingId: '', id: 'i' }, 'empty_external_id'],
    [{ id: '', external_id: 'e' }, 'empty_external_id'],
    [{}, 'missing_external_id'],
    [{ id: null }, 'missing_external_id'],
    [{ id: {} }, 'missing_external_id'],
    [{ id: [1] }, 'missing_external_id'],
    [{ id: true }, 'missing_external_id'],
    [{ id: 'a\0b' }, 'invalid_external_id'],
    [{ id: 'a', pathId: {} }, 'invalid_path_id'],
    [{ id: 'a', name: {} }, 'invalid_field'],
    [{ id: 'a', price: '12,50' }, 'invalid_price'],
    [{ id: 'a', price: '$5' }, 'invalid_price'],
    [{ id: 'a', price: '' }, 'invalid_price'],
    [{ id: 'a', isAvailable: 'yes' }, 'invalid_field'],
    [[], 'not_an_object'],
    ['text', 'not_an_object'],
    [null, 'not_an_object'],
    [7, 'not_an_object'],
  ] as [Json, string][])('O9: %j is rejected as %s', (raw, reason) => {
    expect(itemFromFormatted('products', raw)).toMatchObject({ type: 'reject', reject: { reason, kind: 'products' } });
  });

  test.each([
    [{ id: 1, discountAmount: 0, price: 9 }, '0'],
    [{ id: 1, discountAmount: '0', discount_amount: 5, price: 9 }, '0'],
    [{ id: 1, discount_amount: 0, price: 9 }, '0'],
    [{ id: 1, discountAmount: null, discount_amount: 2.5, price: 9 }, '2.5'],
    [{ id: 1, price: 9 }, '9'],
    [{ id: 1, price: 0 }, '0'],
    [{ id: 1 }, null],
    [{ id: 1, discountAmount: null }, null],
  ] as [Json, string | null][])(
    'O12: of %j the discount amount is %s, and there is no price',
    (raw, discountAmount) => {
      expect(itemOf('discounts', raw)).toMatchObject({ discountAmount, price: null });
    },
  );

  test("O12: '12,50' is neither 12 nor nothing, but a reject that keeps the key", () => {
    expect(itemFromFormatted('discounts', { id: 1, discountAmount: '12,50', price: 3 })).toMatchObject({
      type: 'reject',
      reject: { externalId: '1', reason: 'invalid_price', message: 'discountAmount: "12,50" is not an amount.' },
    });
  });

  test.each([
    [{ category: 'c', modifierGroupName: 'n', modifier_group_name: 's' }, 'c'],
    [{ modifierGroupName: 'n', modifier_group_name: 's' }, 'n'],
    [{ modifier_group_name: 's' }, 's'],
    [{ category: '', modifierGroupName: 'n' }, ''],
    [{ category: 0 }, '0'],
    [{ category: false }, 'false'],
  ] as [{ [key: string]: Json }, string][])('F35: of %j the group name is %j', (raw, modifierGroupName) => {
    expect(itemOf('modifiers', { id: 1, ...raw }).modifierGroupName).toBe(modifierGroupName);
  });

  test('every field has its snake_case name too, and fields of other kinds are not taken', () => {
    const raw = {
      id: 1,
      path_id: 'p',
      item_type: 0,
      modifier_group_id: 0,
      discount_percent: '10.0',
      currency: 'USD',
      is_available: false,
      name: '',
      price: 0,
    };
    const common = { externalId: '1', name: '', currency: 'USD', isAvailable: false };
    expect(itemOf('products', raw)).toMatchObject({
      ...common,
      pathId: 'p',
      itemType: '0',
      modifierGroupId: null,
      price: '0',
    });
    expect(itemOf('modifiers', raw)).toMatchObject({
      ...common,
      pathId: 'p',
      itemType: null,
      modifierGroupId: '0',
      price: '0',
    });
    expect(itemOf('discounts', raw)).toMatchObject({
      ...common,
      pathId: null,
      discountPercent: '10',
      discountAmount: '0',
    });
  });

  test('a modifier whose path cannot be read is a reject without a key, whatever else is wrong with it', () => {
    for (const raw of [
      { id: 'a', pathId: {} },
      { id: 'a', pathId: true, price: '12,50' },
      { id: 'a', path_id: ['g'], name: {} },
    ]) {
      const keyless = { reason: 'invalid_path_id', externalId: null, pathId: null };
      expect(itemFromFormatted('modifiers', raw)).toMatchObject({ type: 'reject', reject: keyless });
      // The key of a product is its id alone.
      expect(itemFromFormatted('products', raw)).toMatchObject({ type: 'reject', reject: { externalId: 'a' } });
      expect(itemFromFormatted('discounts', { id: 'a', pathId: {} }).type).toBe('item');
    }
  });

  test("a path of '' hangs nowhere", () => {
    expect(itemOf('modifiers', { id: 1, pathId: '', path_id: 'p' }).pathId).toBeNull();
  });

  test('data is what the caller says it is, else the item itself', () => {
    expect(itemOf('products', { id: 1, data: { raw: true } }).data).toEqual({ raw: true });
    expect(itemOf('products', { id: 1, data: null }).data).toBeNull();
    expect(itemOf('products', { id: 1, x: [0] }).data).toEqual({ id: 1, x: [0] });
  });

  test('F36: __proto__ in an item is neither id nor prototype', () => {
    const raw = parseJson('{"__proto__":{"id":"stolen","price":1},"name":"x"}');
    expect(itemFromFormatted('products', raw)).toMatchObject({ reject: { reason: 'missing_external_id' } });
  });
});

describe('what an item says by location', () => {
  test('is read under both names, absent is not said, and present is what is not denied', () => {
    const raw = '{"id":"1","item_locations":[{"location_id":7,"price":"1.50"},{"locationId":"b","present":false}]}';
    expect(itemOf('products', parseJson(raw)).locations).toEqual([
      { locationId: '7', price: '1.5', currency: null, isAvailable: null, present: true },
      { locationId: 'b', price: null, currency: null, isAvailable: null, present: false },
    ]);
    expect(itemOf('products', parseJson('{"id":"1","itemLocations":null}')).locations).toBeUndefined();
    // A member of the POS that happens to be called so says nothing of ours.
    expect(itemOf('products', parseJson('{"id":"1","locations":"all"}')).locations).toBeUndefined();
  });

  test.each([
    ['7', 'itemLocations is not a list.'],
    ['["a"]', 'itemLocations[0]: it is not an object.'],
    ['[{"price":1}]', 'itemLocations[0]: it has no usable locationId.'],
    ['[{"locationId":"a"},{"locationId":"b","price":"x"}]', 'itemLocations[1]: price: '],
    ['[{"locationId":"a","currency":[]}]', 'itemLocations[0]: currency is not a text.'],
    ['[{"locationId":"a","isAvailable":1}]', 'itemLocations[0]: isAvailable is neither true nor false.'],
    ['[{"locationId":"a","present":"yes"}]', 'itemLocations[0]: present is neither true nor false.'],
    ['[{"locationId":"a"},{"locationId":"a"}]', 'The item names the location "a" more than once.'],
  ])('%s is a reject with its key', (locations, message) => {
    const formatted = itemFromFormatted('products', parseJson(`{"id":"1","itemLocations":${locations}}`));
    expect(formatted).toMatchObject({
      type: 'reject',
      reject: { externalId: '1', message: expect.stringContaining(message) },
    });
  });
});

describe('there and back', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  const id = fc.stringMatching(/^[\w é-]{1,12}$/);
  const decimal = fc
    .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.stringMatching(/^(\d{0,20}[1-9])?$/))
    .map(([whole, fraction]) => (fraction === '' ? String(whole) : `${whole}.${fraction}`));
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
  const data = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
    fc.constantFrom('{"n":9007199254740993}', '{"n":1.10}', '[0,"",false,null]', '{"__proto__":0}').map(parseJson),
  );

  test('an item has the fingerprint and the key it had', () => {
    const drawn = fc.record({
      kind: fc.constantFrom(...kinds),
      externalId: id,
      pathId: maybe(id),
      name: maybe(text),
      first: maybe(text),
      second: maybe(text),
      price: maybe(decimal),
      percent: maybe(decimal),
      currency: maybe(fc.constantFrom('USD', 'EUR')),
      isAvailable: maybe(fc.boolean()),
      places: fc.uniqueArray(
        fc.record({
          locationId: id,
          price: maybe(decimal),
          currency: maybe(fc.constantFrom('USD', 'EUR')),
          isAvailable: maybe(fc.boolean()),
          present: fc.boolean(),
        }),
        { selector: ({ locationId }) => locationId, maxLength: 3 },
      ),
      data,
    });
    fc.assert(
      fc.property(drawn, ({ kind, first, second, price, percent, places, ...rest }) => {
        const item: Item = {
          kind,
          ...rest,
          pathId: kind === 'discounts' ? null : rest.pathId,
          itemType: kind === 'products' ? first : null,
          modifierGroupId: kind === 'modifiers' ? first : null,
          modifierGroupName: kind === 'modifiers' ? second : null,
          discountAmount: kind === 'discounts' ? price : null,
          discountPercent: kind === 'discounts' ? percent : null,
          price: kind === 'discounts' ? null : price,
          ...(places.length === 0 ? {} : { locations: places }),
        };
        const formatted = itemFromFormatted(kind, itemToFormatted(item));
        expect(formatted).toMatchObject({ type: 'item', item: { externalId: item.externalId, pathId: item.pathId } });
        const back = formatted.type === 'item' ? formatted.item : item;
        expect(fingerprint(back)).toEqual(fingerprint(item));
        // The same over the wire.
        const wire = itemOf(kind, parseJson(JSON.stringify(itemToFormatted(item))));
        expect(fingerprint(wire)).toEqual(fingerprint(item));
      }),
      { numRuns: 500 },
    );
  });
});
