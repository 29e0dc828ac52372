// The recipes that tillsync brings: each reads the shape that it is for from the address of the original, and nothing more is needed for a new one.
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fingerprint } from '../../catalog/fingerprint.ts';
import type { Formatted } from '../../catalog/item.ts';
import { parseJson } from '../../json.ts';
import { loadConnectors } from '../load-connectors.ts';
import { connector as ownQu } from '../qu/index.ts';
import { connectorOf } from './connector-of.ts';
import { readConnectors, shippedNames, shippedRecipe } from './find-recipe.ts';
import { makeReady } from './ready-recipe.ts';
import { addressOf } from './request/plan-request.ts';
import { runValues } from './request/run-values.ts';

const now = new Date('2026-01-02T03:04:05Z');
const params = { brand: 'b&1', establishment: '7', store: '3', trm_store_id: 't' };

/** id → the address that is asked, and what becomes of an answer of its shape: kind, key, path, name, price. */
const shapes: Readonly<Record<string, { asks: string; answer: object; items: unknown[][] }>> = {
  bonappetit: {
    asks: '/integrations/bonappetit?campus=b%261&cafe=7&menuDate=2026-01-02',
    answer: { menuItems: [{ id: 5, label: 'Soup', station: 'Grill', daypart_id: 1, station_id: 2 }] },
    items: [['products', '5', '1/2', 'Soup', null]],
  },
  mealtracker: {
    asks: '/integration?id=7&startDate=2026-01-02',
    answer: {
      data: [{ day: 1, menu: [{ name: 'Main', meals: [{ name: 'Lunch', menu: [{ id: 9, name: 'Pie' }] }] }] }],
    },
    items: [['products', '9', 'Main/Lunch', 'Pie', null]],
  },
  par: {
    asks: '/integrations/parbrink/v1?concept=b%261&id=7',
    answer: {
      items: [{ id: 1, name: 'Tea', price: '0' }],
      modifier_groups: [{ id: 4, displayName: 'Milk', items: [{ itemId: 2, name: 'Oat', price: '0.5' }] }],
    },
    items: [
      ['products', '1', null, 'Tea', '0'],
      ['modifiers', '4-2', '4', 'Oat', '0.5'],
    ],
  },
  revel: {
    asks: '/integration?client=b%261&id=7&storeId=3',
    answer: { products: [{ barcode: '0012', name: 'Tea', price: 2 }, { name: 'No barcode' }], modifiers: [] },
    items: [['products', '0012', null, 'Tea', '2']],
  },
  shift4: {
    asks: '/integration?id=7',
    answer: {
      items: [{ id: '11-x-y', name: 'Tea', categoryName: 'Hot', price: 2.5 }],
      modifiers: [{ uniqueId: 'a-1-2-3-4-f', name: 'Oat', modifierCategoryId: 6, price: 0 }],
    },
    items: [
      ['products', '11', null, 'Tea', '2.5'],
      ['modifiers', 'a-f', '6', 'Oat', '0'],
    ],
  },
  simphony: {
    asks: '/integration?concept=b%261&id=7',
    answer: {
      data: {
        menuItems: [{ menuItemId: 3, name: { 'en-US': 'Tea' }, price: { price: 2 } }],
        condimentGroups: [
          {
            condimentGroupId: 8,
            condimentItems: [
              { condimentId: 4, definitions: [{ prices: [{ price: 0 }] }, { prices: [{ price: 1.5 }] }] },
              { condimentId: 5, definitions: [{ prices: [{ price: 0 }] }] },
            ],
          },
        ],
      },
    },
    items: [
      ['products', '3', null, 'Tea', '2'],
      ['modifiers', '4', '8', null, '1.5'],
      ['modifiers', '5', '8', null, '0'],
    ],
  },
  transact: {
    asks: '/integration?concept=b%261',
    answer: { data: [{ 'Item Number': 'A1', Label: 'Tea', Class: 'Hot', Price: '$1,002.50' }] },
    items: [['products', 'A1', null, 'Tea', '1002.5']],
  },
  'wand-clover': {
    asks: '/integrations/clover/v1/b%261?merchantId=7',
    answer: {
      menu: [{ id: 'M', name: 'Lunch', items: [{ id: 'I', name: 'Tea', price: 250, available: true }] }],
      mods: [{ id: 'G', name: 'Milk', modifiers: [{ id: 'O', name: 'Oat', price: 0 }] }],
    },
    items: [
      ['products', 'M-I', 'M', 'Tea', '2.5'],
      ['modifiers', 'G-O', 'G', 'Oat', '0'],
    ],
  },
  'wand-qu': {
    asks: '/integration?id=7&concept=b%261&date=2026-01-02&time=03%3A04%3A05',
    answer: { menuItems: [], modifiers: [], discounts: [{ id: 1, name: 'Comp' }], error: '' },
    items: [['discounts', '1', null, 'Comp', null]],
  },
  'wand-toast': {
    asks: '/services/toast/client/menu/',
    answer: {
      menus: [
        {
          menuGroups: [
            {
              guid: 'g',
              menuItems: [{ guid: 'i', multiLocationId: '100', name: 'Tea', price: null }],
              menuGroups: [{ guid: 'h', menuItems: [{ guid: 'j', multiLocationId: '101', name: 'Mate', price: 3 }] }],
            },
          ],
        },
      ],
      modifierGroupReferences: { 2: { guid: 'mg', name: 'Size', modifierOptionReferences: [12] } },
      modifierOptionReferences: { 12: { guid: 'mo', name: 'Small', price: 8.0 } },
    },
    items: [
      ['products', '100', 'g/i', 'Tea', null],
      ['products', '101', 'h/j', 'Mate', '3'],
      ['modifiers', 'mo', 'mg', 'Small', '8'],
    ],
  },
  webtrition: {
    asks:
      '/services/webtrition/client/wds?SapCode=b%261&Venue=7&mealPeriod=&MenuDate=2026-01-02&SourceSystem=1&Days=3' +
      '&IncludeNutrition=true&IncludeAllergens=true&IncludeIngredients=true&IncludeRecipe=false',
    answer: {
      menuItems: [
        { id: 1, name: 'Soup', price: '0.00', date: '2026-01-02T00:00:00', mealPeriod: 'Lunch', mealStation: 'Grill' },
      ],
      hasError: false,
    },
    items: [['products', '1', '2026-01-02T00:00:00/Lunch/Grill', 'Soup', '0']],
  },
};

const paged = {
  asks: '/services/webtrition/client/wds',
  answer: shapes.webtrition?.answer ?? {},
  items: shapes.webtrition?.items ?? [],
};
const all = { ...shapes, 'webtrition-paged': paged };

function essence(formatted: Iterable<Formatted>) {
  return [...formatted].map((each) =>
    each.type === 'item' ? [each.item, each.preference, Buffer.from(fingerprint(each.item)).toString('hex')] : each,
  );
}

describe('the recipe that tillsync brings', () => {
  test('are all tried here', () => {
    expect(Object.keys(all).sort()).toEqual(shippedNames());
  });

  test.each(Object.entries(all))(
    '%s asks the address of the original and reads its shape',
    (id, { asks, answer, items }) => {
      const recipe = shippedRecipe(id);
      const [request] = makeReady(recipe).requests;
      const values = runValues(recipe, params, now);
      const url = addressOf(new URL('https://pos.example'), request?.planned ?? expect.unreachable(), {
        values,
        more: [],
      });
      expect(`${url.pathname}${url.search}`).toBe(asks);
      const formatting = connectorOf(recipe).formatDocument(parseJson(JSON.stringify(answer)), { params });
      const found = [...formatting].flatMap((each): unknown[][] => {
        if (each.type !== 'item') return each.type === 'filtered' ? [] : [[each]];
        const { kind, externalId, pathId, name, price, discountAmount } = each.item;
        return [[kind, externalId, pathId, name, price ?? discountAmount]];
      });
      expect(found).toEqual(items);
    },
  );

  test('webtrition is a connector like any other', async () => {
    const loaded = (await loadConnectors()).get('webtrition');
    expect(loaded).toMatchObject({ title: 'Webtrition', identity: ['brand', 'establishment'], removal: 'never' });
    expect(loaded?.settings.safeParse({ brand: 'b', establishment: 7, base_url: 'https://pos.example' }).success).toBe(
      true,
    );
    expect(loaded?.settings.safeParse({ brand: 'b', establishment: 7, days: 3, surplus: 1 }).success).toBe(false);
    expect(loaded?.adoptedBaseUrl?.({ wand_domain: 'api.example.com' })).toBe('https://api.example.com');
    expect(loaded?.adoptedBaseUrl?.({ wand_domain: 'evil.com/@x' })).toBe(null);
  });

  test('is one file: a new one beside the others is a new connector', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tillsync-recipes-'));
    const text =
      'recipe: 1\nid: toy\ntitle: Toy\nparams: {store: {}}\nidentity: [store]\nremoval: never\nbase_url: https://toy.example\nrequests: [{products: {each: [{path: "@"}], key: id}}]\n';
    writeFileSync(join(folder, 'toy.yaml'), text);
    const [toy] = readConnectors(folder);
    const found = toy?.formatDocument([{ id: 1 }], { params: {} }).next().value;
    rmSync(folder, { recursive: true });
    expect(toy?.origin({})).toBe('https://toy.example');
    expect(found).toMatchObject({ type: 'item', item: { externalId: '1' } });
  });
});

describe('Qu as a recipe', () => {
  const recipe = connectorOf(shippedRecipe('wand-qu'));

  test('reads what the connector of Qu reads', () => {
    const text = readFileSync(join(import.meta.dirname, '../qu/fixtures/catalog.json'), 'utf8');
    const context = { params: { ...params, exclude_categories: ['OLO'] } };
    const items = (formatted: Iterable<Formatted>) => [...formatted].filter(({ type }) => type === 'item');
    const own = items(ownQu.formatDocument(parseJson(text), context));
    expect(own.length).toBeGreaterThan(0);
    expect(essence(items(recipe.formatDocument(parseJson(text), context)))).toEqual(essence(own));
  });

  const path = join(import.meta.dirname, '../../../../shared/data/qu/qu-integration-raw-2025-10-30.json');
  const isHere = existsSync(path);
  if (!isHere) process.stderr.write('The real Qu capture is not on this machine: its test is skipped.\n');

  test.skipIf(!isHere)('reads a real capture item by item as the connector of Qu does', async () => {
    const both: unknown[][] = [[], []];
    for (const [index, connector] of [ownQu, recipe].entries()) {
      for await (const batch of connector.format(createReadStream(path), { params }))
        both[index]?.push(...essence(batch));
    }
    expect(both[0]).toHaveLength(380 + 620 + 61);
    expect(both[1]).toEqual(both[0]);
  });
});
