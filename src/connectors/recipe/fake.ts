// A pretend POS for recipes: one JSON API that pages in each of the ways that a recipe can name, behind tokens.
import { itemKey } from '../../catalog/item.ts';
import type { Connector } from '../connector.ts';
import type { ConnectorFake, FakeSize, StartFake } from '../connector-fake.ts';
import { type FakePosAnswer, type FakePosRequest, startFakePos } from '../fake-pos.ts';
import { connectorOf } from './connector-of.ts';
import { type FakeEntries, type FakeEntry, makeEntries } from './fake/fake-catalog.ts';
import { fakeRecipe, type Paginator } from './fake/fake-recipe.ts';

/** What the contract test tries: recipes have no connector of the folder's name. */
export const connector: Connector = connectorOf(fakeRecipe());

export interface FakeRecipePos extends ConnectorFake {
  /** May be edited in place. */
  readonly entries: FakeEntries;
  /** Tokens issued so far are refused from now on. */
  refuseTokens(): void;
}

const secrets = { client_id: 'demo', client_secret: 'pretend-and-known' };
const pageSize = 10;

export const startFake: StartFake = (size) => startFakeRecipePos(size);

/** Starts it on 127.0.0.1, paging in one way. */
export async function startFakeRecipePos(size: FakeSize, paginator: Paginator = 'cursor'): Promise<FakeRecipePos> {
  const entries = makeEntries(size);
  let issued = 0;
  let valid = 0;
  const pos = await startFakePos({
    isToken: ({ url }) => url.pathname === '/oauth/token',
    handle(request) {
      if (request.url.pathname === '/oauth/token') {
        const isKnown = new URLSearchParams(request.body).get('client_secret') === secrets.client_secret;
        if (!isKnown) return { status: 401, body: { error: 'invalid_client' } };
        valid = ++issued;
        return { status: 200, body: { access_token: `access-${valid}`, expires_in: 3_600 } };
      }
      if (request.headers.authorization !== `Bearer access-${valid}`) return { status: 401, body: {} };
      return answerPage(request, entries, paginator);
    },
    refusal: () => ({ status: 429, headers: { 'retry-after': '1' }, body: {} }),
  });
  return {
    url: pos.url,
    settings: { params: { store: 'main street/1', base_url: pos.url }, secrets },
    answer: pos.answer,
    requests: pos.requests,
    entries,
    refuseTokens: () => {
      valid = -1;
    },
    expectedKeys: () => keysOf(entries),
    stop: pos.stop,
  };
}

function keysOf({ item, discount }: FakeEntries): string[] {
  const live = item.filter(({ deleted }) => deleted !== true);
  return [
    ...live.map(({ id }) => `products ${itemKey('products', String(id), null)}`),
    ...live.flatMap(({ id, options }) =>
      (options as FakeEntry[]).map(
        (option) => `modifiers ${itemKey('modifiers', String(option.id), `${id}/${String(option.group)}`)}`,
      ),
    ),
    ...discount.map(({ id }) => `discounts ${itemKey('discounts', String(id), null)}`),
  ];
}

function answerPage(request: FakePosRequest, entries: FakeEntries, paginator: Paginator): FakePosAnswer {
  const { url, method, body } = request;
  if (url.pathname !== '/v1/stores/main%20street%2F1/items') return { status: 404, body: { error: url.pathname } };
  const posted: Record<string, unknown> = method === 'POST' && body !== '' ? JSON.parse(body) : {};
  const asked = (name: string) => String(posted[name] ?? url.searchParams.get(name) ?? '');
  const kind = url.searchParams.get('kind');
  if (kind !== 'item' && kind !== 'discount') return { status: 400, body: { error: 'kind' } };
  const all = entries[kind];
  if (paginator === 'none') return { status: 200, body: { entries: all } };
  const from = beginOf(asked, paginator);
  const page = all.slice(from, from + pageSize);
  const next = from + pageSize < all.length ? from + pageSize : null;
  const link = next === null ? null : `${url.pathname}?kind=${kind}&from=${next}`;
  return {
    status: 200,
    headers: paginator === 'link_header' && link !== null ? { link: `<${link}>; rel="next"` } : {},
    body: {
      entries: page,
      total: all.length,
      pages: Math.ceil(all.length / pageSize),
      next: next === null ? null : `after-${next}`,
      next_link: link,
      last: next === null,
    },
  };
}

function beginOf(asked: (name: string) => string, paginator: Paginator): number {
  if (paginator === 'cursor') return Number(asked('cursor').replace('after-', ''));
  if (paginator === 'offset') return Number(asked('offset'));
  if (paginator === 'page') return (Number(asked('page')) - 1) * pageSize;
  return Number(asked('from'));
}
