// Asking Lightspeed: pages that move while they are read, tokens that work once, scopes, and what a config leaves out.
import { afterEach, describe, expect, test } from 'vitest';
import { itemKey } from '../../catalog/item.ts';
import { numberFromSource, parseJson } from '../../json.ts';
import { openHttp } from '../../net/http-client.ts';
import { type IssuedToken, readOAuthToken } from '../../net/manners/token-store.ts';
import type { CheckStep, ConnectorSettings, FetchContext, FetchEnd } from '../connector.ts';
import { seededRandom } from '../seeded-random.ts';
import { makeItem } from './fake/fake-catalog.ts';
import { type FakeLightspeed, type FakeOptions, startLightspeed } from './fake.ts';
import { connector } from './index.ts';
import { overlap } from './read-items.ts';

const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 50_000_000 });
let fake: FakeLightspeed | undefined;
afterEach(async () => {
  await fake?.stop();
  fake = undefined;
});

async function start(options: Partial<FakeOptions> = {}): Promise<FakeLightspeed> {
  fake = await startLightspeed({ products: 12, modifiers: 12, discounts: 3, ...options });
  return fake;
}

/** The tokens of the fake, as one worker alone would hold them. */
function tokenOf(settings: ConnectorSettings): (refused?: string) => Promise<string> {
  let issued: IssuedToken | null = null;
  return async (refused) => {
    if (issued !== null && issued.accessToken !== refused) return issued.accessToken;
    const rule = connector.token;
    if (rule === undefined) throw new Error('no rule');
    const request = rule.request(settings, issued?.refreshToken ?? null);
    const answer = await http.post(rule.url(settings.params), request);
    issued = readOAuthToken(parseJson(await answer.text(10_000)));
    return issued.accessToken;
  };
}

function contextOf(settings: ConnectorSettings, accessToken = tokenOf(settings)): FetchContext {
  return { settings, http, signal: new AbortController().signal, now: new Date(), accessToken };
}

async function fetchAll(context: FetchContext): Promise<{ keys: string[]; received: number; end: FetchEnd }> {
  const keys = new Set<string>();
  let received = 0;
  const fetching = connector.fetch(context);
  for (;;) {
    const step = await fetching.next();
    if (step.done) return { keys: [...keys].sort(), received, end: step.value };
    for await (const batch of connector.format(step.value.body, { params: context.settings.params })) {
      for (const each of batch) {
        if (each.type !== 'item') throw new Error(JSON.stringify(each));
        const { kind, externalId, pathId } = each.item;
        keys.add(`${kind} ${itemKey(kind, externalId, pathId)}`);
        if (kind === 'products') received++;
      }
    }
  }
}

function withParams({ settings }: FakeLightspeed, params: Record<string, unknown>): ConnectorSettings {
  return { ...settings, params: { ...settings.params, ...params } };
}

describe('the list of items', () => {
  const products = { read: ['products'], page_size: 50 };

  test('is read to its end over many pages, each item once, also where the POS cuts pages shorter than asked', async () => {
    const pos = await start({ products: 120, cap: 37 });
    const { keys, received, end } = await fetchAll(contextOf(withParams(pos, products)));
    expect(end).toEqual({ complete: true });
    expect(keys).toEqual(
      pos
        .expectedKeys()
        .filter((key) => key.startsWith('products'))
        .sort(),
    );
    expect(received).toBe(120);
  });

  test('that moves by less than the overlap between two pages is still whole', async () => {
    const pos = await start({ products: 120 });
    const staying = pos.catalog.items.slice(overlap - 1).map(({ id }) => `products ${JSON.stringify(id)}`);
    pos.beforeItems = (page) => {
      if (page === 1) pos.catalog.items.splice(0, overlap - 1);
      if (page === 2) pos.catalog.items.unshift(makeItem(500, seededRandom(1)), makeItem(501, seededRandom(2)));
    };
    const { keys, end } = await fetchAll(contextOf(withParams(pos, products)));
    expect(end).toEqual({ complete: true });
    expect(staying.filter((key) => !keys.includes(key))).toEqual([]);
  });

  test('F15: that moves further, ends early or has no stable order is never called whole', async () => {
    const changes: ((items: unknown[]) => void)[] = [
      (items) => items.splice(0, 2 * overlap),
      (items) => items.splice(0),
      (items) => items.reverse(),
    ];
    for (const change of changes) {
      const pos = await start({ products: 120 });
      pos.beforeItems = (page) => {
        if (page === 1) change(pos.catalog.items);
      };
      const { end } = await fetchAll(contextOf(withParams(pos, products)));
      expect(end).toMatchObject({ complete: false, reason: expect.stringContaining('changed while it was read') });
      await pos.stop();
    }
  });

  test('that is empty is a list, and one of items without ids ends', async () => {
    const pos = await start({ products: 1 });
    pos.catalog.items.length = 0;
    expect(await fetchAll(contextOf(withParams(pos, products)))).toMatchObject({
      received: 0,
      end: { complete: true },
    });
    pos.catalog.items.push({ name: 'no id' });
    await expect(fetchAll(contextOf(withParams(pos, products)))).rejects.toThrow(/missing_external_id/);
  });

  test('that is no list is refused', async () => {
    const pos = await start();
    const answer = (text: string) => async () => ({
      status: 200,
      headers: { get: () => null },
      body: (async function* () {
        yield Buffer.from(text);
      })(),
      text: async () => text,
      discard: () => undefined,
    });
    for (const text of ['{"id":1}', '<html>', '', 'null']) {
      const context = { ...contextOf(pos.settings), http: { ...http, get: answer(text) } };
      await expect(fetchAll(context)).rejects.toMatchObject({ code: 'upstream_no_catalog', step: 'fetch' });
    }
  });
});

describe('tokens', () => {
  test('are renewed once where they were refused, each refresh token is used once', async () => {
    const pos = await start({ singleUse: true });
    const context = contextOf(pos.settings);
    await fetchAll(context);
    pos.expireTokens();
    expect((await fetchAll(context)).end.complete).toBe(true);
    // The refresh token of the config is used up now: beginning anew with it is refused.
    await expect(fetchAll(contextOf(pos.settings))).rejects.toMatchObject({ code: 'upstream_status' });
  });

  test('are asked for with the client in the header or in the body, at the address that the config says', async () => {
    const pos = await start();
    expect((await fetchAll(contextOf(withParams(pos, { client_auth: 'body' })))).end.complete).toBe(true);
    const elsewhere = withParams(pos, { token_url: 'https://login.example/realms/x/token' });
    expect(connector.token?.url(elsewhere.params).href).toBe('https://login.example/realms/x/token');
    const wrong = { ...pos.settings, secrets: { ...pos.settings.secrets, client_secret: 'other' } };
    await expect(fetchAll(contextOf(wrong))).rejects.toMatchObject({ code: 'upstream_auth' });
    expect(connector.secretTexts?.(wrong)).toContain(`Basic ${Buffer.from('fake-client:other').toString('base64')}`);
    expect(() => connector.token?.request({ ...wrong, secrets: {} }, null)).toThrow(/client_id is not set/);
  });
});

describe('a config', () => {
  test('reads the kinds, menus and prices that it says', async () => {
    const pos = await start();
    const params = { read: ['modifiers'], menus: ['141948669132852'], account_profile: 'TAKE AWAY' };
    await fetchAll(contextOf(withParams(pos, params)));
    expect(pos.requests.map(({ url }) => url)).toEqual([
      '/o/op/1/menu/list?businessLocationId=45454565682155',
      '/o/op/2/menu/load/141948669132852?businessLocationId=45454565682155&accountProfile=TAKE+AWAY',
    ]);
    const other = contextOf(withParams(pos, { read: ['modifiers'], menus: ['7'] }));
    await expect(fetchAll(other)).rejects.toThrow(/does not list the menu 7/);
  });

  test('whose client lacks a scope is told which one', async () => {
    const pos = await start();
    pos.scopes.delete('orders-api');
    await expect(fetchAll(contextOf(pos.settings))).rejects.toMatchObject({
      code: 'upstream_auth',
      hint: expect.stringContaining('scope orders-api'),
    });
  });

  test('is checked step by step, and its places are listed', async () => {
    const pos = await start();
    const steps = async (params: Record<string, unknown>) => {
      const found: CheckStep[] = [];
      for await (const step of connector.check?.(contextOf(withParams(pos, params))) ?? []) found.push(step);
      return found.map(({ step, ok }) => `${step} ${ok}`);
    };
    expect(await steps({})).toEqual(['login true', 'permission true', 'permission true', 'identity true']);
    expect(await steps({ read: ['products'] })).toEqual(['login true', 'permission true']);
    expect(await steps({ read: ['discounts'], business_location_id: '7' })).toEqual([
      'login true',
      'permission true',
      'identity false',
    ]);
    const places: unknown[] = [];
    for await (const place of connector.listLocations?.(contextOf(pos.settings)) ?? []) places.push(place);
    expect(places).toMatchObject([{ id: '45454565682155', name: 'Main St' }]);
  });

  test.each([
    [{ business_location_id: undefined }, 'business_location_id'],
    [{ business_location_id: 'x' }, 'business_location_id'],
    [{ business_location_id: 2 ** 60 }, 'business_location_id'],
    [{ read: [] }, 'read'],
    [{ read: ['menus'] }, 'read'],
    [{ page_size: 1_001 }, 'page_size'],
    [{ page_size: 10 }, 'page_size'],
    [{ menus: ['../x'] }, 'menus'],
    [{ active_means: 'sold' }, 'active_means'],
    [{ currency: 'euro' }, 'currency'],
  ])('with %j is refused by name', async (change, field) => {
    const settings = { params: { business_location_id: '17', ...change }, secrets: {} };
    await expect(fetchAll(contextOf(settings, async () => 't'))).rejects.toThrow(new RegExp(`setting ${field}`));
  });

  test('has its origin from base_url, and an id that no double carries byte by byte', () => {
    expect(connector.origin({})).toBe('https://api.lsk.lightspeed.app');
    for (const base_url of ['', 'ftp://x', 'https://u:p@x', 'https://x?y', 7]) {
      expect(() => connector.origin({ base_url })).toThrow(expect.objectContaining({ code: 'base_url_invalid' }));
    }
    expect(JSON.stringify(numberFromSource('9007199254740993'))).toBe('9007199254740993');
  });
});
