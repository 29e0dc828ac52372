// Formatting of menus and discounts: what becomes an item, what a reject, and what changes nothing.
import { describe, expect, test } from 'vitest';
import { fingerprint } from '../../catalog/fingerprint.ts';
import { type Formatted, type Item, itemKey, type Kind } from '../../catalog/item.ts';
import { type Json, parseJson } from '../../json.ts';
import { keysOf, makeModel } from './fake/fake-model.ts';
import { menusDocument } from './fake/menus-document.ts';
import { format, formatDocument } from './format.ts';
import { expandModifiers } from './mapping/expand-modifiers.ts';
import { ModifierMaps } from './mapping/modifier-maps.ts';

type Part = { [key: string]: Json };

/** A document of one menu and one group; groups and options by reference id, guids are the names. */
function menus(items: Part[], groups: Part = {}, options: Part = {}): Part {
  return {
    restaurantGuid: 'r',
    lastUpdated: 't',
    menus: [{ name: 'Dinner', guid: 'm', menuGroups: [{ name: 'G', guid: 'g', menuGroups: [], menuItems: items }] }],
    modifierGroupReferences: groups,
    modifierOptionReferences: options,
  };
}

function item(guid: string, references: Json[] = [], more: Part = {}): Part {
  return {
    name: `Item ${guid}`,
    guid,
    price: 5,
    pricingStrategy: 'BASE_PRICE',
    modifierGroupReferences: references,
    ...more,
  };
}

function group(guid: string, options: number[]): Part {
  return {
    name: `Group ${guid}`,
    guid,
    referenceId: 1,
    modifierOptionReferences: options,
    preModifierGroupReference: 9,
  };
}

function option(guid: string, groups: number[] = [], more: Part = {}): Part {
  return { name: `Option ${guid}`, guid, referenceId: 1, price: 1, modifierGroupReferences: groups, ...more };
}

function formatted(document: Json, params: Record<string, unknown> = {}) {
  const all: Formatted[] = [];
  const formatting = formatDocument(document, { params });
  let step = formatting.next();
  for (; !step.done; step = formatting.next()) all.push(step.value);
  const items = all.filter((each) => each.type === 'item');
  const of = (kind: Kind) => items.filter((each) => each.item.kind === kind).map((each) => each.item);
  const rejects = all.filter((each) => each.type === 'reject').map((each) => each.reject);
  return { items, of, rejects, proof: step.value, paths: of('modifiers').map(({ pathId }) => pathId) };
}

function dataOf(found: Item | undefined): Part {
  return found?.data as Part;
}

describe('menu items', () => {
  test('are products by their guid, with exact prices, and null stays null beside its strategy', () => {
    const document = menus([]);
    const text = JSON.stringify(document).replace(
      '"menuItems":[]',
      '"menuItems":[{"guid":"a","name":"Missing name","price":8.10},{"guid":"b","name":"B","price":null,"pricingStrategy":"SIZE_PRICE"},{"guid":"c","name":"C","price":0}]',
    );
    const { of, proof } = formatted(parseJson(text), { currency: 'USD' });
    const short = ({ externalId, pathId, name, price, currency }: Item) => [externalId, pathId, name, price, currency];
    expect(of('products').map(short)).toEqual([
      ['a', null, 'Missing name', '8.1', 'USD'],
      ['b', null, 'B', null, 'USD'],
      ['c', null, 'C', '0', 'USD'],
    ]);
    expect(dataOf(of('products')[1])).toMatchObject({ pricingStrategy: 'SIZE_PRICE', price: null });
    expect(proof).toEqual({ complete: true, kindsPresent: ['products', 'modifiers'] });
  });

  test('on several menus are one, and at different prices the highest known one wins in any order', () => {
    const rows = [item('a'), item('a', [], { price: 7.5 }), item('a', [], { price: null }), item('a')];
    const { items } = formatted(menus(rows));
    expect(items.map((each) => each.preference)).toEqual([5, 7.5, Number.NEGATIVE_INFINITY, 5]);
    expect(new Set([0, 3].map((at) => fingerprint((items[at] as (typeof items)[0]).item))).size).toBe(1);
  });

  test('that cannot be keyed or read are rejects, and so are their modifiers', () => {
    const bad = [
      item('', [1]),
      item('p', [], { price: '1,50' }),
      item('n', [], { name: [] }),
      item('l', [], { modifierGroupReferences: 4 }),
    ];
    const { rejects, of } = formatted(menus([...bad, 'x' as unknown as Part, item('ok')]));
    expect(rejects.map(({ kind, externalId, reason }) => [kind, externalId, reason])).toEqual([
      ['products', null, 'missing_external_id'],
      ['modifiers', null, 'missing_external_id'],
      ['products', 'p', 'invalid_price'],
      ['products', 'n', 'invalid_field'],
      ['modifiers', null, 'invalid_field'],
      ['products', null, 'not_an_object'],
    ]);
    expect(of('products').map(({ externalId }) => externalId)).toEqual(['l', 'ok']);
  });
});

describe('modifiers', () => {
  const groups = { 1: group('size', [11, 12]), 2: group('crust', [13]) };
  const options = { 11: option('small', [2]), 12: option('large', [], { price: null }), 13: option('thin', [2]) };

  test('hang at item, group and option, and deeper where an option has groups', () => {
    const { of, rejects } = formatted(menus([item('a', [1]), item('b', [1, 1])], groups, options));
    expect(of('modifiers').map(({ externalId, pathId, price }) => [externalId, pathId, price])).toEqual(
      ['a', 'b'].flatMap((at) => [
        ['small', `${at}/size/small`, '1'],
        ['thin', `${at}/size/small/crust/thin`, '1'],
        ['large', `${at}/size/large`, null],
      ]),
    );
    const [small] = of('modifiers');
    expect(small).toMatchObject({ modifierGroupId: 'size', modifierGroupName: 'Group size' });
    expect(dataOf(small)).toMatchObject({ guid: 'small', modifierGroup: { guid: 'size' } });
    // The crust holds itself: told once, however many items have it, under a key that no modifier has.
    expect(rejects.map(({ reason, externalId, pathId }) => [reason, externalId, pathId])).toEqual([
      ['modifier_cycle', 'crust', 'a/size/small/crust/thin/crust'],
    ]);
  });

  test('come the same whether the maps stand before or behind the menus', () => {
    const { menus: list, ...rest } = menus([item('a', [1])], groups, options);
    const before = formatted({ ...rest, menus: list as Json });
    expect(before.paths).toEqual(formatted(menus([item('a', [1])], groups, options)).paths);
    expect(before.paths).toHaveLength(3);
  });

  test('of a reference that leads nowhere are a reject without key, and the others survive', () => {
    const { paths, rejects } = formatted(
      menus([item('a', [7, 1]), item('b', [1])], { 1: group('size', [98, 12, 99]) }, { 12: option('large'), 99: 4 }),
    );
    expect(paths).toEqual(['a/size/large', 'b/size/large']);
    expect(rejects.map(({ kind, reason, externalId }) => [kind, reason, externalId])).toEqual([
      ['modifiers', 'dangling_reference', null],
      ['modifiers', 'dangling_reference', null],
      ['modifiers', 'not_an_object', null],
    ]);
    expect(rejects[0]?.message).toBe(
      'The modifier group with referenceId "7" is not in the document. Referred to by a.',
    );
  });

  test('of groups that refer to names every object has lead nowhere, too', () => {
    const { rejects } = formatted(menus([item('a', ['constructor', { x: 1 }])], groups, options));
    expect(rejects.map(({ reason }) => reason)).toEqual(['dangling_reference', 'dangling_reference']);
  });

  test('of portions hang below the portion', () => {
    const portions = [{ name: 'Half', guid: 'half', modifierGroupReferences: [1] }];
    const { paths, of } = formatted(
      menus([item('a', [1], { portions })], { 1: groups[1] }, { 11: option('s'), 12: option('l') }),
    );
    expect(paths).toEqual(['a/size/s', 'a/size/l', 'a/half/size/s', 'a/half/size/l']);
    expect(dataOf(of('products')[0]).portions).toEqual([{ name: 'Half', guid: 'half' }]);
  });

  test('deeper than six levels are told, and those above are there', () => {
    const chain = Array.from({ length: 9 }, (_, at) => at + 1);
    const deep = Object.fromEntries(chain.map((at) => [at, group(`g${at}`, [at])]));
    const steps = Object.fromEntries(chain.map((at) => [at, option(`o${at}`, [at + 1])]));
    const { paths, rejects } = formatted(menus([item('a', [1])], deep, steps));
    expect(paths).toHaveLength(6);
    expect(rejects.map(({ reason, externalId }) => [reason, externalId])).toEqual([['modifier_too_deep', 'g7']]);
    // The deepest path that there can be, of GUIDs, is no longer than a key may be.
    expect([37 + 6 * 74 - 1, 74 + 5 * 74 - 1].every((bytes) => bytes <= 512)).toBe(true);
  });

  test('beyond the caps are left out, and the item or the document says so', () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [at, option(`o${at}`, [1, 2])]));
    const wide = {
      1: group(
        'g1',
        Array.from({ length: 50 }, (_, at) => at),
      ),
      2: group(
        'g2',
        Array.from({ length: 50 }, (_, at) => at),
      ),
    };
    const maps = new ModifierMaps({ groups: wide, options: many });
    const owners = new Map(['a', 'b'].map((guid) => [guid, { path: [guid], references: new Set(['1', '2']) }]));
    const expand = (limits: { perItem?: number; inAll?: number }) => {
      const expanding = expandModifiers(owners, { maps, rules: { currency: null }, limits });
      const all: Formatted[] = [];
      let step = expanding.next();
      for (; !step.done; step = expanding.next()) all.push(step.value);
      return { all, reason: step.value };
    };
    const each = expand({ perItem: 100 });
    expect(each.reason).toBeNull();
    expect(each.all.length).toBeLessThan(205);
    const left = each.all.filter((one) => one.type === 'reject' && one.reject.reason === 'too_many_modifiers');
    expect(left).toHaveLength(2);
    expect(expand({ inAll: 120 }).reason).toBe(
      'The document has more than 120 modifiers when each is counted at each item.',
    );
  });
});

describe('a publication', () => {
  test('with other reference ids changes no fingerprint', () => {
    const model = makeModel({ products: 30, modifiers: 300, discounts: 0 });
    const at = (firstReference: number) => {
      const { items } = formatted(menusDocument(model, { lastUpdated: 'now', firstReference }) as Json);
      return new Map(
        items.map((each) => [itemKey(each.item.kind, each.item.externalId, each.item.pathId), fingerprint(each.item)]),
      );
    };
    const [one, other] = [at(1), at(5_000)];
    expect(other).toEqual(one);
    expect(one.size).toBe(keysOf(model).length);
  });

  test('says nothing of modifiers where their maps did not come, and nothing at all where it is something else', () => {
    const { modifierOptionReferences: _, ...without } = menus([item('a')]);
    expect(formatted(without).proof.kindsPresent).toEqual(['products']);
    for (const wrong of [{}, { menus: null, discounts: null }, { menus: {} }, 'x', { message: 'no' }]) {
      expect(() => formatted(wrong)).toThrow(expect.objectContaining({ code: 'body_wrong_shape' }));
    }
    expect(() => formatted({ ...menus([]), modifierGroupReferences: [] })).toThrow(
      'modifierGroupReferences is not an object',
    );
  });

  test('with a menu that cannot be read is not complete, and its other menus are read', async () => {
    let deep: Json = [];
    for (let level = 0; level < 120; level++) deep = [deep];
    const document = menus([item('a')]);
    const broken = { ...document, menus: [{ menuGroups: deep }, ...(document.menus as Json[])] };
    const { proof, rejects, of } = formatted(broken);
    expect(proof).toMatchObject({
      complete: false,
      reason: 'Menu 1 of the answer is nested deeper than 100 levels and was not read.',
    });
    expect(rejects.map(({ reason }) => reason)).toEqual(['too_deep']);
    expect(of('products')).toHaveLength(1);
    const stream = format(bytesOf(JSON.stringify(broken)), { params: {} });
    let step = await stream.next();
    while (!step.done) step = await stream.next();
    expect(step.value).toEqual(proof);
  });

  test('with bytes that are no UTF-8 is flagged where it shows, and no item where it is the guid', async () => {
    const text = JSON.stringify(menus([item('a'), item('b', [], { name: '#' }), item('c#')]));
    const bytes = Buffer.from(text).map((byte) => (byte === 0x23 ? 0xff : byte));
    const all: Formatted[] = [];
    for await (const batch of format(bytesOf(bytes), { params: {} })) all.push(...batch);
    const seen = all.map((each) => (each.type === 'item' ? each.sanitised === true : each.type));
    expect(seen).toEqual([false, true, 'reject']);
  });

  test('with lists that are none is a reject without key', () => {
    const menu = { menuGroups: [7, { menuItems: 'x' }, { menuGroups: null, menuItems: null }] };
    const { rejects } = formatted({ menus: [menu, 3] });
    expect(rejects.map(({ kind, externalId, reason }) => [kind, externalId, reason])).toEqual([
      ['products', null, 'not_an_object'],
      ['products', null, 'invalid_field'],
      ['products', null, 'not_an_object'],
    ]);
  });
});

describe('discounts', () => {
  test('are keyed by guid, with amount and percentage exact, whether the list has a name or not', () => {
    const list = parseJson(
      '[{"guid":"a","name":"10 % off","percentage":10.50,"amount":null,"active":true},{"guid":"b","name":"Missing name","amount":2.00,"active":false},{"guid":"c"}]',
    );
    const { of, proof } = formatted(list);
    const short = ({ externalId, name, discountAmount, discountPercent, isAvailable }: Item) => [
      externalId,
      name,
      discountAmount,
      discountPercent,
      isAvailable,
    ];
    expect(of('discounts').map(short)).toEqual([
      ['a', '10 % off', null, '10.5', true],
      ['b', 'Missing name', '2', null, false],
      ['c', null, null, null, null],
    ]);
    expect(proof).toEqual({ complete: true, kindsPresent: ['discounts'] });
    expect(formatted({ discounts: list }).of('discounts')).toEqual(of('discounts'));
  });

  test('that cannot be read are rejects that name the field', () => {
    const { rejects } = formatted([
      { guid: 'a', percentage: 'ten' },
      { guid: 'b', active: 'yes' },
      { name: 'c' },
      null,
    ]);
    expect(rejects.map(({ externalId, reason }) => [externalId, reason])).toEqual([
      ['a', 'invalid_price'],
      ['b', 'invalid_field'],
      [null, 'missing_external_id'],
      [null, 'not_an_object'],
    ]);
  });
});

async function* bytesOf(text: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
