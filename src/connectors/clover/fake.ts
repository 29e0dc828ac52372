// A pretend Clover: a real HTTP server on loopback with a seeded inventory that can be edited, also between two pages.
import { itemKey } from '../../catalog/item.ts';
import type { ConnectorSettings } from '../connector.ts';
import type { ConnectorFake, StartFake } from '../connector-fake.ts';
import { type FakePosAnswer, type FakePosRequest, startFakePos } from '../fake-pos.ts';
import { answerRequest } from './fake/answer-request.ts';
import { type FakeInventory, type InventorySize, makeInventory } from './fake/inventory.ts';

export interface FakeClover extends ConnectorFake {
  /** Edited in place: the next request sees it. */
  readonly inventory: FakeInventory;
  /** The same merchant read with OAuth: each refresh token works once. */
  oauthSettings(): ConnectorSettings;
  /** Ends all access tokens that OAuth has issued. */
  expireTokens(): void;
  /** Changes the inventory right after the next answer to a request whose path and query contain `part`. */
  changeAfter(part: string, change: (inventory: FakeInventory) => void): void;
  /** From now on requests that contain `part` are refused so. */
  refuse(part: string, status: number): void;
}

const apiToken = 'fake-api-token-of-clover';
const clientId = 'FAKEAPP000001';

/** As the contract of connectors asks for it. */
export const startFake: StartFake = (size) => startFakeClover(size);

/** Starts it on 127.0.0.1. */
export async function startFakeClover(size: InventorySize): Promise<FakeClover> {
  const inventory = makeInventory(size);
  const tokens = new FakeTokens();
  const changes: { part: string; change: (inventory: FakeInventory) => void }[] = [];
  const refused: { part: string; status: number }[] = [];
  let refusals = 0;
  const pos = await startFakePos({
    handle(request) {
      if (isToken(request)) return tokens.answer(request);
      if (!tokens.accepts(request.headers.authorization)) return { status: 401, body: { message: '401 Unauthorized' } };
      const address = decodeURIComponent(`${request.url.pathname}${request.url.search}`);
      const no = refused.find(({ part }) => address.includes(part));
      if (no !== undefined) return { status: no.status, body: { message: 'refused' } };
      const answer = answerRequest(request, inventory);
      const at = changes.findIndex(({ part }) => address.includes(part));
      if (at !== -1) changes.splice(at, 1)[0]?.change(inventory);
      return answer;
    },
    isToken,
    // Too many at once comes with retry-after; too many in a second only with the limits.
    refusal: () => tooMany(refusals++ % 2 === 0),
  });
  const params = { merchant_id: inventory.merchant.id, base_url: pos.url };
  return {
    ...pos,
    inventory,
    settings: { params, secrets: { token: apiToken } },
    oauthSettings: () => ({
      params: { ...params, auth: 'oauth', client_id: clientId },
      secrets: { refresh_token: tokens.newRefreshToken() },
    }),
    expireTokens: () => tokens.expire(),
    changeAfter: (part, change) => void changes.push({ part, change }),
    refuse: (part, status) => void refused.push({ part, status }),
    expectedKeys: () => expectedKeys(inventory),
  };
}

function isToken({ method, url }: FakePosRequest): boolean {
  return method === 'POST' && url.pathname === '/oauth/v2/refresh';
}

function tooMany(isConcurrent: boolean): FakePosAnswer {
  const body = { message: '429 Too Many Requests' };
  const headers: Record<string, string> = isConcurrent
    ? { 'retry-after': '1', 'x-ratelimit-tokenconcurrentlimit': '5', 'x-ratelimit-crosstokenconcurrentlimit': '10' }
    : { 'x-ratelimit-tokenlimit': '16', 'x-ratelimit-crosstokenlimit': '50' };
  return { status: 429, headers, body };
}

/** Access tokens, and refresh tokens that work once. */
class FakeTokens {
  private readonly refresh = new Set<string>();
  private access = new Set<string>();
  private issued = 0;

  newRefreshToken(): string {
    const token = `fake-refresh-${++this.issued}`;
    this.refresh.add(token);
    return token;
  }

  accepts(authorization = ''): boolean {
    const token = authorization.replace(/^Bearer /, '');
    return token === apiToken || this.access.has(token);
  }

  expire(): void {
    this.access = new Set();
  }

  answer({ body }: FakePosRequest): FakePosAnswer {
    const { client_id, refresh_token } = JSON.parse(body) as Record<string, string>;
    const isKnown = client_id === clientId && this.refresh.delete(refresh_token ?? '');
    if (!isKnown) return { status: 401, body: { message: 'refresh not possible' } };
    const access = `fake-access-${++this.issued}`;
    this.access.add(access);
    const now = Math.floor(Date.now() / 1_000);
    return {
      status: 200,
      body: {
        access_token: access,
        access_token_expiration: now + 1_800,
        refresh_token: this.newRefreshToken(),
        refresh_token_expiration: now + 31_536_000,
      },
    };
  }
}

function expectedKeys({ items, groups, discounts }: FakeInventory): string[] {
  const byId = new Map(groups.map((group) => [group.id, group]));
  const live = items.filter(({ deletedTime }) => deletedTime === undefined);
  return [
    ...live.map(({ id }) => `products ${itemKey('products', id, null)}`),
    ...live.flatMap((item) =>
      item.groups.flatMap((group) =>
        (byId.get(group)?.modifiers ?? []).map(
          ({ id }) => `modifiers ${itemKey('modifiers', id, `${item.id}/${group}/${id}`)}`,
        ),
      ),
    ),
    ...discounts.map(({ id }) => `discounts ${itemKey('discounts', id, null)}`),
  ];
}
