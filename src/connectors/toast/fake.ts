// A pretend Toast: tokens, metadata, menus and paged discounts of one restaurant, over HTTP on loopback.

import type { ConnectorSettings } from '../connector.ts';
import type { FakeSize, StartFake } from '../connector-fake.ts';
import { type FakePos, type FakePosAnswer, type FakePosRequest, startFakePos } from '../fake-pos.ts';
import { type FakeModel, keysOf, makeModel } from './fake/fake-model.ts';
import { menusDocument } from './fake/menus-document.ts';

export interface FakeToastOptions extends FakeSize {
  /** How many tokens are issued before 429; Toast: 2 an hour. Default 20, since every reader without a store asks anew. */
  tokens?: number;
}

export interface FakeToast extends FakePos {
  settings: ConnectorSettings;
  readonly model: FakeModel;
  /** Requests for tokens so far. */
  readonly tokensAsked: number;
  expectedKeys(): string[];
  /** Edits the restaurant and publishes it: another time, other reference ids, page tokens void. */
  publish(edit?: (model: FakeModel) => void): void;
  /** The next so many answers of /menus are the document before the last publication. */
  lag(times: number): void;
  /** Publishes behind the first page of discounts, the next so many times that they are read. */
  publishWhilePaging(times: number): void;
  /** Every token issued so far is refused from now on. */
  revokeTokens(): void;
  /** What paths that end so are answered with 200 instead, e.g. a login page; null = as usual again. */
  sayInstead(path: string, body: string | null): void;
  /** Whose data is answered, whatever was asked for. */
  becomeRestaurant(guid: string): void;
}

const clientId = 'client-of-the-pretend-pos';
const clientSecret = 'not-a-real-one';

/** As the contract of connectors asks for it. */
export const startFake: StartFake = (size) => startFakeToast(size);

/** Starts it on 127.0.0.1. It answers what the Toast APIs of these paths answer, and 4xx where they would. */
export async function startFakeToast(options: FakeToastOptions): Promise<FakeToast> {
  const restaurant = new FakeRestaurant(options);
  const pos = await startFakePos({
    handle: (request) => restaurant.handle(request),
    isToken: ({ url }) => url.pathname === loginPath,
    refusal: () => limited(),
  });
  const { model } = restaurant;
  return {
    ...pos,
    settings: {
      params: { restaurant_guid: model.restaurantGuid, client_id: clientId, base_url: pos.url },
      secrets: { client_secret: clientSecret },
    },
    model,
    get tokensAsked() {
      return restaurant.tokensAsked;
    },
    expectedKeys: () => keysOf(model),
    publish: (edit?: (model: FakeModel) => void) => restaurant.publish(edit),
    lag: (times: number) => restaurant.lag(times),
    publishWhilePaging: (times: number) => restaurant.publishWhilePaging(times),
    revokeTokens: () => restaurant.revokeTokens(),
    sayInstead: (path: string, body: string | null) => restaurant.sayInstead(path, body),
    becomeRestaurant: (guid: string) => restaurant.becomeRestaurant(guid),
  };
}

const loginPath = '/authentication/v1/authentication/login';

class FakeRestaurant {
  readonly model: FakeModel;
  tokensAsked = 0;
  private readonly options: FakeToastOptions;
  private readonly issued = new Set<string>();
  private readonly instead = new Map<string, string>();
  private version = 1;
  private answersAs: string;
  private document: unknown;
  private before: unknown;
  private lagging = 0;
  private publishing = 0;

  constructor(options: FakeToastOptions) {
    this.options = options;
    this.model = makeModel(options);
    this.answersAs = this.model.restaurantGuid;
    this.document = this.freshDocument();
    this.before = this.document;
  }

  publish(edit?: (model: FakeModel) => void): void {
    edit?.(this.model);
    this.version++;
    this.before = this.document;
    this.document = this.freshDocument();
  }

  lag(times: number): void {
    this.lagging = times;
  }

  publishWhilePaging(times: number): void {
    this.publishing = times;
  }

  sayInstead(path: string, body: string | null): void {
    if (body === null) this.instead.delete(path);
    else this.instead.set(path, body);
  }

  revokeTokens(): void {
    this.issued.clear();
  }

  becomeRestaurant(guid: string): void {
    this.answersAs = guid;
    this.document = this.freshDocument();
  }

  handle(request: FakePosRequest): FakePosAnswer {
    const { pathname } = request.url;
    if (pathname === loginPath) return this.login(request);
    const refusal = this.refusalOf(request);
    if (refusal !== null) return refusal;
    for (const [path, body] of this.instead) if (pathname.endsWith(path)) return ok(body);
    if (/^\/menus\/v[23]\/metadata$/.test(pathname)) {
      return ok({ restaurantGuid: this.answersAs, lastUpdated: this.lastUpdated() });
    }
    if (/^\/menus\/v[23]\/menus$/.test(pathname)) return ok(this.lagging-- > 0 ? this.before : this.document);
    if (pathname === '/config/v2/discounts') return this.discounts(request.url.searchParams);
    if (pathname === `/restaurants/v1/groups/${managementGroup}/restaurants`) {
      return ok([this.model.restaurantGuid, archivedSister, foreignSister].map((guid) => ({ guid })));
    }
    const [, guid] = /^\/restaurants\/v1\/restaurants\/([\w-]+)$/.exec(pathname) ?? [];
    return guid === undefined ? failed(404, 'no such path') : ok(restaurantInfo(guid));
  }

  private login({ method, body }: FakePosRequest): FakePosAnswer {
    this.tokensAsked++;
    if (method !== 'POST') return failed(405, 'POST only');
    if (this.tokensAsked > (this.options.tokens ?? 20)) return limited();
    const asked = JSON.parse(body) as Record<string, unknown>;
    if (asked.userAccessType !== 'TOAST_MACHINE_CLIENT') return failed(400, 'unknown userAccessType');
    if (asked.clientId !== clientId || asked.clientSecret !== clientSecret) return failed(401, 'Unauthorized');
    const accessToken = webToken({ exp: Math.floor(Date.now() / 1_000) + 86_400, number: this.tokensAsked });
    this.issued.add(accessToken);
    const token = {
      tokenType: 'Bearer',
      scope: null,
      expiresIn: 86_400,
      accessToken,
      idToken: null,
      refreshToken: null,
    };
    return ok({ token, status: 'SUCCESS' });
  }

  private refusalOf({ method, headers, url }: FakePosRequest): FakePosAnswer | null {
    if (method !== 'GET') return failed(405, 'GET only');
    if (!this.issued.has((headers.authorization ?? '').replace(/^Bearer /, ''))) return failed(401, 'Unauthorized');
    const restaurant = headers['toast-restaurant-external-id'];
    if (restaurant === undefined) return failed(400, 'Toast-Restaurant-External-ID is missing');
    const isSister = restaurant === archivedSister && url.pathname === `/restaurants/v1/restaurants/${archivedSister}`;
    return restaurant === this.model.restaurantGuid || isSister ? null : failed(403, 'Forbidden');
  }

  /** A page token is good for the publication in which it was issued. */
  private discounts(query: URLSearchParams): FakePosAnswer {
    const unknown = [...query.keys()].find((name) => name !== 'pageToken' && name !== 'lastModified');
    if (unknown !== undefined) return failed(400, `unknown parameter ${unknown}`);
    const { discounts } = this.model;
    const size = Math.max(2, Math.ceil(discounts.length / 10));
    const [, version, at] = /^(\d+)\.(\d+)\+\/=$/.exec(query.get('pageToken') ?? `${this.version}.0+/=`) ?? [];
    if (version === undefined || at === undefined) return failed(400, 'pageToken is invalid');
    if (Number(version) !== this.version) return failed(409, 'The configuration was published meanwhile');
    const from = Number(at);
    const answer = ok(discounts.slice(from, from + size));
    const next = from + size < discounts.length ? { 'toast-next-page-token': `${this.version}.${from + size}+/=` } : {};
    if (from === 0 && this.publishing-- > 0) this.publish();
    return { ...answer, headers: { ...answer.headers, ...next } };
  }

  private lastUpdated(): string {
    return new Date(Date.UTC(2026, 0, 1, 12, 0, this.version)).toISOString().replace('Z', '+0000');
  }

  private freshDocument(): unknown {
    const of = { ...this.model, restaurantGuid: this.answersAs };
    return menusDocument(of, { lastUpdated: this.lastUpdated(), firstReference: this.version * 7 });
  }
}

/** The restaurant's management group has two more: one is archived, and one the client may not read. */
const managementGroup = '0a0a0a0a-0000-4000-a000-000000000000';
const archivedSister = '0b0b0b0b-0000-4000-a000-000000000001';
const foreignSister = '0b0b0b0b-0000-4000-a000-000000000002';

function restaurantInfo(guid: string): unknown {
  return {
    guid,
    general: {
      name: "Tommy's Burgers",
      locationName: 'Harbour',
      timeZone: 'America/Chicago',
      currencyCode: 'USD',
      managementGroupGuid: managementGroup,
      archived: guid === archivedSister,
    },
    location: {
      address1: '1 Quay',
      address2: null,
      city: 'Duluth',
      administrativeArea: 'MN',
      zipCode: '55802',
      country: 'US',
    },
  };
}

function ok(body: unknown): FakePosAnswer {
  return { status: 200, headers: rateHeaders(1_000, 60), body };
}

function failed(status: number, message: string): FakePosAnswer {
  return { status, headers: rateHeaders(1_000, 60), body: { status, code: 0, message } };
}

function limited(): FakePosAnswer {
  return { status: 429, headers: rateHeaders(0, 1), body: { status: 429, code: 0, message: 'Too many requests' } };
}

// With the Date that the reset is measured against: whole seconds, both of one moment.
function rateHeaders(remaining: number, seconds: number): Record<string, string> {
  const now = Math.floor(Date.now() / 1_000);
  return {
    date: new Date(now * 1_000).toUTCString(),
    'x-toast-ratelimit-by': 'GLOBAL',
    'x-toast-ratelimit-remaining': String(remaining),
    'x-toast-ratelimit-reset': String(now + seconds),
  };
}

function webToken(claims: object): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.${part('unsigned')}`;
}
