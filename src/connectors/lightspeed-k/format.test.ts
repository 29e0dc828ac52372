// What becomes of a Lightspeed page: keys, prices, availability, rejects, and pages that are none.
import { describe, expect, test } from 'vitest';
import type { Formatted } from '../../catalog/item.ts';
import { type Json, parseJson } from '../../json.ts';
import type { DocumentProof } from '../connector.ts';
import { connector } from './index.ts';

async function formatText(text: string | Uint8Array, params: Record<string, unknown> = {}) {
  const formatted: Formatted[] = [];
  const stream = connector.format(
    (async function* () {
      yield Buffer.from(text);
    })(),
    { params },
  );
  for (;;) {
    const { done, value } = await stream.next();
    if (done) return { formatted, proof: value as DocumentProof };
    formatted.push(...value);
  }
}

/** The one thing that came of a page with one row. */
async function one(member: string, row: string, params: Record<string, unknown> = {}): Promise<Formatted> {
  const { formatted } = await formatText(`{"${member}":[${row}]}`, params);
  expect(formatted).toHaveLength(1);
  return formatted[0] as Formatted;
}

const itemOf = (formatted: Formatted) => (formatted.type === 'item' ? formatted.item : formatted);

describe('an item', () => {
  test('has the id of the POS digit by digit, also beyond what a double carries', async () => {
    const item = itemOf(await one('items', '{"id":9007199254740993,"name":"Tea","prices":[{"amount":1.10}]}'));
    expect(item).toMatchObject({ kind: 'products', externalId: '9007199254740993', pathId: null, price: '1.1' });
    expect(JSON.stringify((item as { data: Json }).data)).toContain('"amount":1.10');
  });

  test('has the price that the config names, else the first, and none where it is a percentage or open', async () => {
    const priceOf = async (more: string, params = {}) =>
      (itemOf(await one('items', `{"id":1,${more}}`, params)) as { price: unknown }).price;
    const prices = '"prices":[{"amount":0,"name":"A"},{"amount":12.50,"name":"B"}]';
    expect(await priceOf(prices)).toBe('0');
    expect(await priceOf(prices, { price_name: 'B' })).toBe('12.5');
    expect(await priceOf(prices, { price_name: 'C' })).toBeNull();
    expect(await priceOf(`${prices},"priceMode":"AMOUNT"`)).toBe('0');
    for (const mode of ['PERCENT', 'POSITIVE_OPEN_PRICE', 'NEGATIVE_OPEN_PRICE']) {
      expect(await priceOf(`${prices},"priceMode":"${mode}"`)).toBeNull();
    }
    expect(await priceOf('"prices":[]')).toBeNull();
    expect(await priceOf('"prices":null')).toBeNull();
  });

  test('is available as the config says that active means', async () => {
    const availability = async (active: string, params = {}) =>
      (itemOf(await one('items', `{"id":1,"active":${active}}`, params)) as { isAvailable: unknown }).isAvailable;
    expect([await availability('true'), await availability('false'), await availability('null')]).toEqual([
      true,
      false,
      null,
    ]);
    expect(await availability('true', { active_means: 'archived' })).toBe(false);
    expect(await availability('true', { active_means: 'nothing' })).toBeNull();
  });

  test('of a type that is left out is counted', async () => {
    const params = { exclude_item_types: ['GROUP'] };
    expect(await one('items', '{"id":1,"itemType":"GROUP"}', params)).toMatchObject({
      type: 'filtered',
      externalId: '1',
    });
    expect(await one('items', '{"id":1,"itemType":"ITEM"}', params)).toMatchObject({ type: 'item' });
  });

  test.each([
    ['{"name":"x"}', 'missing_external_id'],
    ['{"id":null}', 'missing_external_id'],
    ['[]', 'not_an_object'],
    ['{"id":1,"prices":{}}', 'invalid_price'],
    ['{"id":1,"prices":[1]}', 'invalid_price'],
    ['{"id":1,"prices":[{"amount":"1,50"}]}', 'invalid_price'],
    ['{"id":1,"active":"yes"}', 'invalid_field'],
    ['{"id":1,"name":{}}', 'invalid_field'],
    [`{"id":1,"x":${'['.repeat(150)}${']'.repeat(150)}}`, 'too_deep'],
  ])('%s is set aside as %s', async (row, reason) => {
    expect(await one('items', row)).toMatchObject({ type: 'reject', reject: { reason } });
  });
});

describe('a modifier', () => {
  const modifier = { sku: 'M/1', productName: 'Mayo', productPrice: 0.5, extraPrice: 0.2 };
  const group = { sku: 'G-1', description: 'Sauces', productModifiers: [modifier] };
  const item = { '@type': 'menuItem', sku: 'B%1', menuModifierGroups: [group] };
  const screen = (...menuEntry: Json[]): Json => ({ '@type': 'group', menuEntry });
  const read = async (page: Json, params = {}) =>
    (await formatText(JSON.stringify(page), params)).formatted.map(itemOf);
  const menu = (...menuEntryGroups: Json[]): Json => ({ menuEntryGroups });

  test('has item, group and its own SKU for a place, without menu and screen', async () => {
    const wanted = {
      kind: 'modifiers',
      externalId: 'M/1',
      pathId: 'B%251/G-1/M%2F1',
      name: 'Mayo',
      modifierGroupId: 'G-1',
      modifierGroupName: 'Sauces',
      price: '0.5',
      data: modifier,
    };
    const deal = { '@type': 'menuDeal', sku: 'D', menuDealGroups: [{ sku: 'DG', items: [item] }] };
    const found = await read(menu(screen(item, screen(item), deal), screen(item)));
    expect(found).toHaveLength(4);
    for (const each of found) expect(each).toMatchObject(wanted);
    expect(await read(menu(screen(item)), { modifier_price: 'extra_price' })).toMatchObject([{ price: '0.2' }]);
  });

  test('below a modifier has the longer place', async () => {
    const inner = { sku: 'M-3', menuModifierGroups: [{ sku: 'G-2', productModifiers: [{ sku: 'M-4' }] }] };
    const outer = { sku: 'I', menuModifierGroups: [{ sku: 'G-1', productModifiers: [inner] }] };
    expect(await read(menu(screen(outer)))).toMatchObject([{ pathId: 'I/G-1/M-3' }, { pathId: 'I/G-1/M-3/G-2/M-4' }]);
  });

  test('whose price is asked for has none, and one without a SKU, or below one, is set aside', async () => {
    const open = { ...modifier, pricingStrategy: 'CUSTOMIZED_ITEM_PRICE_WILL_BE_POSTIVE' };
    const below = (productModifiers: Json[], sku: Json) => ({
      sku: 'I',
      menuModifierGroups: [{ sku, productModifiers }],
    });
    expect(await read(menu(screen(below([open], 'G'))))).toMatchObject([{ price: null }]);
    expect(await read(menu(screen(below([{ productName: 'x' }, 7], 'G'), below([modifier], null))))).toMatchObject([
      { type: 'reject', reject: { reason: 'missing_external_id' } },
      { type: 'reject', reject: { reason: 'not_an_object' } },
      { type: 'reject', reject: { reason: 'missing_path_id', externalId: null } },
    ]);
  });

  test('of a screen that cannot be read proves nothing by its absence', async () => {
    const deep = `{"menuEntryGroups":[{"menuEntry":${'['.repeat(150)}${']'.repeat(150)}}]}`;
    const { formatted, proof } = await formatText(deep);
    expect(formatted).toMatchObject([{ type: 'reject', reject: { kind: 'modifiers', reason: 'too_deep' } }]);
    expect(proof).toMatchObject({ complete: false, kindsPresent: ['modifiers'] });
    const parsed = connector.formatDocument(parseJson(deep), { params: {} });
    expect(parsed.next().value).toEqual(formatted[0]);
    expect(parsed.next().value).toEqual(proof);
  });
});

test('a discount is known by its code, and is a percentage or an amount', async () => {
  const read = async (row: string) => itemOf(await one('discounts', row));
  expect(await read('{"name":"Free","code":"FREE","discountPercentage":100.0}')).toMatchObject({
    kind: 'discounts',
    externalId: 'FREE',
    pathId: null,
    discountPercent: '100',
    discountAmount: null,
    price: null,
  });
  expect(await read('{"code":"TEN","discountAmount":0}')).toMatchObject({ discountAmount: '0', discountPercent: null });
  expect(await read('{"name":"x"}')).toMatchObject({ type: 'reject', reject: { reason: 'missing_external_id' } });
});

describe('a page', () => {
  test('proves the kinds that it answers, also where it holds none of them', async () => {
    const kindsOf = async (text: string) => (await formatText(text)).proof.kindsPresent;
    expect(await kindsOf('{"items":[]}')).toEqual(['products']);
    expect(await kindsOf('{"menus":[{"ikentooMenuId":1}]}')).toEqual(['modifiers']);
    expect(await kindsOf('{"menuName":"x","menuEntryGroups":[]}')).toEqual(['modifiers']);
    expect(await kindsOf('{"discounts":[],"items":null}')).toEqual(['discounts']);
    const pages = connector.formatDocument([{ items: [] }, { menus: [] }, { discounts: [] }], { params: {} });
    expect(pages.next().value).toEqual({ complete: true, kindsPresent: ['products', 'modifiers', 'discounts'] });
  });

  test.each([
    ['{}', 'body_wrong_shape'],
    ['{"status":"404","message":"x"}', 'body_wrong_shape'],
    ['{"items":{}}', 'body_wrong_shape'],
    ['{"items":null}', 'body_wrong_shape'],
    ['[]', 'body_wrong_shape'],
    ['{"menuEntryGroups":[7]}', 'body_wrong_shape'],
    ['{"menuEntryGroups":[{"menuEntry":{}}]}', 'body_wrong_shape'],
    ['{"menuEntryGroups":[{"menuModifierGroups":[7]}]}', 'body_wrong_shape'],
    ['<html>', 'body_not_json'],
    ['', 'body_empty'],
    ['{"items":[', 'body_truncated'],
  ])('%s is refused as %s', async (text, code) => {
    await expect(formatText(text)).rejects.toMatchObject({ code, step: 'format' });
    if (code !== 'body_wrong_shape') return;
    expect(() => [...connector.formatDocument(parseJson(text), { params: {} })]).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test('with bytes that are no UTF-8 keeps what can be kept', async () => {
    const broken = (before: string, after: string) =>
      formatText(Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)]));
    expect((await broken('{"items":[{"id":1,"name":"', '"}]}')).formatted).toMatchObject([
      { type: 'item', sanitised: true, item: { name: '\uFFFD' } },
    ]);
    expect((await broken('{"discounts":[{"code":"', '"}]}')).formatted).toMatchObject([
      { type: 'reject', reject: { reason: 'invalid_external_id', externalId: null } },
    ]);
  });
});
