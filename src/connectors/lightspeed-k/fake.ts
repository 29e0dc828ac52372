// A pretend Lightspeed K-Series: tokens by refresh, items by offset, menus, discounts and business locations.
import type { ConnectorFake, FakeSize, StartFake } from '../connector-fake.ts';
import { type FakePosAnswer, type FakePosRequest, startFakePos } from '../fake-pos.ts';
import { type FakeCatalog, makeCatalog } from './fake/fake-catalog.ts';

export interface FakeOptions extends FakeSize {
  /** As the real one: each refresh token works once, that of the config too. Default: the config's works on. */
  singleUse?: boolean;
  /** Most items of one answer, whatever is asked for; default 1,000, and more than that is refused. */
  cap?: number;
}

export interface FakeLightspeed extends ConnectorFake {
  /** As it is answered next; may be edited in place. */
  readonly catalog: FakeCatalog;
  /** Called before each page of items with its number from 0: what changes the list between two pages. */
  beforeItems: ((page: number) => void) | null;
  /** Ends the life of every access token. */
  expireTokens(): void;
  /** What the client may read; default both. */
  scopes: Set<'items' | 'orders-api'>;
}

/** As the contract of connectors asks for it. */
export const startFake: StartFake = (size) => startLightspeed(size);

const location = '45454565682155';
const secrets = { client_id: 'fake-client', client_secret: 'fake-client-secret', refresh_token: 'fake-refresh-0' };
const basic = `Basic ${Buffer.from(`${secrets.client_id}:${secrets.client_secret}`).toString('base64')}`;

/** Starts it on 127.0.0.1. */
export async function startLightspeed(options: FakeOptions): Promise<FakeLightspeed> {
  const catalog = makeCatalog(options);
  const tokens = openTokens(options.singleUse ?? false);
  const more = {
    beforeItems: null as FakeLightspeed['beforeItems'],
    scopes: new Set(['items', 'orders-api'] as const),
  };
  let pages = 0;

  function items({ url }: FakePosRequest): FakePosAnswer {
    more.beforeItems?.(pages++);
    const [offset = 0, amount = 100] = ['offset', 'amount'].map((name) => Number(url.searchParams.get(name) ?? NaN));
    if (!(offset >= 0 && amount >= 1 && amount <= 1_000))
      return failure(400, 'amount must be less than or equal to 1000');
    return { status: 200, body: catalog.items.slice(offset, offset + Math.min(amount, options.cap ?? 1_000)) };
  }

  function orders({ url }: FakePosRequest): FakePosAnswer {
    const menu = /^\/o\/op\/2\/menu\/load\/(\d+)$/.exec(url.pathname)?.[1];
    if (menu !== undefined) {
      const body = catalog.menus.get(menu);
      return body === undefined ? failure(404, 'no such menu') : { status: 200, body };
    }
    if (url.pathname === '/o/op/1/menu/discounts') return { status: 200, body: catalog.discounts };
    if (url.pathname !== '/o/op/1/menu/list') return failure(404, 'no such path');
    const list = [...catalog.menus.values()].map(({ menuName, ikentooMenuId }) => ({ menuName, ikentooMenuId }));
    return { status: 200, body: list };
  }

  const pos = await startFakePos({
    isToken: ({ url }) => url.pathname === '/oauth/token',
    refusal: () => ({ status: 429, headers: { 'retry-after': '1' }, body: {} }),
    handle(request) {
      const { method, url, headers } = request;
      if (method === 'POST' && url.pathname === '/oauth/token') return tokens.issue(request);
      if (method !== 'GET') return failure(404, 'no such path');
      if (!tokens.knows(headers.authorization)) return failure(401, 'invalid token');
      const scope = url.pathname.startsWith('/items/') ? 'items' : 'orders-api';
      if (!more.scopes.has(scope)) return failure(403, 'insufficient scope');
      if (url.pathname === '/o/op/data/businesses') return { status: 200, body: businesses };
      if (url.searchParams.get('businessLocationId') !== location) return failure(400, 'businessLocationId is unknown');
      return url.pathname === '/items/v1/items' ? items(request) : orders(request);
    },
  });
  return Object.assign(more, pos, {
    settings: { params: { business_location_id: location, base_url: pos.url }, secrets },
    catalog,
    expireTokens: tokens.expire,
    expectedKeys: () => catalog.keys,
  });
}

const businesses = [
  { name: 'Pretend', id: 454_335_871, businessLocations: [{ id: Number(location), name: 'Main St' }] },
];

function failure(status: number, message: string): FakePosAnswer {
  return { status, body: { status: String(status), timestamp: '2026-01-31T12:00:00Z', message } };
}

interface Tokens {
  issue(request: FakePosRequest): FakePosAnswer;
  knows(authorization: string | undefined): boolean;
  expire(): void;
}

function openTokens(singleUse: boolean): Tokens {
  const refreshable = new Set([secrets.refresh_token]);
  const valid = new Set<string>();
  let issued = 0;
  return {
    issue({ body, headers }) {
      const form = new URLSearchParams(body);
      const isClient =
        headers.authorization === basic ||
        (form.get('client_id') === secrets.client_id && form.get('client_secret') === secrets.client_secret);
      if (!isClient) return { status: 401, body: { error: 'invalid_client' } };
      const used = form.get('refresh_token') ?? '';
      if (form.get('grant_type') !== 'refresh_token' || !refreshable.has(used)) {
        return { status: 400, body: { error: 'invalid_grant' } };
      }
      // Others than the real one share the config's: tests that begin anew with it are several workers without a store.
      if (singleUse || used !== secrets.refresh_token) refreshable.delete(used);
      const access_token = `fake-access-${++issued}`;
      const refresh_token = `fake-refresh-${issued}`;
      valid.add(access_token);
      refreshable.add(refresh_token);
      return { status: 200, body: { access_token, refresh_token, token_type: 'bearer', expires_in: 3_600 } };
    },
    knows: (authorization) => valid.has((authorization ?? '').replace(/^Bearer /, '')),
    expire: () => valid.clear(),
  };
}
