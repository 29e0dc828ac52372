// The recipe of the pretend POS: cursor pages over two requests, tokens that are asked for, and every kind of item.
import { checkRecipe } from '../schema/read-recipe.ts';
import type { Recipe } from '../schema/recipe-schema.ts';

/** Names of the paginators that the pretend POS knows. */
export type Paginator = 'none' | 'cursor' | 'offset' | 'page' | 'next_link' | 'link_header';

const complete = { when: 'total', total: 'total', items: 'entries' };

const pagesBy: Readonly<Record<Paginator, object>> = {
  none: {},
  cursor: { pages: { by: 'cursor', from: 'next', param: 'cursor' }, complete },
  offset: {
    pages: { by: 'offset', items: 'entries', param: 'offset', size_param: 'limit', size: 10 },
    complete: { when: 'last_page' },
  },
  page: { pages: { by: 'page', items: 'entries', param: 'page', size_param: 'limit', size: 10, pages: 'pages' } },
  next_link: { pages: { by: 'next_link', from: 'next_link' }, complete: { when: 'end_marker', marker: 'last' } },
  link_header: { pages: { by: 'next_link' }, complete },
};

/** The recipe that reads the pretend POS page by page in this way. */
export function fakeRecipe(paginator: Paginator = 'cursor', method: 'GET' | 'POST' = 'GET'): Recipe {
  const paged = { method, ...pagesBy[paginator], fails_when: ['error'] };
  return checkRecipe({
    recipe: 1,
    id: 'recipe',
    title: 'Pretend POS of recipes',
    params: { store: {}, language: { required: false } },
    identity: ['store'],
    auth: { kind: 'oauth2_client_credentials', token_url: '/oauth/token' },
    removal: 'tombstone',
    requests: [
      {
        name: 'items',
        path: '/v1/stores/{store}/items',
        query: { kind: 'item', language: '{language}' },
        ...paged,
        products: {
          each: [{ path: 'entries', as: 'entry' }],
          key: 'id',
          removed_when: 'deleted',
          fields: {
            name: 'name',
            price: { path: 'price.amount', unit: 'minor', currency_path: 'price.currency' },
            is_available: { path: 'soldOut', not: true },
          },
        },
        modifiers: {
          each: [
            { path: 'entries', as: 'entry' },
            { path: 'options', as: 'option' },
          ],
          key: 'id',
          path: { join: ['$entry.id', 'group'], by: '/' },
          fields: {
            name: 'name',
            price: { path: 'cents', unit: 'minor', currency: 'USD' },
            modifier_group_id: 'group',
          },
        },
      },
      {
        name: 'discounts',
        path: '/v1/stores/{store}/items',
        query: { kind: 'discount' },
        ...paged,
        discounts: {
          each: [{ path: 'entries' }],
          key: 'id',
          fields: { name: 'name', discount_amount: 'off', discount_percent: 'percent' },
        },
      },
    ],
  });
}
