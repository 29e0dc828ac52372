// What recipes make of answers: levels, keys, amounts, what is set aside; and what a recipe that is wrong is told.
import { describe, expect, test } from 'vitest';
import type { Formatted } from '../../catalog/item.ts';
import { TillsyncError } from '../../errors.ts';
import { parseJson } from '../../json.ts';
import { connectorOf } from './connector-of.ts';
import { formatAnswer } from './format/format-page.ts';
import { Work } from './path/work.ts';
import { makeReady } from './ready-recipe.ts';
import { checkRecipe, readRecipe } from './schema/read-recipe.ts';

const frame = {
  recipe: 1,
  id: 'toy',
  title: 'Toy POS',
  params: { store: {} },
  identity: ['store'],
  removal: 'absence',
};

function recipeOf(request: object, more: object = {}) {
  return checkRecipe({ ...frame, ...more, requests: [request] });
}

function formatted(request: object, text: string, params: Record<string, unknown> = {}): Formatted[] {
  return [...connectorOf(recipeOf(request)).formatDocument(parseJson(text), { params })];
}

function short(each: Formatted) {
  if (each.type === 'item') {
    const { kind, externalId, pathId, name, price } = each.item;
    return [kind, externalId, pathId, name, price];
  }
  return each.type === 'reject' ? [each.reject.reason, each.reject.message] : [each.type, each.kind, each.externalId];
}

const products = (mapping: object) => ({ products: { each: [{ path: 'items' }], key: 'id', ...mapping } });

describe('a recipe', () => {
  test('reads nested levels, sees the names of those above, and goes down lists of the same sort', () => {
    const request = {
      products: {
        each: [{ path: 'menus', as: 'menu' }, { path: 'groups', as: 'group', down: 'groups' }, { path: 'items' }],
        key: { join: ['$menu.id', '$group.id', 'id'], by: '-' },
        fields: { name: 'name' },
      },
    };
    const text = `{"menus": [{"id": "m", "groups": [{"id": 1, "items": [{"id": 5, "name": "Tea"}],
      "groups": [{"id": 2, "items": [{"id": 6}], "groups": [{"id": 3, "items": [{"id": 7}]}]}]}]}, {"id": "n"}]}`;
    expect(formatted(request, text).map(short)).toEqual([
      ['products', 'm-1-5', null, 'Tea', null],
      ['products', 'm-2-6', null, null, null],
      ['products', 'm-3-7', null, null, null],
    ]);
  });

  test('looks references up, and says which one leads nowhere', () => {
    const request = {
      modifiers: {
        each: [
          { path: 'groups', as: 'group' },
          { path: 'options', lookup: '$document.table' },
        ],
        key: 'id',
        path: '$group.id',
      },
    };
    const text = '{"groups": [{"id": "g", "options": [7, 8]}], "table": {"7": {"id": "a"}}}';
    expect(formatted(request, text).map(short)).toEqual([
      ['modifiers', 'a', 'g', null, null],
      ['dangling_reference', 'options refers to 8, which the answer does not hold.'],
    ]);
  });

  test('keeps ids and amounts in their source text, absent as null, and 0 as 0', () => {
    const request = products({ fields: { price: 'price' } });
    const text = `{"items": [{"id": 90071992547409931, "price": 1.10}, {"id": 0, "price": 0}, {"id": " x "},
      {"id": "p", "price": "12.50"}, {"id": "q", "price": "12,50"}, {"id": null, "price": 1}, {"id": true}, 5]}`;
    expect(formatted(request, text).map(short)).toEqual([
      ['products', '90071992547409931', null, null, '1.1'],
      ['products', '0', null, null, '0'],
      ['products', ' x ', null, null, null],
      ['products', 'p', null, null, '12.5'],
      ['invalid_price', 'price: "12,50" is not an amount.'],
      ['missing_external_id', 'The item has no usable id: id is missing or no text or number.'],
      ['missing_external_id', 'The item has no usable id: id is missing or no text or number.'],
      ['not_an_object', 'The item is not an object.'],
    ]);
  });

  test('knows the digits of currencies, takes signs out, and refuses half a cent', () => {
    const minor = products({ fields: { price: { path: 'p', unit: 'minor', currency_path: 'c' } } });
    const text = `{"items": [{"id": 1, "p": 1250, "c": "USD"}, {"id": 2, "p": 1250, "c": "jpy"}, {"id": 3, "p": 1250, "c": "KWD"},
      {"id": 4, "p": -5}, {"id": 5, "p": 0.5}, {"id": 6, "p": 1, "c": "Euro"}, {"id": 7}]}`;
    const found = formatted(minor, text, { currency: 'EUR' });
    expect(found.map((each) => (each.type === 'item' ? [each.item.price, each.item.currency] : short(each)))).toEqual([
      ['12.5', 'USD'],
      ['1250', 'JPY'],
      ['1.25', 'KWD'],
      ['-0.05', 'EUR'],
      ['invalid_price', 'p: 0.5 is no whole number of minor units.'],
      ['invalid_field', 'The currency is no ISO 4217 code.'],
      [null, 'EUR'],
    ]);
    const signs = products({ fields: { price: { path: 'p', strip: ['$', ','] } } });
    const prices = formatted(signs, '{"items": [{"id": 1, "p": "$1,200.50"}, {"id": 2, "p": "$"}, {"id": 3, "p": 0}]}');
    expect(prices.map((each) => each.type === 'item' && each.item.price)).toEqual(['1200.5', null, '0']);
  });

  test('cuts ids, and counts what is skipped, excluded or gone', () => {
    const request = products({
      key: { split: 'id', by: '-', take: [0, 2] },
      skip_when: 'hidden',
      removed_when: 'deleted',
      fields: { category: 'category', is_available: { path: 'state', is: ['on'] } },
    });
    const text = `{"items": [{"id": "a-b-c", "state": "on"}, {"id": "a-b"}, {"id": "x-y-z", "hidden": true},
      {"id": "g-o-n", "deleted": true}, {"id": "o-l-o", "category": "OLO menu"}, {"id": "n-o-t", "state": "off"}]}`;
    const found = formatted(request, text, { exclude_categories: ['OLO'] });
    expect(
      found.map((each) => (each.type === 'item' ? [each.item.externalId, each.item.isAvailable] : short(each))),
    ).toEqual([
      ['a-c', true],
      ['missing_external_id', 'The item has no usable id: id is missing or no text or number.'],
      ['filtered', 'products', null],
      ['removed', 'products', 'g-n'],
      ['filtered', 'products', 'o-o'],
      ['n-t', false],
    ]);
  });

  test('prefers the highest version or the newest time of a key that comes twice', () => {
    const request = products({ duplicates: { prefer: 'highest', of: 'at' } });
    const text = '{"items": [{"id": 1, "at": "2026-01-02T00:00:00Z"}, {"id": 1, "at": 12}, {"id": 1}]}';
    const ranks = formatted(request, text).map((each) => each.type === 'item' && each.preference);
    expect(ranks).toEqual([Date.parse('2026-01-02T00:00:00Z'), 12, Number.NEGATIVE_INFINITY]);
  });

  test.each([
    ['{"items": 5}', 'body_wrong_shape', 'items (requests[0].products.each[0].path) is not a list'],
    ['{"other": []}', 'body_wrong_shape', 'it has only other, and not the list that the recipe reads (items)'],
    ['{"items": [], "error": "closed"}', 'upstream_error_body', 'error is "closed"'],
  ])('says what is wrong with the answer %s', (text, code, said) => {
    const request = { ...products({}), fails_when: ['error'] };
    const run = () => formatted(request, text);
    expect(run).toThrow(said);
    expect(run).toThrow(expect.objectContaining({ code }));
  });

  test('a list that is missing leaves its kind alone; an empty one says that there is nothing', () => {
    const request = { ...products({}), discounts: { each: [{ path: 'offers' }], key: 'id' } };
    const formatting = connectorOf(recipeOf(request)).formatDocument({ items: [], offers: null }, { params: {} });
    expect(formatting.next()).toEqual({ done: true, value: { complete: true, kindsPresent: ['products'] } });
  });

  test('F40: cannot make more of a page than its caps allow', () => {
    const request = {
      products: { each: [{ path: 'items' }, { path: '$document.items' }, { path: '$document.items' }], key: 'id' },
    };
    const document = { items: Array.from({ length: 100 }, (_, id) => ({ id })) };
    const work = new Work({ steps: 1_000_000, items: 5_000 });
    const run = () => [...formatAnswer(makeReady(recipeOf(request)), document, { params: {}, work })];
    expect(run).toThrow(expect.objectContaining({ code: 'recipe_too_much', step: 'format' }));
  });

  test('a draft is a connector that refuses to run', () => {
    const draft = connectorOf(recipeOf({}, { draft: 'its answers are not known' }));
    expect(() => draft.formatDocument({}, { params: {} }).next()).toThrow(
      'Toy POS is a draft of a recipe, and cannot run: its answers are not known.',
    );
  });
});

describe('a recipe that is wrong', () => {
  const wrong: [string, object, object, string][] = [
    ['a path', products({ fields: { price: 'a..b' } }), {}, 'requests[0].products.fields.price'],
    [
      'a level',
      { products: { each: [{ path: 'items' }, { path: 'x[' }], key: 'id' } },
      {},
      'requests[0].products.each[1].path',
    ],
    ['an unknown name', products({ key: '$menu.id' }), {}, 'requests[0].products.key'],
    ['a part of a key', products({ key: { join: ['id', '$no.id'] } }), {}, 'requests[0].products.key.join[1]'],
    [
      'a field of another kind',
      products({ fields: { discount_amount: 'x' } }),
      {},
      'requests[0].products.fields.discount_amount',
    ],
    ['an unknown word', products({ fields: { prize: 'x' } }), {}, 'requests[0].products.fields'],
    ['an undeclared param', { path: '/{shop}', ...products({}) }, {}, 'requests[0].path'],
    ['an identity that is no param', products({}), { identity: ['shop'] }, 'identity[0]'],
    ['a host with a placeholder', products({}), { base_url: 'https://{store}.example.com' }, 'base_url'],
    [
      'a token address with a placeholder',
      products({}),
      { auth: { kind: 'oauth2_refresh_token', token_url: 'https://{store}.x/' } },
      'auth.token_url',
    ],
    ['tombstones that nothing tells', products({}), { removal: 'tombstone' }, 'removal'],
    [
      'a param with the name of a secret',
      products({}),
      { params: { store: {}, token: {} }, auth: { kind: 'bearer' } },
      'params.token',
    ],
    ['a burst beyond the rate', products({}), { rate: { requests: 2, per_seconds: 1, burst: 3 } }, 'rate.burst'],
    ['no items', {}, {}, 'requests'],
    ['a body of a GET', { body: {}, ...products({}) }, {}, 'requests[0].body'],
    ['an unknown paginator', { pages: { by: 'magic' }, ...products({}) }, {}, 'requests[0].pages.by'],
  ];
  test.each(wrong)('%s is named with its place', (...[, request, more, where]) => {
    let error: unknown;
    try {
      connectorOf(recipeOf(request, more));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(TillsyncError);
    expect(error).toMatchObject({ code: 'recipe_invalid', facts: { where } });
    expect((error as TillsyncError).hint).not.toBe('');
  });

  test.each([
    ['recipe: 1\n  id: x', 'it is no YAML'],
    ['a: &x [1]\nb: *x', 'it has YAML aliases'],
    ['id: a\nid: b', 'it is no YAML: Map keys must be unique'],
    ['- 1', 'expected object'],
  ])('the text %j is refused', (text, said) => {
    expect(() => readRecipe(text)).toThrow(said);
  });
});
