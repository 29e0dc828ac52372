// Fetching from the pretend Square: whole reads, changes, tokens, identity; what is stored after changes is what a whole read gives.
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { fingerprint } from '../../catalog/fingerprint.ts';
import { itemKey } from '../../catalog/item.ts';
import { TillsyncError } from '../../errors.ts';
import { parseJson } from '../../json.ts';
import { openHttp } from '../../net/http-client.ts';
import type { ConnectorSettings, FetchContext, FetchEnd, Remembered } from '../connector.ts';
import { seededRandom } from '../seeded-random.ts';
import { check, listLocations } from './account.ts';
import { type FakeSquare, type FakeSquareOptions, startFakeSquare } from './fake.ts';
import { fetchCatalog } from './fetch.ts';
import { format } from './format.ts';
import { token } from './settings.ts';

const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 50_000_000 });
afterAll(() => http.close());

async function openShop(options: Partial<FakeSquareOptions> = {}): Promise<FakeSquare> {
  const pos = await startFakeSquare({ products: 12, modifiers: 15, discounts: 4, ...options });
  onTestFinished(() => pos.stop());
  return pos;
}

function settingsOf(pos: FakeSquare, params: Record<string, unknown> = {}): ConnectorSettings {
  return {
    params: { base_url: pos.url, merchant_id: pos.account.merchantId, ...params },
    secrets: { token: pos.personal },
  };
}

function contextOf(settings: ConnectorSettings, since: Remembered | null = null): FetchContext {
  return { settings, http, signal: new AbortController().signal, now: new Date(), since };
}

/** What a store would hold after these fetches: full reads replace everything, deltas add and take away. */
class Store {
  rows = new Map<string, string>();
  remembered: Remembered | null = null;

  async sync(pos: FakeSquare, since = this.remembered): Promise<FetchEnd> {
    const settings = settingsOf(pos);
    const fetching = fetchCatalog(contextOf(settings, since));
    const earlier = new Map<string, unknown>();
    const rows = new Map<string, { hash: string; preference: number }>();
    const gone = new Set<string>();
    for (;;) {
      const step = await fetching.next();
      if (step.done) {
        this.save(step.value, rows, gone);
        return step.value;
      }
      for await (const batch of format(step.value.body, { params: settings.params, earlier })) {
        for (const each of batch) {
          if (each.type === 'reject') throw new Error(each.reject.message);
          if (each.type === 'removed') gone.add(`${each.kind} ${itemKey(each.kind, each.externalId, each.pathId)}`);
          if (each.type !== 'item') continue;
          const { kind, externalId, pathId } = each.item;
          const key = `${kind} ${itemKey(kind, externalId, pathId)}`;
          const known = rows.get(key);
          if (known !== undefined && known.preference > each.preference) continue;
          rows.set(key, { hash: Buffer.from(fingerprint(each.item)).toString('hex'), preference: each.preference });
        }
      }
    }
  }

  private save(end: FetchEnd, rows: Map<string, { hash: string }>, gone: ReadonlySet<string>): void {
    if (!end.delta && !end.unchanged) this.rows.clear();
    for (const key of gone) this.rows.delete(key);
    for (const [key, { hash }] of rows) this.rows.set(key, hash);
    if (end.remember !== undefined) this.remembered = { ...this.remembered, ...end.remember };
  }

  sorted(): [string, string][] {
    return [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function readsOf({ delta, unchanged, complete }: FetchEnd): string {
  if (!complete) return 'part';
  return unchanged ? 'nothing' : delta ? 'changes' : 'all';
}

const searchesOf = (pos: FakeSquare) => pos.requests.filter(({ url }) => url === '/v2/catalog/search').length;
const firstOf = <T>(map: ReadonlyMap<string, T>): T => [...map.values()][0] as T;

describe('a whole read', () => {
  test('goes on over an empty page with a cursor, reads lists before items, and sends version and limit', async () => {
    const pos = await openShop({ products: 30, pageSize: 4 });
    const store = new Store();
    expect(readsOf(await store.sync(pos))).toBe('all');
    expect([...store.rows.keys()].sort()).toEqual(pos.expectedKeys().sort());
    const bodies = pos.requests
      .map(({ body }) => body)
      .filter((body) => body !== '')
      .map((body) => JSON.parse(body));
    const types = bodies.map(({ object_types }) => String(object_types));
    expect([...new Set(types)]).toEqual(['MODIFIER_LIST,DISCOUNT', 'ITEM']);
    expect(types.lastIndexOf('MODIFIER_LIST,DISCOUNT')).toBeLessThan(types.indexOf('ITEM'));
    expect(new Set(bodies.map(({ limit }) => limit))).toEqual(new Set([1_000]));
    expect(pos.requests[0]).toMatchObject({ url: '/v2/merchants/me', headers: { 'square-version': '2025-08-20' } });
    expect(
      pos.answers.some(
        ({ answer }) =>
          JSON.stringify(answer.body).startsWith('{"cursor"') && !JSON.stringify(answer.body).includes('"objects"'),
      ),
    ).toBe(true);
  });

  test('F17: begins again when Square refuses a cursor, and gives up when it always does', async () => {
    const pos = await openShop({ products: 30, pageSize: 4 });
    pos.onCatalogRequest((number) => {
      pos.account.cursorEpoch += number === 3 ? 1 : 0;
    });
    const store = new Store();
    expect(readsOf(await store.sync(pos))).toBe('all');
    expect([...store.rows.keys()].sort()).toEqual(pos.expectedKeys().sort());
    pos.onCatalogRequest(() => {
      pos.account.cursorEpoch++;
    });
    await expect(new Store().sync(pos)).rejects.toMatchObject({ code: 'upstream_status', facts: { status: 400 } });
  });

  test('is not complete when a list was added between its pages, and keeps no position', async () => {
    const pos = await openShop();
    pos.onCatalogRequest((number) => {
      if (number !== 1) return;
      const list = pos.catalog.addList('LATE', 2, () => 1);
      const info = { modifier_list_id: list.id, min_selected_modifiers: 0, max_selected_modifiers: 1, enabled: true };
      firstOf(pos.catalog.items).item_data.modifier_list_info = [info];
    });
    const store = new Store();
    expect(await store.sync(pos)).toMatchObject({ complete: false, reason: expect.stringContaining('LATE') });
    expect(store.remembered).toBeNull();
    expect(readsOf(await store.sync(pos))).toBe('all');
    expect([...store.rows.keys()].sort()).toEqual(pos.expectedKeys().sort());
  });

  test('with a version that Square does not know is an error', async () => {
    const pos = await openShop();
    const wrong = contextOf(settingsOf(pos, { square_version: '1999-01-01' }));
    await expect(fetchCatalog(wrong).next()).rejects.toMatchObject({ code: 'upstream_status' });
  });
});

describe('whose credentials they are', () => {
  test('is asked first: those of another merchant, or no merchant at all, read nothing', async () => {
    const pos = await openShop();
    for (const merchant_id of ['OTHER', undefined]) {
      const error = await fetchCatalog(contextOf(settingsOf(pos, { merchant_id })))
        .next()
        .catch((thrown) => thrown);
      expect(error).toBeInstanceOf(TillsyncError);
      expect(error).toMatchObject({ code: 'identity_changed', step: 'fetch', facts: { merchant_id: 'MERCHANT17' } });
    }
    pos.account.scopes.delete('MERCHANT_PROFILE_READ');
    await expect(fetchCatalog(contextOf(settingsOf(pos))).next()).rejects.toMatchObject({
      code: 'upstream_auth',
      hint: expect.stringContaining('MERCHANT_PROFILE_READ'),
    });
    expect(searchesOf(pos)).toBe(0);
  });

  test('check tells login, permission and merchant, and which permission is missing', async () => {
    const pos = await openShop();
    const steps = async (settings: ConnectorSettings) => Array.fromAsync(check(contextOf(settings)));
    expect(await steps(settingsOf(pos, { merchant_id: undefined }))).toMatchObject([
      { step: 'login', ok: true, message: 'Logged in as Corner Kitchen.' },
      { step: 'permission', ok: true },
      { step: 'identity', ok: true, identity: { merchant_id: 'MERCHANT17' } },
    ]);
    expect((await steps(settingsOf(pos, { merchant_id: 'OTHER' }))).at(-1)).toMatchObject({
      step: 'identity',
      ok: false,
    });
    const refused = { ...settingsOf(pos), secrets: { token: 'wrong' } };
    expect(await steps(refused)).toMatchObject([{ step: 'login', ok: false }]);
    for (const scope of ['ITEMS_READ', 'MERCHANT_PROFILE_READ']) {
      pos.account.scopes.delete(scope);
      const last = (await steps(settingsOf(pos))).at(-1);
      expect(last).toMatchObject({ step: 'permission', ok: false, message: expect.stringContaining(scope) });
      pos.account.scopes.add(scope);
    }
  });

  test('locations are those that are active, with address, zone and currency', async () => {
    const pos = await openShop();
    const [first, ...others] = await Array.fromAsync(listLocations(contextOf(settingsOf(pos))));
    expect(first).toEqual({
      id: 'LMAIN',
      name: 'Main Street',
      address: '1 Main St, Springfield, 12345, US',
      timeZone: 'America/New_York',
      currency: 'USD',
      params: {},
    });
    expect(others.map(({ id }) => id)).toEqual(['LNORTH']);
  });
});

test('an access token that Square refuses is renewed once, and a second refusal is the end', async () => {
  const pos = await openShop();
  const { clientId, clientSecret, refreshToken, accepted } = pos.account;
  const settings = {
    params: { ...settingsOf(pos).params, auth: 'oauth', client_id: clientId },
    secrets: { client_secret: clientSecret, refresh_token: refreshToken },
  };
  const asked: (string | undefined)[] = [];
  const issue = async (refused?: string) => {
    asked.push(refused);
    if (refused === undefined) return 'stale';
    const answer = await http.post(token.url(settings.params), token.request(settings, null));
    const issued = token.read?.(parseJson(await answer.text(10_000)), new Date());
    expect(issued).toMatchObject({ refreshToken, lifeSeconds: 7 * 86_400 });
    return issued?.accessToken ?? '';
  };
  const first = await fetchCatalog({ ...contextOf(settings), accessToken: issue }).next();
  expect(first.done).toBe(false);
  expect(asked.slice(0, 2)).toEqual([undefined, 'stale']);
  const before = asked.length;
  accepted.clear();
  const never = { ...contextOf(settings), accessToken: async (refused?: string) => `${refused}${asked.push(refused)}` };
  await expect(fetchCatalog(never).next()).rejects.toMatchObject({ code: 'upstream_auth' });
  expect(asked.length - before).toBe(2);
});

describe('changes', () => {
  async function synced(options: Partial<FakeSquareOptions> = {}) {
    const pos = await openShop(options);
    const store = new Store();
    await store.sync(pos);
    pos.catalog.pass();
    return { pos, store };
  }

  test('none are known by one search; without the probe they are read', async () => {
    const { pos, store } = await synced({ pageSize: 1_000 });
    const before = searchesOf(pos);
    expect(readsOf(await store.sync(pos))).toBe('nothing');
    expect(searchesOf(pos) - before).toBe(1);
    const { cursor = null } = store.remembered ?? {};
    expect(readsOf(await store.sync(pos, { cursor }))).toBe('changes');
  });

  test('that Square commits late, with a time before the newest one, are not missed', async () => {
    const { pos, store } = await synced();
    const newest = Date.parse(pos.catalog.latestTime) - 3_600_000;
    const item = firstOf(pos.catalog.items);
    Object.assign(item, { version: item.version + 1, updated_at: new Date(newest - 60_000).toISOString() });
    item.item_data.name = 'Committed late';
    expect(readsOf(await store.sync(pos))).toBe('changes');
  });

  test('of a list or a modifier, and deleted items, mean that all is read, and once', async () => {
    const { pos, store } = await synced();
    const { catalog } = pos;
    const list = firstOf(catalog.lists);
    const [modifier, second] = list.modifier_list_data.modifiers;
    const [, dropped] = [...catalog.items.values()];
    if (!modifier || !second || !dropped) throw new Error('too small a catalog');
    const edits: (() => void)[] = [
      () => catalog.touch(list, { name: 'Renamed' }),
      () => catalog.touch(modifier, { name: 'Renamed' }),
      () => catalog.removeNested(second),
      () => catalog.remove(dropped),
      () => catalog.remove(list),
    ];
    for (const edit of edits) {
      edit();
      expect(readsOf(await store.sync(pos))).toBe('all');
      expect([...store.rows.keys()].sort()).toEqual(pos.expectedKeys().sort());
      expect(readsOf(await store.sync(pos))).toBe('nothing');
      catalog.touch(firstOf(catalog.discounts), { name: 'Renamed once more' });
      expect(readsOf(await store.sync(pos))).toBe('changes');
    }
  });

  test('from a position that Square refuses, or that is none of ours, mean that all is read', async () => {
    const { pos, store } = await synced();
    for (const cursor of [{ latest_time: 'soon', seen: [] }, 'x', { latest_time: pos.catalog.latestTime }]) {
      expect(readsOf(await store.sync(pos, { cursor }))).toBe('all');
    }
    const item = firstOf(pos.catalog.items);
    pos.account.pageSize = 1;
    for (const variation of item.item_data.variations) pos.catalog.touch(variation);
    pos.catalog.touch(item);
    pos.onCatalogRequest((number) => {
      pos.account.cursorEpoch += number === 1 ? 1 : 0;
    });
    expect(readsOf(await store.sync(pos))).toBe('all');
  });

  test('end in the rows of a whole read, whatever they are', { timeout: 30_000 }, async () => {
    const { pos, store } = await synced({ products: 20, modifiers: 20, discounts: 6, pageSize: 7 });
    const random = seededRandom(20);
    const upTo = (most: number) => Math.floor(random() * most);
    const kinds = new Map<string, number>();
    for (let round = 0; round < 40; round++) {
      if (upTo(3) === 0) pos.catalog.pass(upTo(20));
      for (let edits = upTo(3); edits >= 0; edits--) editSomething(pos.catalog, upTo, round);
      const reads = readsOf(await store.sync(pos));
      kinds.set(reads, (kinds.get(reads) ?? 0) + 1);
      const whole = new Store();
      await whole.sync(pos);
      expect(store.sorted()).toEqual(whole.sorted());
    }
    expect(kinds.get('changes')).toBeGreaterThan(10);
    expect(kinds.get('all')).toBeGreaterThan(3);
  });
});

type Catalog = FakeSquare['catalog'];

function editSomething(catalog: Catalog, upTo: (most: number) => number, round: number): void {
  const item = [...catalog.items.values()][upTo(catalog.items.size)];
  const list = [...catalog.lists.values()][upTo(catalog.lists.size)];
  const discount = [...catalog.discounts.values()][upTo(catalog.discounts.size)];
  const variation = item?.item_data.variations[0];
  const modifier = list?.modifier_list_data.modifiers[0];
  if (!item || !list || !discount || !variation || !modifier) return;
  const info = { modifier_list_id: list.id, min_selected_modifiers: 0, max_selected_modifiers: 1, enabled: true };
  const edits: (() => void)[] = [
    () => catalog.touch(variation, { price_money: { amount: round, currency: 'USD' } }),
    () => catalog.touch(item, { name: `Renamed ${round}` }),
    () => catalog.touch(item, { modifier_list_info: [] }),
    () => catalog.touch(item, { modifier_list_info: [info] }),
    () => catalog.touch(discount, { name: `Renamed ${round}` }),
    () => void (item.item_data.variations.length > 1 && catalog.removeNested(variation)),
    () => void catalog.addItem(`NEW${round}`, 2, upTo),
    () => void (catalog.discounts.size > 1 && catalog.remove(discount)),
    () => void (upTo(3) === 0 && catalog.remove(item)),
    () => void (upTo(3) === 0 && catalog.touch(modifier, { name: `Extra ${round}` })),
  ];
  edits[upTo(edits.length)]?.();
}
