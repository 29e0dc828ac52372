// From pages of Clover to items: money, availability, deletions, links, nested lists that are cut off, and what is no page.
import { describe, expect, test } from 'vitest';
import type { Formatted } from '../../catalog/item.ts';
import { type Json, parseJson } from '../../json.ts';
import { formatDocument } from './format.ts';
import { mapDiscount, mapModifier, mapProduct } from './mapping/map-item.ts';
import type { PageNote } from './mapping/page.ts';

const id = 'I000000000001';

type Note = Partial<Omit<PageNote, 'former'>> & Pick<PageNote, 'resource'> & { former?: object };

function page(note: Note, elements: Json[]): Json {
  return { clover_page: { currency: 'USD', ...note } as unknown as Json, elements };
}

function formatted(pages: Json[], params = {}): Formatted[] {
  return [...formatDocument(pages, { params })];
}

/** One line for each: what it is and its key. */
function lines(pages: Json[]): string[] {
  return formatted(pages).map((each) => {
    const { kind, externalId, pathId } = each.type === 'item' ? each.item : each.type === 'reject' ? each.reject : each;
    return `${each.type} ${kind} ${externalId} ${pathId}`;
  });
}

function group(groupId: string, modifiers: string[], more: { [key: string]: Json } = {}): Json {
  return { id: groupId, name: groupId, modifiers: { elements: modifiers.map((each) => ({ id: each })) }, ...more };
}

function item(itemId: string, groups: string[], more: { [key: string]: Json } = {}): Json {
  return { id: itemId, name: itemId, modifierGroups: { elements: groups.map((each) => ({ id: each })) }, ...more };
}

describe('an item', () => {
  test('has its price in major units, none where it is asked for at the till, and that of a unit', () => {
    const prices: [string, string, string | null][] = [
      ['{"id":"a","price":899,"priceType":"FIXED"}', 'USD', '8.99'],
      ['{"id":"a","price":0,"priceType":"FIXED"}', 'USD', '0'],
      ['{"id":"a","price":899}', 'JPY', '899'],
      ['{"id":"a","price":9007199254740993}', 'USD', '90071992547409.93'],
      ['{"id":"a","price":0,"priceType":"VARIABLE"}', 'USD', null],
      ['{"id":"a","price":1299,"priceType":"PER_UNIT"}', 'USD', '12.99'],
      ['{"id":"a","price":null}', 'USD', null],
      ['{"id":"a"}', 'USD', null],
      ['{"id":"a","price":-50}', 'USD', '-0.5'],
    ];
    for (const [text, currency, price] of prices) {
      expect([text, mapProduct(parseJson(text), currency)]).toMatchObject([text, { item: { price, currency } }]);
    }
    for (const text of ['1.5', '"8.99"', 'true', '[]', '1e400', '1.0']) {
      const raw = parseJson(`{"id":"a","price":${text}}`);
      expect(mapProduct(raw, 'USD')).toMatchObject({ reject: { reason: 'invalid_price', externalId: 'a' } });
    }
  });

  test('is available where it is neither hidden nor sold out, and unknown where Clover does not say', () => {
    const cases: [Json, Json, boolean | null][] = [
      [false, true, true],
      [true, true, false],
      [false, false, false],
      [null, true, true],
      [false, null, true],
      [true, null, false],
      [null, null, null],
    ];
    for (const [hidden, available, isAvailable] of cases) {
      expect(mapProduct({ id, hidden, available }, null)).toMatchObject({ item: { isAvailable } });
    }
    expect(mapProduct({ id, hidden: 'no' }, null)).toMatchObject({ reject: { reason: 'invalid_field' } });
  });

  test('that is deleted is removed, and one without an id removes nothing else', () => {
    for (const deleted of [{ deletedTime: 1_700_000_000_000 }, { deleted: true }]) {
      expect(mapProduct({ id, ...deleted }, null)).toEqual({
        type: 'removed',
        kind: 'products',
        externalId: id,
        pathId: null,
      });
    }
    expect(mapProduct({ id, deletedTime: null, deleted: false }, null).type).toBe('item');
    expect(lines([page({ resource: 'items' }, [{ name: 'No id' }, 7])])).toEqual([
      'reject products null null',
      'reject modifiers null null',
      'reject products null null',
      'reject modifiers null null',
    ]);
  });

  test('of which two versions came is the one that was changed later', () => {
    const preference = (modifiedTime: number) =>
      (mapProduct({ id, modifiedTime }, null) as { preference: number }).preference;
    expect(preference(2)).toBeGreaterThan(preference(1));
  });
});

describe('a modifier', () => {
  const place = { item: id, group: { id: 'G1', name: 'Milk' }, preference: 3 };

  test('has the path item/group/modifier and the name of its group', () => {
    expect(mapModifier({ id: 'M1', name: 'Oat', price: 75, available: false }, place, 'USD')).toMatchObject({
      preference: 3,
      item: {
        externalId: 'M1',
        pathId: `${id}/G1/M1`,
        name: 'Oat',
        price: '0.75',
        modifierGroupId: 'G1',
        modifierGroupName: 'Milk',
        isAvailable: false,
      },
    });
    expect(mapModifier({ id: 'M1', price: 'x' }, place, 'USD')).toMatchObject({
      reject: { pathId: `${id}/G1/M1`, reason: 'invalid_price' },
    });
  });

  test('stands once under each item that has its group', () => {
    expect(
      lines([
        page({ resource: 'groups' }, [group('G1', ['M1', 'M2']), group('G2', ['M3'])]),
        page({ resource: 'items' }, [item('I1', ['G1']), item('I2', ['G2', 'G1'])]),
      ]),
    ).toEqual([
      'item products I1 null',
      'item modifiers M1 I1/G1/M1',
      'item modifiers M2 I1/G1/M2',
      'item products I2 null',
      'item modifiers M3 I2/G2/M3',
      'item modifiers M1 I2/G1/M1',
      'item modifiers M2 I2/G1/M2',
    ]);
  });

  test('of a group that hangs on no item is counted as left out, by the last page only', () => {
    const pages = [
      page({ resource: 'groups' }, [group('G1', ['M1']), group('G2', ['M2']), group('G3', ['M3'], { deletedTime: 1 })]),
      page({ resource: 'items' }, [item('I1', ['G1'])]),
    ];
    expect(lines([...pages, page({ resource: 'discounts' }, [])])).toHaveLength(2);
    expect(lines([...pages, page({ resource: 'discounts', last: true }, [])]).slice(2)).toEqual([
      'filtered modifiers M2 null',
    ]);
  });

  test('of a list that was cut off comes from the own list of its group, else nothing is removed by absence', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => `M${index}`);
    const groups = page({ resource: 'groups' }, [group('G1', hundred)]);
    const items = page({ resource: 'items' }, [item('I1', ['G1'])]);
    const cutOff = lines([groups, items]);
    expect(cutOff).toHaveLength(102);
    expect(cutOff.filter((line) => line.startsWith('reject'))).toEqual(['reject modifiers null null']);
    const rows = [...hundred, 'M100', 'M101'].map((each): Json => ({ id: each }));
    const [first, second] = [rows.slice(0, 60), rows.slice(59)];
    const whole = lines([
      groups,
      page({ resource: 'modifiers', group: 'G1' }, first),
      page({ resource: 'modifiers', group: 'G1', repeated: 1 }, second),
      items,
    ]);
    expect(whole).toEqual([
      'item products I1 null',
      ...rows.map((row) => `item modifiers ${(row as { id: string }).id} I1/G1/${(row as { id: string }).id}`),
    ]);
  });

  test('of a deleted group is on no item', () => {
    const groups = page({ resource: 'groups' }, [group('G1', ['M1'], { deletedTime: 1 })]);
    expect(lines([groups, page({ resource: 'items' }, [item('I1', ['G1'])])])).toEqual(['item products I1 null']);
  });

  test('goes with the group that its item lost, or with its item, and stays where a list is cut off', () => {
    const groups = page({ resource: 'groups' }, [group('G1', ['M1']), group('G2', ['M2'])]);
    const former = { I1: ['G1', 'G2'], I2: ['G1'] };
    const items = [item('I1', ['G2']), item('I2', [], { deletedTime: 1 }), item('I3', [])];
    expect(lines([groups, page({ resource: 'items', former }, items)])).toEqual([
      'item products I1 null',
      'item modifiers M2 I1/G2/M2',
      'removed modifiers M1 I1/G1/M1',
      'removed products I2 null',
      'removed modifiers M1 I2/G1/M1',
      'item products I3 null',
    ]);
    const many = item(
      'I1',
      Array.from({ length: 100 }, () => 'G2'),
    );
    expect(
      lines([groups, page({ resource: 'items', former }, [many])]).filter((line) => line.startsWith('removed')),
    ).toEqual([]);
  });
});

describe('a discount', () => {
  test('is a positive amount or a percentage, whatever the sign', () => {
    const cases: [{ [key: string]: Json }, string | null, string | null][] = [
      [{ amount: -200 }, '2', null],
      [{ amount: 200 }, '2', null],
      [{ amount: 0 }, '0', null],
      [{ percentage: 10 }, null, '10'],
      [{ percentage: -10 }, null, '10'],
      [{ percentage: '12.5' }, null, '12.5'],
      [{}, null, null],
    ];
    for (const [raw, discountAmount, discountPercent] of cases) {
      expect(mapDiscount({ id: 'X1', ...raw }, 'USD')).toMatchObject({
        item: { discountAmount, discountPercent, price: null },
      });
    }
    for (const raw of [{ amount: 1.5 }, { amount: 'two' }, { percentage: 101 }, { percentage: 'ten' }]) {
      expect(mapDiscount({ id: 'X1', ...raw }, 'USD')).toMatchObject({ reject: { externalId: 'X1' } });
    }
    expect(mapDiscount({ amount: 1 }, 'USD')).toMatchObject({ reject: { reason: 'missing_external_id' } });
  });
});

describe('a page', () => {
  test('says which kinds it answers: items bring the modifiers along', () => {
    const kinds = (each: Json) => {
      const formatting = formatDocument(each, { params: {} });
      let step = formatting.next();
      while (!step.done) step = formatting.next();
      return step.value.kindsPresent;
    };
    expect(kinds(page({ resource: 'items' }, []))).toEqual(['products', 'modifiers']);
    expect(kinds(page({ resource: 'discounts' }, []))).toEqual(['discounts']);
    expect(kinds(page({ resource: 'groups' }, []))).toEqual([]);
  });

  test('skips the rows that were in the page before, and rows asked for as deleted that do not say so', () => {
    expect(lines([page({ resource: 'items', repeated: 1 }, [item('I1', []), item('I2', [])])])).toEqual([
      'item products I2 null',
    ]);
    const rows = [item('I1', []), item('I2', [], { deletedTime: 1 })];
    expect(lines([page({ resource: 'items', onlyDeleted: true }, rows)])).toEqual(['removed products I2 null']);
  });

  test('takes the currency of the config before that of the merchant', () => {
    const pages = [page({ resource: 'items', currency: 'JPY' }, [{ id, price: 500 }])];
    expect(formatted(pages)).toMatchObject([{ item: { currency: 'JPY', price: '500' } }]);
    expect(formatted(pages, { currency: 'USD' })).toMatchObject([{ item: { currency: 'USD', price: '5' } }]);
  });

  test('that is none is refused', () => {
    const note = { resource: 'items', currency: null };
    const wrong: Json[] = [
      null,
      7,
      {},
      { elements: [] },
      { elements: [], clover_page: note },
      { clover_page: note },
      { clover_page: note, elements: {} },
      { clover_page: { resource: 'orders' }, elements: [] },
      { clover_page: 'items', elements: [] },
    ];
    for (const document of wrong) {
      expect(() => formatted([document])).toThrow('JSON, but not a catalog');
    }
  });
});
