// Reading a pretend Clover: whole, as changes, with full nested lists, with tokens that end, and while rows move between pages.
import { afterEach, describe, expect, test } from 'vitest';
import { fingerprint } from '../../catalog/fingerprint.ts';
import { type Formatted, itemKey } from '../../catalog/item.ts';
import type { TillsyncError } from '../../errors.ts';
import { parseJson } from '../../json.ts';
import { openHttp } from '../../net/http-client.ts';
import type { IssuedToken } from '../../net/manners/token-store.ts';
import type { ConnectorSettings, FetchContext, FetchEnd, Remembered } from '../connector.ts';
import { seededRandom } from '../seeded-random.ts';
import { tokenRule } from './api/token-rule.ts';
import { type FakeInventory, fakeId, makeModifier } from './fake/inventory.ts';
import { type FakeClover, startFakeClover } from './fake.ts';
import { fetchCatalog } from './fetch.ts';
import { format } from './format.ts';

const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 50_000_000 });

let running: FakeClover | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

async function start(size = { products: 12, modifiers: 20, discounts: 3 }): Promise<FakeClover> {
  running = await startFakeClover(size);
  return running;
}

interface Read {
  end: FetchEnd;
  formatted: Formatted[];
  /** Keys of items, whatever is removed. */
  keys: string[];
}

interface How {
  params?: Record<string, unknown>;
  settings?: ConnectorSettings;
  since?: Remembered | null;
  accessToken?: NonNullable<FetchContext['accessToken']>;
}

async function read(fake: FakeClover, how: How = {}): Promise<Read> {
  const { params, secrets } = how.settings ?? fake.settings;
  const settings = { params: { ...params, ...how.params }, secrets };
  const { since = null, accessToken } = how;
  const context: FetchContext = {
    settings,
    http,
    signal: new AbortController().signal,
    now: new Date(),
    since,
    ...(accessToken === undefined ? {} : { accessToken }),
  };
  const [fetching, earlier, formatted] = [fetchCatalog(context), new Map<string, unknown>(), [] as Formatted[]];
  for (;;) {
    const next = await fetching.next();
    if (next.done) return { end: next.value, formatted, keys: keysOf(formatted) };
    for await (const batch of format(next.value.body, { params: settings.params, earlier })) formatted.push(...batch);
  }
}

function nameOf(each: Formatted): string {
  const { kind, externalId, pathId } = each.type === 'item' ? each.item : each.type === 'reject' ? each.reject : each;
  return `${kind} ${itemKey(kind, externalId ?? '', pathId)}`;
}

function keysOf(formatted: readonly Formatted[]): string[] {
  return [...new Set(formatted.filter(({ type }) => type === 'item').map(nameOf))].sort();
}

/** What a database would hold after it: an item wins over a removal of its key. */
function apply(table: Map<string, string>, { end, formatted }: Read): void {
  if (end.unchanged) return;
  if (!end.delta) table.clear();
  for (const each of formatted) if (each.type === 'removed') table.delete(nameOf(each));
  for (const each of formatted) if (each.type === 'item') table.set(nameOf(each), fingerprint(each.item));
}

function pathsOf(fake: FakeClover): string[] {
  return fake.requests.map(({ url }) => decodeURIComponent(url.split('/v3/merchants/FAKEMERCHANT1')[1] ?? ''));
}

function rejectsOf({ formatted }: Read): unknown[] {
  return formatted.filter(({ type }) => type === 'reject');
}

describe('a whole read', () => {
  test('gives the same items whatever the size of a page, and takes no row twice', async () => {
    const fake = await start();
    for (const page_size of [2, 5, 12, 13, 1_000]) {
      const whole = await read(fake, { params: { page_size } });
      expect(whole.end).toMatchObject({ complete: true });
      expect(whole.keys).toEqual([...fake.expectedKeys()].sort());
      // What changed during the reading is read once more where it took several pages: nothing here.
      expect(whole.formatted).toHaveLength(whole.keys.length);
    }
  });

  test('begins each page at the last row known and ends where nothing follows it', async () => {
    const fake = await start({ products: 4, modifiers: 0, discounts: 0 });
    await read(fake, { params: { page_size: 3 } });
    const offsets = pathsOf(fake).filter((path) => path.startsWith('/items') && !path.includes('filter'));
    expect(offsets.map((path) => /offset=(\d+)/.exec(path)?.[1])).toEqual(['0', '2', '3']);
  });

  test('of an inventory without a row is complete and answers all kinds', async () => {
    const fake = await start({ products: 0, modifiers: 0, discounts: 0 });
    const { end, formatted } = await read(fake);
    expect(end).toEqual({ complete: true });
    expect(formatted).toEqual([]);
  });

  test('reads the modifiers of a group with 100 and more by themselves', async () => {
    const fake = await start({ products: 3, modifiers: 5, discounts: 1 });
    const [group] = fake.inventory.groups;
    group?.modifiers.push(...Array.from({ length: 245 }, (_, index) => makeModifier(1_000 + index, 'Extra')));
    const whole = await read(fake, { params: { page_size: 60 } });
    expect(whole.end.complete).toBe(true);
    expect(rejectsOf(whole)).toEqual([]);
    expect(whole.keys.filter((key) => key.startsWith('modifiers'))).toHaveLength(500);
    expect(whole.keys).toEqual([...fake.expectedKeys()].sort());
    // A group of 99 is whole as it is.
    group?.modifiers.splice(99);
    const before = fake.requests.length;
    await read(fake);
    expect(
      pathsOf(fake)
        .slice(before)
        .filter((path) => path.includes(`${group?.id}/modifiers`)),
    ).toEqual([]);
  });

  test('reads the groups of an item with 100 and more by themselves, in a read of changes, too', async () => {
    const fake = await start({ products: 300, modifiers: 1_250, discounts: 1 });
    const [, , item] = fake.inventory.items;
    item?.groups.splice(0, item.groups.length, ...fake.inventory.groups.map(({ id }) => id));
    expect(item?.groups).toHaveLength(250);
    const whole = await read(fake, { params: { page_size: 60 } });
    expect([whole.end.complete, rejectsOf(whole)]).toEqual([true, []]);
    expect(whole.keys).toEqual([...fake.expectedKeys()].sort());
    // What it lost beyond the hundredth goes with the next read of changes.
    const [lost] = item?.groups.splice(200, 1) ?? [];
    if (item !== undefined) item.modifiedTime = 2_000_000_000_000;
    const changes = await read(fake, { since: whole.end.remember ?? null });
    expect([changes.end.delta, rejectsOf(changes)]).toEqual([true, []]);
    const removed = changes.formatted.filter(({ type }) => type === 'removed');
    expect(removed).toHaveLength(5);
    for (const each of removed) expect(each).toMatchObject({ pathId: expect.stringContaining(`${item?.id}/${lost}/`) });
  });

  test('says that modifiers are not all known where such an item has no list of its own', async () => {
    const fake = await start({ products: 300, modifiers: 500, discounts: 1 });
    const [, , item] = fake.inventory.items;
    item?.groups.splice(0, item.groups.length, ...fake.inventory.groups.map(({ id }) => id));
    const told = [{ reject: { kind: 'modifiers', externalId: null, reason: 'unknown_modifiers' } }];
    const unasked = await read(fake, { params: { item_groups_path: '' } });
    expect(rejectsOf(unasked)).toMatchObject(told);
    fake.refuse(`${item?.id}/modifier_groups`, 404);
    expect(rejectsOf(await read(fake))).toMatchObject(told);
  });

  test('keeps a modifier of a group that was not listed from being removed', async () => {
    const fake = await start();
    fake.inventory.items[0]?.groups.push('GNOWHERE00001');
    const whole = await read(fake);
    expect(rejectsOf(whole)).toMatchObject([{ reject: { reason: 'unknown_modifiers', externalId: null } }]);
  });

  test('reads without a currency where the merchant’s record may not be read', async () => {
    const fake = await start();
    fake.refuse('FAKEMERCHANT1?expand', 403);
    const whole = await read(fake);
    expect(whole.end.complete).toBe(true);
    const currencies = whole.formatted.map((each) => (each.type === 'item' ? each.item.currency : null));
    expect(new Set(currencies)).toEqual(new Set([null]));
    const stated = await read(fake, { params: { currency: 'EUR' } });
    expect(stated.formatted.every((each) => each.type !== 'item' || each.item.currency === 'EUR')).toBe(true);
  });

  test('stops with what to do where the credentials are refused', async () => {
    const fake = await start();
    const settings = { ...fake.settings, secrets: { token: 'wrong-one' } };
    await expect(read(fake, { settings })).rejects.toMatchObject({ code: 'upstream_auth' });
    await expect(read(fake, { settings: { ...settings, secrets: {} } })).rejects.toMatchObject({
      code: 'secret_missing',
    });
  });

  test('waits as long as a 429 asks, and a second where it only names the limits', async () => {
    const fake = await start();
    fake.answer('429');
    const asked: unknown[] = [];
    for (let form = 0; form < 2; form++) {
      const controller = new AbortController();
      const onWait = (milliseconds: number, error: Error) => {
        asked.push([milliseconds >= 1_000, (error as TillsyncError).retry]);
        controller.abort(new Error('seen enough'));
      };
      const context = { settings: fake.settings, http, signal: controller.signal, now: new Date(), onWait };
      await expect(fetchCatalog(context).next()).rejects.toThrow('seen enough');
    }
    expect(asked).toEqual([
      [true, { afterSeconds: 1 }],
      [true, 'later'],
    ]);
  });

  test('is refused where an answer says itself what tillsync notes of it', async () => {
    const fake = await start();
    fake.inventory.note = { resource: 'discounts', last: true };
    await expect(read(fake)).rejects.toMatchObject({ code: 'upstream_no_catalog' });
  });

  test('is none where one of its lists is not there', async () => {
    const fake = await start();
    fake.refuse('/discounts', 404);
    await expect(read(fake)).rejects.toMatchObject({ code: 'upstream_status' });
  });
});

/** Rows that come, go and move, each bearing the time of its change as Clover's do; often as many come to a place as leave it. */
function shake(inventory: FakeInventory, random: () => number): void {
  const { items } = inventory;
  const at = () => Math.floor(random() * items.length);
  const modifiedTime = Date.now();
  const takes = 1 + Math.floor(random() * 2);
  for (let take = 0; take < takes; take++) {
    const [item] = items.splice(at(), 1);
    if (item && random() < 0.5) items.splice(at(), 0, { ...item, modifiedTime, name: `${item.name}!` });
  }
  const [first] = items;
  const added = first ? { ...first, id: fakeId('N', Math.floor(random() * 1e9)), modifiedTime } : null;
  if (added && random() < 0.7) items.splice(at(), 0, added);
}

describe('rows that move between two pages', () => {
  test('make the read incomplete where they shift the rows behind them', async () => {
    const fake = await start();
    const withoutFirst = (inventory: FakeInventory) => void inventory.items.shift();
    fake.changeAfter('/items', withoutFirst);
    const { end, keys } = await read(fake, { params: { page_size: 4 } });
    expect(end.complete).toBe(false);
    expect(end.reason).toContain('rows of items moved between two pages');
    expect(end.remember).toBeUndefined();
    // What came is worth saving.
    expect(keys.length).toBeGreaterThan(12);
    expect((await read(fake, { params: { page_size: 4 } })).end.complete).toBe(true);
  });

  test('are caught in the lists of groups and discounts, too', async () => {
    const fake = await start();
    for (const list of ['modifier_groups', 'discounts'] as const) {
      const rows = list === 'discounts' ? fake.inventory.discounts : fake.inventory.groups;
      fake.changeAfter(`/${list}`, () => void rows.shift());
      const { end } = await read(fake, { params: { page_size: 2 } });
      expect(end).toMatchObject({ complete: false, reason: expect.stringContaining(`rows of ${list}`) });
      // One that changed places with a row of a page already read shifts nothing: the second reading differs.
      fake.changeAfter(`/${list}`, () => {
        const last = rows.pop();
        rows.shift();
        if (last) (rows as unknown[]).unshift(last);
      });
      const swapped = await read(fake, { params: { page_size: 2 } });
      expect(swapped.end).toMatchObject({ complete: false, reason: expect.stringContaining(list) });
    }
  });

  test('are found by their time of change where as many came as went, and shift nothing', async () => {
    const fake = await start();
    const { items } = fake.inventory;
    const moved = items.at(-1)?.id;
    fake.changeAfter('/items', () => {
      const last = items.pop();
      items.shift();
      if (last) items.unshift({ ...last, modifiedTime: Date.now() });
    });
    const { end, keys } = await read(fake, { params: { page_size: 4 } });
    expect(end.complete).toBe(true);
    expect(keys).toContain(`products ${moved}`);
  });

  test('are noticed where one comes twice', async () => {
    const fake = await start();
    const { items } = fake.inventory;
    fake.changeAfter('/items', () => {
      const [first, last] = [items.shift(), items.pop()];
      if (first && last) items.splice(0, items.length, last, ...items, first);
    });
    const { end } = await read(fake, { params: { page_size: 4 } });
    expect(end).toMatchObject({ complete: false, reason: expect.stringContaining('rows of items came twice') });
  });

  test('F15: never hide one that was there all along from a read that calls itself complete', async () => {
    const random = seededRandom(7);
    const fake = await start({ products: 14, modifiers: 5, discounts: 1 });
    let [complete, incomplete] = [0, 0];
    for (let round = 0; round < 30; round++) {
      const before = new Set(fake.inventory.items.filter((item) => !item.deletedTime).map(({ id }) => id));
      const gaps = Math.floor(random() * 3);
      for (let gap = 0; gap < gaps; gap++) fake.changeAfter('/items', (inventory) => shake(inventory, random));
      const { end, keys } = await read(fake, { params: { page_size: 5 } });
      const stayed = fake.inventory.items.filter(({ id }) => before.has(id)).map(({ id }) => `products ${id}`);
      const missed = stayed.filter((key) => !keys.includes(key));
      expect(end.complete ? missed : []).toEqual([]);
      if (end.complete) complete++;
      else incomplete++;
    }
    expect(complete).toBeGreaterThan(5);
    expect(incomplete).toBeGreaterThan(5);
  });
});

describe('a read of changes', () => {
  test('asks for what changed since the last, with an overlap, and brings only that', async () => {
    const fake = await start();
    const whole = await read(fake);
    const item = fake.inventory.items.find(({ id }) => id === fakeId('I', 3));
    if (item) Object.assign(item, { name: 'New name', modifiedTime: 1_800_000_000_000 });
    const before = fake.requests.length;
    const { end, keys } = await read(fake, { since: whole.end.remember ?? null });
    expect(end).toMatchObject({ complete: true, delta: true });
    // The newest of the last time lies within the overlap.
    const products = keys.filter((key) => key.startsWith('products'));
    expect(products).toEqual([`products ${fakeId('I', 11)}`, `products ${fakeId('I', 3)}`].sort());
    const asked = pathsOf(fake)
      .slice(before)
      .filter((path) => path.startsWith('/items'));
    const since = 1_500_000_000_000 + 11 * 3_600_000 - 600_000;
    expect(asked.every((path) => path.includes(`filter=modifiedTime>=${since}`))).toBe(true);
    expect(asked.some((path) => path.includes('filter=deleted=true'))).toBe(true);
  });

  test('is a whole read where a group, a modifier, a discount or the currency changed: an item would not tell', async () => {
    const fake = await start();
    const edits: ((inventory: FakeInventory) => void)[] = [
      ({ groups }) => void groups[0]?.modifiers.push(makeModifier(500, 'Late')),
      ({ groups }) => void groups[1]?.modifiers.shift(),
      ({ groups }) => void Object.assign(groups[2] ?? {}, { name: 'Renamed' }),
      ({ discounts }) => void discounts.shift(),
      ({ merchant }) => void Object.assign(merchant, { currency: 'CAD' }),
    ];
    for (const edit of edits) {
      const { end } = await read(fake);
      expect((await read(fake, { since: end.remember ?? null })).end.delta).toBe(true);
      edit(fake.inventory);
      const after = await read(fake, { since: end.remember ?? null });
      expect(after.end).toMatchObject({ complete: true });
      expect(after.end.delta).toBeUndefined();
      expect(after.keys).toEqual([...fake.expectedKeys()].sort());
    }
  });

  test('says that nothing changed where no item did', async () => {
    const fake = await start({ products: 3, modifiers: 0, discounts: 1 });
    const { end } = await read(fake);
    const cursor = { ...(end.remember?.cursor as object), modified: 1_900_000_000_000 };
    expect((await read(fake, { since: { cursor } })).end).toEqual({ complete: true, unchanged: true });
  });

  test('reads all where what was remembered is not its own', async () => {
    const fake = await start({ products: 3, modifiers: 5, discounts: 1 });
    for (const cursor of [null, 7, {}, { modified: 1, digest: 'x', groups: [], items: { I: [4] } }]) {
      const { end } = await read(fake, { since: { cursor } });
      expect(end).toMatchObject({ complete: true });
      expect(end.delta).toBeUndefined();
    }
  });

  test('takes off what two versions of one item in the last read left behind', async () => {
    const fake = await start();
    const [item] = fake.inventory.items;
    fake.changeAfter('/items', () => void Object.assign(item ?? {}, { groups: [], modifiedTime: Date.now() }));
    const table = new Map<string, string>();
    const first = await read(fake, { params: { page_size: 4 } });
    apply(table, first);
    expect(table.size).toBeGreaterThan(fake.expectedKeys().length);
    const next = await read(fake, { since: first.end.remember ?? null });
    apply(table, next);
    expect(next.end.delta).toBe(true);
    expect([...table.keys()].sort()).toEqual([...fake.expectedKeys()].sort());
  });

  test('misses nothing because one item bears a time that is still to come', async () => {
    const fake = await start();
    const [early, late] = fake.inventory.items.filter(({ deletedTime }) => deletedTime === undefined);
    Object.assign(early ?? {}, { modifiedTime: Date.now() + 86_400_000 });
    const { end } = await read(fake);
    Object.assign(late ?? {}, { modifiedTime: Date.now() });
    expect((await read(fake, { since: end.remember ?? null })).keys).toContain(`products ${late?.id}`);
  });

  test('ends in the items of a whole read, whatever items, deletions and links changed', async () => {
    const random = seededRandom(11);
    const fake = await start({ products: 10, modifiers: 25, discounts: 2 });
    const table = new Map<string, string>();
    const first = await read(fake);
    apply(table, first);
    let since = first.end.remember ?? null;
    let deltas = 0;
    for (let round = 0; round < 25; round++) {
      change(fake.inventory, random);
      const next = await read(fake, { since, params: { page_size: 6 } });
      expect(next.end.complete).toBe(true);
      if (next.end.delta) deltas++;
      apply(table, next);
      since = next.end.remember ?? since;
      expect([...table.keys()].sort()).toEqual([...fake.expectedKeys()].sort());
    }
    expect(deltas).toBe(25);
    const whole = new Map<string, string>();
    apply(whole, await read(fake));
    expect(new Map([...table].sort())).toEqual(new Map([...whole].sort()));
  });
});

/** Changes, deletes, brings back or links an item anew; its time moves, as Clover's does. */
function change({ items, groups }: FakeInventory, random: () => number): void {
  const item = items[Math.floor(random() * items.length)];
  const group = groups[Math.floor(random() * groups.length)];
  if (item === undefined || group === undefined) return;
  item.modifiedTime = Date.now();
  const dice = random();
  if (dice < 0.2) item.deletedTime = Date.now();
  else if (dice < 0.4) delete item.deletedTime;
  else if (dice < 0.6) item.groups = item.groups.filter((id) => id !== group.id);
  else if (dice < 0.8) item.groups = [...new Set([...item.groups, group.id])];
  else item.price += 1;
}

describe('OAuth', () => {
  /** Tokens as one worker alone would hold them. */
  function holder(settings: ConnectorSettings): { accessToken: NonNullable<How['accessToken']>; renewals(): number } {
    let issued: IssuedToken | null = null;
    let renewals = 0;
    return {
      renewals: () => renewals,
      async accessToken(refused) {
        if (issued !== null && issued.accessToken !== refused) return issued.accessToken;
        renewals++;
        const request = tokenRule.request(settings, issued?.refreshToken ?? null);
        const answer = await http.post(tokenRule.url(settings.params), request);
        issued = tokenRule.read?.(parseJson(await answer.text(10_000)), new Date()) ?? null;
        return issued?.accessToken ?? '';
      },
    };
  }

  test('reads on with a new token where one ended, and uses each refresh token once', async () => {
    const fake = await start();
    const settings = fake.oauthSettings();
    const { accessToken, renewals } = holder(settings);
    expect((await read(fake, { settings, accessToken })).end.complete).toBe(true);
    fake.expireTokens();
    fake.changeAfter('/modifier_groups', () => fake.expireTokens());
    const again = await read(fake, { settings, accessToken });
    expect(again.keys).toEqual([...fake.expectedKeys()].sort());
    expect(renewals()).toBe(3);
    // The first refresh token is used up.
    await expect(read(fake, { settings, ...holder(settings) })).rejects.toMatchObject({ code: 'upstream_auth' });
  });

  test('reads when a token ends from epoch seconds, and refuses an answer without a token', () => {
    const now = new Date(1_800_000_000_500);
    const answer = { access_token: 'a', access_token_expiration: 1_800_001_800, refresh_token: 'r' };
    expect(tokenRule.read?.(answer, now)).toEqual({ accessToken: 'a', refreshToken: 'r', lifeSeconds: 1_799 });
    expect(tokenRule.read?.({ access_token: 'a' }, now)).toEqual({
      accessToken: 'a',
      refreshToken: null,
      lifeSeconds: null,
    });
    for (const none of [null, [], {}, { access_token: '' }, { access_token: 7 }]) {
      expect(() => tokenRule.read?.(none, now)).toThrow('without one');
    }
  });
});
