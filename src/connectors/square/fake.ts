// A pretend Square: a real HTTP server on loopback with a seeded catalog that can be edited, aged and refused.
import type { ConnectorFake, StartFake } from '../connector-fake.ts';
import { type FakePos, type FakePosAnswer, type FakePosRequest, startFakePos } from '../fake-pos.ts';
import { answerRequest, errorAnswer, type FakeAccount } from './fake/answer-request.ts';
import { type CatalogSize, FakeCatalog } from './fake/fake-catalog.ts';

export interface FakeSquareOptions extends CatalogSize {
  /** Default: so many that a small catalog has several pages. */
  pageSize?: number;
}

export interface FakeSquare extends Omit<ConnectorFake, 'settings' | 'requests' | 'expectedKeys'> {
  readonly requests: FakePos['requests'];
  expectedKeys(): string[];
  readonly account: FakeAccount;
  readonly catalog: FakeCatalog;
  /** A personal access token that is accepted. */
  readonly personal: string;
  /** Every request but faults and what was answered, oldest first. */
  readonly answers: readonly { request: FakePosRequest; answer: FakePosAnswer }[];
  /** Called before each catalog request, numbered from 0: to let something happen between two pages. */
  onCatalogRequest(hook: (number: number) => void): void;
}

/** As the contract of connectors asks for it: by OAuth, with a deleted item and a deleted list that items still name. */
export const startFake: StartFake = async (size) => {
  const pos = await startFakeSquare(size);
  const { catalog, account } = pos;
  const item = catalog.addItem('GONE', 1, () => 1);
  catalog.remove(item);
  const list = catalog.addList('GONELIST', 2, () => 1);
  for (const each of [...catalog.items.values()].slice(0, 2)) {
    each.item_data.modifier_list_info?.push({
      modifier_list_id: list.id,
      min_selected_modifiers: 0,
      max_selected_modifiers: 1,
      enabled: true,
    });
  }
  catalog.remove(list);
  const { merchantId, clientId, clientSecret, refreshToken } = account;
  return {
    ...pos,
    settings: {
      params: { merchant_id: merchantId, base_url: pos.url, auth: 'oauth', client_id: clientId },
      secrets: { client_secret: clientSecret, refresh_token: refreshToken },
    },
  };
};

/** Starts it on 127.0.0.1. */
export async function startFakeSquare(options: FakeSquareOptions): Promise<FakeSquare> {
  const catalog = new FakeCatalog(options);
  const personal = 'fake-personal';
  const account: FakeAccount = {
    merchantId: 'MERCHANT17',
    catalog,
    accepted: new Set([personal]),
    scopes: new Set(['ITEMS_READ', 'MERCHANT_PROFILE_READ']),
    clientId: 'fake-application',
    clientSecret: 'fake-client-pass',
    refreshToken: 'fake-refresh-pass',
    pageSize: options.pageSize ?? Math.min(1_000, Math.max(10, Math.ceil(options.products / 20))),
    cursorEpoch: 0,
    issued: 0,
  };
  const answers: { request: FakePosRequest; answer: FakePosAnswer }[] = [];
  let hook: ((number: number) => void) | null = null;
  let catalogRequests = 0;
  const pos = await startFakePos({
    isToken: ({ url }) => url.pathname === '/oauth2/token',
    handle(request) {
      if (request.url.pathname.startsWith('/v2/catalog/')) hook?.(catalogRequests++);
      const answer = answerRequest(account, request);
      // As it was when it was sent: the objects are edited in place.
      answers.push({ request, answer: structuredClone(answer) });
      return answer;
    },
    refusal: () => ({ ...errorAnswer(429, 'RATE_LIMIT_ERROR', 'RATE_LIMITED'), headers: { 'retry-after': '1' } }),
  });
  return {
    ...pos,
    account,
    catalog,
    personal,
    answers,
    onCatalogRequest(next) {
      hook = next;
      catalogRequests = 0;
    },
    expectedKeys: () => catalog.expectedKeys(),
  };
}
