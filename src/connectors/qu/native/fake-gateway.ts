// A pretend gateway of Qu (v4): tokens for client credentials, one menu in one answer, and its generation time.
import type { ConnectorFake, FakeSize } from '../../connector-fake.ts';
import { type FakePosAnswer, type FakePosRequest, startFakePos } from '../../fake-pos.ts';
import { type FakeCatalog, makeCatalog } from '../fake-catalog.ts';
import { type FakeNode, makeMenu } from './fake-menu.ts';

export interface FakeGateway extends ConnectorFake {
  /** What an intermediary would answer of the same menu. */
  readonly catalog: FakeCatalog;
  /** The menu as it will be answered next; `generate` makes it a new one. */
  menu: FakeNode;
  generate(time: string): void;
  /** Takes back every token issued so far. */
  revokeTokens(): void;
  /** Tokens issued so far. */
  issued(): number;
}

const credentials = { client_id: 'fake-client', client_secret: 'fake-client-secret' };
const integration = 'fake-integration';
const place = {
  succeed: true,
  value: { contextOptions: { defaultOrderChannelId: 1, orderTypes: [{ id: 2 }, { id: 3 }] } },
};

/** Starts it on 127.0.0.1. It refuses what Qu refuses: a wrong client (401), integration (403) or query (400). */
export async function startFakeGateway(size: FakeSize): Promise<FakeGateway> {
  const catalog = makeCatalog({ repeated: 3, ...size });
  const state = { menu: makeMenu(catalog), generated: '2026-01-31T10:00:00.000Z', valid: new Set<string>(), issued: 0 };

  function token({ body }: FakePosRequest): FakePosAnswer {
    const form = new URLSearchParams(body);
    const isRight = Object.entries(credentials).every(([name, value]) => form.get(name) === value);
    if (!isRight || form.get('grant_type') !== 'client_credentials')
      return { status: 401, body: { error: 'invalid_client' } };
    const access_token = `fake-access-${++state.issued}`;
    state.valid.add(access_token);
    return { status: 200, body: { access_token, token_type: 'Bearer', expires_in: 3_600 } };
  }

  function refusalOf({ headers }: FakePosRequest): FakePosAnswer | null {
    if (!state.valid.has((headers.authorization ?? '').replace(/^Bearer /, ''))) return { status: 401, body: {} };
    return headers['x-integration'] === integration ? null : { status: 403, body: {} };
  }

  function menus({ url }: FakePosRequest): FakePosAnswer {
    const asked = ['LocationId', 'OrderChannelId', 'OrderTypeId'].map((name) => url.searchParams.get(name)).join();
    if (asked !== '17,1,2') return { status: 400, body: { message: `no such menu: ${asked}` } };
    if (url.searchParams.get('PrevGenerationTime') === state.generated) return { status: 204 };
    return { status: 200, headers: { 'x-generation-time': state.generated }, body: state.menu };
  }

  const pos = await startFakePos({
    isToken: ({ url }) => url.pathname.endsWith('/access-token'),
    refusal: () => ({ status: 429, headers: { 'retry-after': '1' }, body: {} }),
    handle(request) {
      const path = `${request.method} ${request.url.pathname}`;
      if (path === 'POST /api/v4/authentication/oauth2/access-token') return token(request);
      const refusal = refusalOf(request);
      if (refusal !== null) return refusal;
      if (path === 'GET /api/v4/locations/17') return { status: 200, body: place };
      return path === 'GET /api/v4/menus' ? menus(request) : { status: 404, body: {} };
    },
  });
  const params = {
    form: 'native',
    brand: '17',
    establishment: '17',
    gateway_url: `${pos.url}/api/v4`,
    order_channel_id: '1',
    order_type_id: '2',
    integration_id: integration,
  };
  return Object.assign(pos, {
    catalog,
    settings: { params, secrets: credentials },
    get menu() {
      return state.menu;
    },
    generate(time: string) {
      state.generated = time;
    },
    revokeTokens: () => state.valid.clear(),
    issued: () => state.issued,
    expectedKeys: () => keysOf(catalog),
  });
}

function keysOf({ menuItems, modifiers }: FakeCatalog): string[] {
  const keys = [
    ...menuItems.map(({ pathId }) => `products ${pathId}`),
    ...modifiers.map(({ pathId }) => `modifiers ${pathId}\u0001${pathId}`),
  ];
  return [...new Set(keys)];
}
