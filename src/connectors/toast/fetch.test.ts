// Fetching from the pretend Toast: what is asked and with what, what counts as unchanged, and what ends a fetch.
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseJson } from '../../json.ts';
import { openHttp } from '../../net/http-client.ts';
import type { CheckStep, FetchContext, FetchEnd, Remembered } from '../connector.ts';
import { type FakeToast, startFakeToast } from './fake.ts';
import { connector } from './index.ts';
import { readHead } from './reading/read-head.ts';
import { token } from './token.ts';

const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 50_000_000 });
afterAll(() => http.close());

let fake: FakeToast;
beforeEach(async () => {
  fake = await startFakeToast({ products: 3, modifiers: 8, discounts: 5 });
});
afterEach(() => fake.stop());

interface How {
  since?: Remembered;
  params?: Record<string, unknown>;
  now?: Date;
}

/** As one worker with one stored token would. */
function contextOf({ since, params = {}, now = new Date() }: How, held: { token: string | null }): FetchContext {
  const settings = { ...fake.settings, params: { ...fake.settings.params, ...params } };
  return {
    settings,
    http,
    signal: new AbortController().signal,
    now,
    since: since ?? null,
    accessToken: async (refused) => {
      if (held.token !== null && held.token !== refused) return held.token;
      const answer = await http.post(token.url(settings.params), token.request(settings, null));
      const issued = token.read?.(parseJson(await answer.text(100_000)), new Date());
      held.token = issued?.accessToken ?? '';
      return held.token;
    },
  };
}

async function fetchOnce(how: How = {}, held: { token: string | null } = { token: null }) {
  const parts: unknown[] = [];
  const fetching = connector.fetch(contextOf(how, held));
  for (;;) {
    const step = await fetching.next();
    if (step.done) return { parts, end: step.value as FetchEnd };
    let size = 0;
    for await (const bytes of step.value.body) size += bytes.length;
    parts.push([step.value.meta.part, size > 0]);
  }
}

function sinceOf(end: FetchEnd): { since: Remembered } {
  return { since: end.remember as Remembered };
}

const menusAsked = () => fake.requests.filter(({ url }) => url.endsWith('/menus')).length;

describe('a fetch', () => {
  test('asks metadata, all discounts and the menus, each for its restaurant with one token', async () => {
    const { parts, end } = await fetchOnce();
    expect(parts).toEqual([
      ['menus', true],
      ['discounts', true],
      ['discounts', true],
      ['discounts', true],
    ]);
    expect(end).toMatchObject({ complete: true, remember: { probe: { lastUpdated: '2026-01-01T12:00:01.000+0000' } } });
    expect(fake.requests.map(({ url }) => url)).toEqual([
      '/menus/v2/metadata',
      '/config/v2/discounts',
      '/config/v2/discounts?pageToken=1.2%2B%2F%3D',
      '/config/v2/discounts?pageToken=1.4%2B%2F%3D',
      '/menus/v2/menus',
    ]);
    const { restaurant_guid } = fake.settings.params;
    expect(new Set(fake.requests.map(({ headers }) => headers['toast-restaurant-external-id']))).toEqual(
      new Set([restaurant_guid]),
    );
    expect(fake.tokensAsked).toBe(1);
  });

  test('asks the third version of the menus where the config says so', async () => {
    await fetchOnce({ params: { menus_version: 'v3' } });
    expect(fake.requests.map(({ url }) => url).filter((url) => url.startsWith('/menus/v3/'))).toHaveLength(2);
  });

  test('of what was not published since and has the same discounts is unchanged, without asking for the menus', async () => {
    const { end } = await fetchOnce();
    const again = await fetchOnce(sinceOf(end));
    expect(again).toEqual({ parts: [], end: { complete: true, unchanged: true } });
    expect(menusAsked()).toBe(1);
    fake.publish();
    expect((await fetchOnce(sinceOf(end))).parts).toHaveLength(4);
  });

  test('sees discounts that changed or went although no menu was published', async () => {
    const { end } = await fetchOnce();
    (fake.model.discounts[0] as { amount: number | null }).amount = 4.5;
    const changed = await fetchOnce(sinceOf(end));
    expect(changed.parts).toHaveLength(4);
    fake.model.discounts.pop();
    const gone = await fetchOnce(sinceOf(changed.end));
    expect(gone.parts).toHaveLength(3);
    expect((await fetchOnce(sinceOf(gone.end))).end.unchanged).toBe(true);
  });

  test('that was given menus older than their metadata reads them again next time', async () => {
    const { end } = await fetchOnce();
    fake.publish();
    fake.lag(1);
    const old = await fetchOnce(sinceOf(end));
    expect(old.end).toEqual(end);
    const fresh = await fetchOnce(sinceOf(old.end));
    expect(fresh.end.remember).toMatchObject({ probe: { lastUpdated: '2026-01-01T12:00:02.000+0000' } });
    expect((await fetchOnce(sinceOf(fresh.end))).end.unchanged).toBe(true);
  });

  test('begins the discounts anew when they are published meanwhile, and gives up after the fourth time', async () => {
    fake.publishWhilePaging(2);
    const { parts } = await fetchOnce();
    expect(parts).toHaveLength(4);
    const firstPages = fake.requests.filter(({ url }) => url === '/config/v2/discounts');
    expect(firstPages).toHaveLength(3);
    fake.publishWhilePaging(10);
    await expect(fetchOnce()).rejects.toMatchObject({ code: 'upstream_status', retry: 'later' });
    expect(menusAsked()).toBe(1);
  });

  test('that another restaurant answers ends before anything is stored', async () => {
    fake.becomeRestaurant('00000000-0000-4000-a000-000000000009');
    await expect(fetchOnce()).rejects.toMatchObject({ code: 'identity_changed', step: 'fetch' });
    expect(fake.requests).toHaveLength(1);
    fake.becomeRestaurant(fake.model.restaurantGuid.toUpperCase());
    expect((await fetchOnce()).end.complete).toBe(true);
  });

  test('of something else than a catalog ends before anything is stored', async () => {
    const page = '<html>Sign in</html>';
    for (const path of ['/metadata', '/discounts', '/menus']) {
      for (const body of [page, '', ...(path === '/menus' ? [] : ['{"message":"no"}', '[],"menus":[]'])]) {
        fake.sayInstead(path, body);
        await expect(fetchOnce(), `${path} ${body}`).rejects.toMatchObject({ code: 'upstream_no_catalog' });
      }
      fake.sayInstead(path, null);
    }
    expect((await fetchOnce()).end.complete).toBe(true);
  });

  test('renews a refused token once, and not one that was issued within the half hour', async () => {
    const held = { token: null as string | null };
    await fetchOnce({}, held);
    fake.revokeTokens();
    await expect(fetchOnce({}, held)).rejects.toMatchObject({ code: 'upstream_auth' });
    expect(fake.tokensAsked).toBe(1);
    expect((await fetchOnce({ now: new Date(Date.now() + 3_600_000) }, held)).end.complete).toBe(true);
    expect(fake.tokensAsked).toBe(2);
    // No JSON Web Token: how old it is, nobody knows.
    expect((await fetchOnce({}, { token: 'opaque' })).end.complete).toBe(true);
    expect((await fetchOnce({}, { token: 'no.json.here' })).end.complete).toBe(true);
  });
});

describe('Test connection', () => {
  async function steps(how: How = {}): Promise<CheckStep[]> {
    const found: CheckStep[] = [];
    for await (const step of connector.check?.(contextOf(how, { token: null })) ?? []) found.push(step);
    return found;
  }

  test('logs in, reads, and says which restaurant answers', async () => {
    const found = await steps();
    expect(found.map(({ step, ok }) => [step, ok])).toEqual([
      ['login', true],
      ['permission', true],
      ['identity', true],
    ]);
    expect(found[2]?.message).toContain(fake.model.restaurantGuid);
    expect(menusAsked()).toBe(0);
  });

  test('says that a restaurant is not the client’s to read, and that another one answers', async () => {
    const found = await steps({ params: { restaurant_guid: 'another' } });
    expect(found.map(({ step, ok }) => [step, ok])).toEqual([
      ['login', true],
      ['permission', false],
    ]);
    fake.becomeRestaurant('other');
    await expect(steps()).rejects.toMatchObject({ code: 'identity_changed' });
    await expect(steps({ params: { client_id: 'wrong' } })).rejects.toMatchObject({ code: 'upstream_auth' });
  });
});

test('the restaurants of the management group are listed, without those that are archived or not to be read', async () => {
  const listed = await Array.fromAsync(connector.listLocations?.(contextOf({}, { token: null })) ?? []);
  const { restaurantGuid } = fake.model;
  expect(listed).toEqual([
    {
      id: restaurantGuid,
      name: "Tommy's Burgers, Harbour",
      address: '1 Quay, Duluth, MN, 55802, US',
      timeZone: 'America/Chicago',
      currency: 'USD',
      params: { restaurant_guid: restaurantGuid, currency: 'USD' },
    },
  ]);
  expect(fake.requests).toHaveLength(4);
});

describe('the head of a menus document', () => {
  async function headOf(pieces: readonly string[]) {
    async function* body(): AsyncGenerator<Uint8Array> {
      for (const piece of pieces) yield Buffer.from(piece);
    }
    const { head, whole } = await readHead(body());
    const all: Uint8Array[] = [];
    for await (const bytes of whole) all.push(bytes);
    expect(Buffer.concat(all).toString('utf8')).toBe(pieces.join(''));
    return [head.restaurantGuid, head.lastUpdated];
  }

  test('is read from pieces of any size, and the whole body comes behind it', async () => {
    const text = '{ "restaurantGuid":"r", "lastUpdated":"t", "menus":[{"guid":"m"}], "restaurantTimeZone":"UTC"}';
    expect(await headOf([text])).toEqual(['r', 't']);
    expect(await headOf([...text])).toEqual(['r', 't']);
  });

  test('is unknown where it comes late or is no JSON, which is for the formatting to say', async () => {
    expect(await headOf(['{"menus":[', '],"restaurantGuid":"r"}'])).toEqual([null, null]);
    expect(await headOf([`{"x":"${'y'.repeat(70_000)}`, '","lastUpdated":"t"}'])).toEqual([null, null]);
    expect(await headOf(['<html>'])).toEqual([null, null]);
    expect(await headOf([])).toEqual([null, null]);
  });
});
