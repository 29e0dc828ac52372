// What becomes of catalog objects: keys, names, prices, locations, lists shared by items, deltas, and what cannot be read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Formatted, Item } from '../../catalog/item.ts';
import { type Json, parseJson } from '../../json.ts';
import type { DocumentProof, FormatContext } from '../connector.ts';
import { format, formatDocument } from './format.ts';

const usd = (amount: number) => ({ amount, currency: 'USD' });
type Raw = { [key: string]: Json };

// biome-ignore lint/complexity/useMaxParams: type, id and data say what they are; few tests need more.
function object(type: string, id: string, data: Raw, more: Raw = {}): Raw {
  return { type, id, version: 5, is_deleted: false, [`${type.toLowerCase()}_data`]: data, ...more };
}
const variation = (id: string, data: Raw, more: Raw = {}) =>
  object('ITEM_VARIATION', id, { item_id: 'I', pricing_type: 'FIXED_PRICING', ...data }, more);
const item = (data: Raw, more: Raw = {}) => object('ITEM', 'I', { name: 'Tea', variations: [], ...data }, more);
const modifier = (id: string, data: Raw = {}, more: Raw = {}) =>
  object('MODIFIER', id, { name: `Extra ${id}`, modifier_list_id: 'L', price_money: usd(50), ...data }, more);
const list = (id: string, modifiers: Json[], more: Raw = {}) =>
  object('MODIFIER_LIST', id, { name: `List ${id}`, modifiers }, more);

interface Result {
  formatted: Formatted[];
  proof: DocumentProof;
}

function read(objects: Json, context: Partial<FormatContext> = {}, more: Raw = {}): Result {
  const formatting = formatDocument({ objects, ...more }, { params: {}, ...context });
  const formatted: Formatted[] = [];
  for (;;) {
    const step = formatting.next();
    if (step.done) return { formatted, proof: step.value };
    formatted.push(step.value);
  }
}

const itemsOf = (formatted: readonly Formatted[]): Item[] =>
  formatted.flatMap((each) => (each.type === 'item' ? [each.item] : []));
const rejectsOf = (formatted: readonly Formatted[]) =>
  formatted.flatMap((each) => (each.type === 'reject' ? [each.reject] : []));
const goneOf = (formatted: readonly Formatted[]) =>
  formatted.flatMap((each) => (each.type === 'removed' ? [`${each.kind} ${each.pathId} ${each.externalId}`] : []));
function only(objects: Json, context: Partial<FormatContext> = {}): Item {
  const [first, ...others] = itemsOf(read(objects, context).formatted);
  expect(others).toEqual([]);
  if (first === undefined) throw new Error('no item came');
  return first;
}

describe('the fixtures', () => {
  const fixture = (name: string) => parseJson(readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')) as Raw;

  test('become products, modifiers under each item that uses their list, and discounts', () => {
    const { formatted, proof } = read(fixture('catalog.json').objects ?? null);
    expect(proof).toEqual({ complete: true, kindsPresent: ['products', 'modifiers', 'discounts'] });
    const rows = itemsOf(formatted).map(({ kind, externalId, pathId, name, price, isAvailable }) => [
      kind,
      externalId,
      pathId,
      name,
      price,
      isAvailable,
    ]);
    expect(rows).toEqual([
      ['products', 'COFFEE-R', 'COFFEE', 'Coffee', '3', true],
      ['products', 'COFFEE-L', 'COFFEE', 'Coffee – Large', '4.5', true],
      ['modifiers', 'OAT', 'COFFEE/MILK/OAT', 'Oat', '0.75', true],
      ['modifiers', 'WHOLE', 'COFFEE/MILK/WHOLE', 'Whole', '0', true],
      ['products', 'TEA-R', 'TEA', 'Tea', null, true],
      ['modifiers', 'OAT', 'TEA/MILK/OAT', 'Oat', '0.75', true],
      ['modifiers', 'WHOLE', 'TEA/MILK/WHOLE', 'Whole', '0', true],
      ['discounts', 'TENTH', null, 'A tenth', null, true],
      ['discounts', 'ONE-OFF', null, 'One off', null, true],
      ['discounts', 'OPEN', null, 'Manager', null, true],
      // Its list is switched off for the item, and came after it.
      ['modifiers', 'HONEY', 'COFFEE/SYRUP/HONEY', 'Honey', '0.5', false],
    ]);
  });

  test('of changes remove what is gone, and what a changed item does not use any more', () => {
    const { formatted } = read(fixture('changes.json').objects ?? null, {}, { changes_since: '2025-06-02T10:00:00Z' });
    const delta = formatDocument(fixture('changes.json'), { params: {} });
    expect(goneOf([...delta])).toEqual([
      'modifiers TEA/MILK/OAT OAT',
      'modifiers TEA/MILK/WHOLE WHOLE',
      'modifiers TEA/SYRUP/HONEY HONEY',
      'products COFFEE COFFEE-L',
      'discounts null OPEN',
    ]);
    expect(itemsOf(formatted).map(({ externalId }) => externalId)).toEqual(['TEA-R']);
  });
});

describe('a product', () => {
  test.each([
    ['Tea', 'Large', 'Tea – Large'],
    ['Tea', 'Regular', 'Tea'],
    ['Tea', 'regular', 'Tea – regular'],
    ['Tea', 'Tea', 'Tea'],
    ['Tea', '', 'Tea'],
    ['Tea', null, 'Tea'],
    ['', 'Large', 'Large'],
    [null, 'Large', 'Large'],
    [null, null, null],
  ])('of the item %s and the variation %s is called %s', (name, own, expected) => {
    expect(only([item({ name, variations: [variation('V', { name: own })] })]).name).toBe(expected);
  });

  test('has the price of its variation in major units, and none where it is entered at the sale', () => {
    const priced = (data: Raw) => only([item({ variations: [variation('V', data)] })]);
    expect(priced({ price_money: usd(1_250) })).toMatchObject({ price: '12.5', currency: 'USD' });
    expect(priced({ price_money: usd(0) })).toMatchObject({ price: '0', currency: 'USD' });
    expect(priced({})).toMatchObject({ price: null, currency: null });
    expect(priced({ pricing_type: 'VARIABLE_PRICING', price_money: usd(0) })).toMatchObject({ price: null });
  });

  test.each([
    ['0', 'USD', '0'],
    ['-0', 'USD', '0'],
    ['1', 'USD', '0.01'],
    ['75', 'EUR', '0.75'],
    ['-250', 'GBP', '-2.5'],
    ['1250', 'JPY', '1250'],
    ['1250', 'KWD', '1.25'],
    ['12345', 'CLF', '1.2345'],
    ['9007199254740993', 'USD', '90071992547409.93'],
    ['null', 'USD', null],
    ['12.5', 'USD', 'invalid_price'],
    ['1e3', 'USD', 'invalid_price'],
    ['true', 'USD', 'invalid_price'],
    ['[]', 'USD', 'invalid_field'],
    ['100', 'UNKNOWN_CURRENCY', 'invalid_price'],
    ['100', '', 'invalid_price'],
  ])('whose price is %s of %s costs %s', (amount, currency, expected) => {
    const text = JSON.stringify(item({ variations: [variation('V', { price_money: { amount: '?', currency } })] }));
    const { formatted } = read([parseJson(text.replace('"?"', amount))]);
    const [first] = formatted;
    expect(first?.type === 'item' ? first.item.price : rejectsOf(formatted)[0]?.reason).toBe(expected);
  });

  test('is not available where it is archived, not for sale, or nowhere', () => {
    const available = (data: Raw, own: Raw = {}, more: Raw = {}) =>
      only([item({ ...data, variations: [variation('V', own, more)] })]).isAvailable;
    expect(available({})).toBe(true);
    expect(available({ is_archived: true })).toBe(false);
    expect(available({}, { sellable: false })).toBe(false);
    expect(available({}, {}, { present_at_all_locations: false })).toBe(false);
    const onlyAt = (id: string) => ({ present_at_all_locations: false, present_at_location_ids: [id] });
    expect(available({}, {}, onlyAt('A'))).toBe(true);
    const apart = only([item({ variations: [variation('V', {}, onlyAt('A'))] }, onlyAt('B'))]);
    expect([apart.isAvailable, apart.locations?.map(({ present }) => present)]).toEqual([false, [false, false]]);
  });

  test('tells the locations that are named, and no others', () => {
    const raw = [
      item(
        {
          variations: [
            variation(
              'V',
              {
                price_money: usd(300),
                location_overrides: [
                  { location_id: 'A', price_money: usd(350), pricing_type: 'FIXED_PRICING' },
                  { location_id: 'B', sold_out: true },
                  { location_id: 'C', pricing_type: 'VARIABLE_PRICING', price_money: usd(1), sold_out: false },
                ],
              },
              { absent_at_location_ids: ['D'] },
            ),
          ],
        },
        { present_at_all_locations: true, absent_at_location_ids: ['E'] },
      ),
    ];
    const at = (locationId: string, price: string | null, isAvailable: boolean | null) => ({
      locationId,
      price,
      currency: price === null ? null : 'USD',
      isAvailable,
      present: !'DE'.includes(locationId),
    });
    const all = [at('E', null, false), at('D', null, false), at('A', '3.5', null), at('B', null, false)];
    expect(only(raw)).toMatchObject({ price: '3', isAvailable: true });
    expect(only(raw).locations).toEqual([...all, at('C', null, true)]);
    expect(only(raw, { params: { location_ids: ['B', 'F', 'B'] } }).locations).toEqual([
      at('B', null, false),
      at('F', null, null),
    ]);
    expect(only(raw, { params: { location_ids: ['B'] } }).isAvailable).toBe(false);
    expect(Object.hasOwn(only([item({ variations: [variation('V', {})] })]), 'locations')).toBe(false);
  });

  test('of a newer version wins, and a variation that came alone yields to the same one in its item', () => {
    const alone = variation('V', { name: 'Large' }, { version: 7 });
    const { formatted } = read([item({ variations: [variation('V', { name: 'Large' }, { version: 7 })] }), alone]);
    const preferences = formatted.map((each) => (each.type === 'item' ? each.preference : null));
    expect(preferences).toEqual([7, 6.5]);
    expect(itemsOf(formatted).map(({ name, pathId }) => [name, pathId])).toEqual([
      ['Tea – Large', 'I'],
      ['Large', 'I'],
    ]);
  });
});

test('ids and versions beyond 2^53 keep their digits, and a newer version is never less', () => {
  const text = (version: string) =>
    `{"objects":[{"type":"DISCOUNT","id":9007199254740993,"version":${version},"discount_data":{"name":"D"}}]}`;
  const [older, newer] = ['9007199254740993', '9007199254741993'].map((version) => [
    ...formatDocument(parseJson(text(version)), { params: {} }),
  ]);
  const preferences = [older?.[0], newer?.[0]].map((each) => (each?.type === 'item' ? each.preference : 0));
  expect(itemsOf(older ?? []).map(({ externalId }) => externalId)).toEqual(['9007199254740993']);
  expect(preferences[0]).toBeLessThan(preferences[1] ?? 0);
});

describe('modifiers', () => {
  const uses = (info: Raw, more: Raw = {}) =>
    item({ variations: [variation('V', {})], modifier_list_info: [{ modifier_list_id: 'L', ...info }], ...more });
  const modifiersOf = (formatted: readonly Formatted[]) =>
    itemsOf(formatted).filter(({ kind }) => kind === 'modifiers');

  test('bear list, price and what the item says of them', () => {
    const overrides = [
      { modifier_id: 'M', on_by_default: true },
      { modifier_id: 'N', on_by_default: false },
    ];
    const { formatted } = read([
      list('L', [modifier('M', { location_overrides: [{ location_id: 'A', price_money: usd(60) }] })]),
      uses({ min_selected_modifiers: 1, modifier_overrides: overrides }),
    ]);
    const [row, ...others] = modifiersOf(formatted);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      externalId: 'M',
      pathId: 'I/L/M',
      name: 'Extra M',
      modifierGroupId: 'L',
      modifierGroupName: 'List L',
      price: '0.5',
      isAvailable: true,
      locations: [{ locationId: 'A', price: '0.6', present: true }],
      data: { id: 'M', modifier_list_info: { min_selected_modifiers: 1, modifier_overrides: [overrides[0]] } },
    });
  });

  test('that come inside their list and by themselves are one row, of the newer version', () => {
    const { formatted } = read([
      modifier('M', { name: 'Older' }, { version: 4 }),
      list('L', [modifier('M')]),
      modifier('M', { name: 'Newer' }, { version: 6 }),
      modifier('N'),
      uses({}),
    ]);
    expect(modifiersOf(formatted).map(({ pathId, name }) => [pathId, name])).toEqual([
      ['I/L/M', 'Newer'],
      ['I/L/N', 'Extra N'],
    ]);
  });

  test('of lists on earlier pages are found, and a page alone says what it lacks', () => {
    const earlier = new Map<string, unknown>();
    expect(read([list('L', [modifier('M')])], { earlier }).formatted).toEqual([]);
    const page = read([uses({})], { earlier });
    expect([modifiersOf(page.formatted).length, page.proof.complete]).toEqual([1, true]);
    expect(read([uses({})]).proof).toMatchObject({ complete: false, reason: expect.stringContaining('list L') });
    // Square keeps naming lists that were deleted; the fetch has made sure of that.
    expect(read([uses({ modifier_list_id: 'DELETED' })], { earlier }).proof.complete).toBe(true);
  });

  test('of a deleted item, list or modifier are removed', () => {
    const dead = { is_deleted: true };
    const deadItem = { ...uses({}), is_deleted: true };
    expect(goneOf(read([list('L', [modifier('M')]), deadItem]).formatted)).toEqual([
      'products I V',
      'modifiers I/L/M M',
    ]);
    expect(goneOf(read([list('L', [modifier('M')], dead), uses({})]).formatted)).toEqual(['modifiers I/L/M M']);
    expect(goneOf(read([list('L', [modifier('M', {}, dead)]), uses({})]).formatted)).toEqual(['modifiers I/L/M M']);
  });
});

test.each([
  ['FIXED_PERCENTAGE', { percentage: '7.5', amount_money: usd(100) }, [null, '7.5']],
  ['FIXED_PERCENTAGE', { percentage: '10.0' }, [null, '10']],
  ['FIXED_PERCENTAGE', { percentage: '33.3333333333333333' }, [null, '33.3333333333333333']],
  ['FIXED_PERCENTAGE', { percentage: '0' }, [null, '0']],
  ['FIXED_AMOUNT', { amount_money: usd(250) }, ['2.5', null]],
  ['FIXED_AMOUNT', { amount_money: { amount: 500, currency: 'JPY' } }, ['500', null]],
  ['VARIABLE_AMOUNT', { amount_money: usd(0) }, [null, null]],
  ['VARIABLE_PERCENTAGE', { percentage: '0' }, [null, null]],
] as const)('a discount %s of %j is %j', (discount_type, data, expected) => {
  const { discountAmount, discountPercent, price } = only([
    object('DISCOUNT', 'D', { name: 'D', discount_type, ...data }),
  ]);
  expect([discountAmount, discountPercent, price]).toEqual([...expected, null]);
});

describe('what cannot be read', () => {
  const reasonsOf = (objects: Json) =>
    rejectsOf(read(objects).formatted).map(({ kind, externalId, reason }) => [kind, externalId, reason]);

  test('is a reject with its key where that is known, and never nothing', () => {
    const broken = (data: Raw, more: Raw = {}) => [item({ variations: [variation('V', data, more)] })];
    expect(reasonsOf(broken({ price_money: { amount: 1.5, currency: 'USD' } }))).toEqual([
      ['products', 'V', 'invalid_price'],
    ]);
    expect(reasonsOf(broken({ price_money: { amount: 5 } }))).toEqual([['products', 'V', 'invalid_price']]);
    expect(reasonsOf(broken({ name: {} }))).toEqual([['products', 'V', 'invalid_field']]);
    expect(reasonsOf(broken({ location_overrides: [{ sold_out: true }] }))).toEqual([
      ['products', 'V', 'invalid_field'],
    ]);
    expect(reasonsOf(broken({}, { id: '' }))).toEqual([['products', null, 'missing_external_id']]);
    expect(reasonsOf(broken({}, { absent_at_location_ids: 'A' }))).toEqual([['products', 'V', 'invalid_field']]);
    expect(reasonsOf([item({})])).toEqual([['products', 'I', 'missing_variation']]);
    expect(reasonsOf([object('DISCOUNT', '', {})])).toEqual([['discounts', null, 'missing_external_id']]);
    expect(reasonsOf([object('DISCOUNT', 'D', { discount_type: 'FIXED_PERCENTAGE', percentage: '10 %' })])).toEqual([
      ['discounts', 'D', 'invalid_price'],
    ]);
  });

  test('keeps the kinds that it may have held from being removed by absence', () => {
    expect(reasonsOf([item({ variations: 'none' })])).toEqual([
      ['products', null, 'invalid_field'],
      ['modifiers', null, 'invalid_field'],
    ]);
    expect(reasonsOf([list('', [])])).toEqual([['modifiers', null, 'missing_external_id']]);
    expect(
      reasonsOf([
        list('L', [modifier('')]),
        item({ variations: [variation('V', {})], modifier_list_info: [{ modifier_list_id: 'L' }] }),
      ]),
    ).toEqual([['modifiers', null, 'missing_external_id']]);
    expect(reasonsOf([modifier('M', { modifier_list_id: null })])).toEqual([['modifiers', null, 'invalid_field']]);
    expect(reasonsOf([{ id: 'X' }]).map(([kind]) => kind)).toEqual(['products', 'modifiers', 'discounts']);
    expect(reasonsOf(['x'])).toEqual([['products', null, 'not_an_object']]);
    expect(reasonsOf([object('CATEGORY', 'C', { name: 'Drinks' }), object('TAX', '', {})])).toEqual([]);
  });

  test('as a whole is an error: reported errors, another document, no object', () => {
    const thrown = (document: Json) => {
      try {
        return [...formatDocument(document, { params: {} })].length;
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    expect(thrown({ errors: [{ category: 'API_ERROR', code: 'INTERNAL_SERVER_ERROR' }] })).toBe('upstream_error_body');
    expect(thrown({ menuItems: [] })).toBe('body_wrong_shape');
    expect(thrown({ objects: {} })).toBe('body_wrong_shape');
    expect(thrown([])).toBe('body_wrong_shape');
    expect(thrown({})).toBe(0);
  });

  test('because it is too deep is a reject of the kinds that it stands for', async () => {
    const deep = `${'['.repeat(120)}${']'.repeat(120)}`;
    const text = `{"objects":[{"type":"ITEM","id":"I","x":${deep}},{"type":"CATEGORY","id":"C","x":${deep}}]}`;
    const found: Formatted[] = [];
    for await (const batch of format(pieces(Buffer.from(text)), { params: {} })) found.push(...batch);
    expect(rejectsOf(found).map(({ kind, reason }) => [kind, reason])).toEqual([
      ['products', 'too_deep'],
      ['modifiers', 'too_deep'],
    ]);
  });
});

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
