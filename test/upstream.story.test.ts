// Manners towards a POS through the whole engine: a host that fails rests, a pause stops everybody, credentials stay home.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { connector } from '../src/connectors/qu/index.ts';
import { catalogUrl } from '../src/connectors/qu/settings.ts';
import { openHttp } from '../src/net/http-client.ts';
import type { Deps } from '../src/sync/deps.ts';
import { fetchData } from '../src/sync/fetch-data.ts';
import { resolveConfig } from '../src/sync/resolve-config.ts';
import { addConfig } from '../src/sync/set-config.ts';
import { openFetch } from '../src/sync/upstream/open-fetch.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';
import { until } from './support/until.ts';

let pos: FakeQu;
let deps: Deps;
beforeAll(async () => {
  deps = await openEngine();
});
beforeEach(async () => {
  // Another port is another host, with a breaker and budgets of its own.
  pos = await startFakeQu({ products: 3, modifiers: 2, discounts: 1 });
  stops.push(() => pos.stop());
});
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

const catalog = () => catalogUrl({ brand: 'acme', establishment: '17', base_url: pos.url }, new Date());

async function openWay(of: Deps, configId: string, signal = new AbortController().signal) {
  const waits: Error[] = [];
  const onWait = (_milliseconds: number, error: Error) => waits.push(error);
  const { http } = await openFetch(of, await resolveConfig(of, configId), { signal, onWait });
  stops.push(() => http.close());
  return { http, waits };
}

describe('F19: a host that fails again and again', () => {
  const refused = { code: 'upstream_resting', retry: { afterSeconds: expect.any(Number) } };

  it('rests: the run of another config ends at once with the time when it is tried again, and asks nothing', async () => {
    const { configId } = await addQuConfig(deps, pos.url);
    const other = await addQuConfig(deps, pos.url, { establishment: '18' });
    const { http } = await openWay(deps, configId);
    pos.answer('500');
    for (let n = 0; n < 5; n++) {
      await expect(http.get(catalog())).rejects.toMatchObject({ code: 'upstream_status' });
    }
    const run = await syncNow(deps, other.configId);
    expect(run).toMatchObject({ status: 'failed', error: { ...refused, step: 'fetch' } });
    expect(run.error?.message).toMatch(/until 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/);
    const { signal } = new AbortController();
    await expect(fetchData(deps, { configId, signal })).rejects.toMatchObject(refused);
    expect(pos.requests).toHaveLength(5);
    // When the rest is over, the first run is the probe, and its success lets all others through.
    await deps.database.query(`update integration_upstream_hosts set rests_until = now() where host = $1`, [
      new URL(pos.url).host,
    ]);
    pos.answer('catalog');
    expect((await syncNow(deps, other.configId)).status).toBe('success');
    expect((await syncNow(deps, configId)).status).toBe('success');
  });

  it('does not rest for 4xx, for answers that are no catalog, or for our own aborts', async () => {
    const { configId } = await addQuConfig(deps, pos.url);
    const { http } = await openWay(deps, configId);
    for (const answer of ['401', { status: 404, body: 'no' }, { status: 400, body: 'no' }] as const) {
      pos.answer(answer);
      for (let n = 0; n < 3; n++) await expect(http.get(catalog())).rejects.toMatchObject({ step: 'fetch' });
    }
    pos.answer('hang');
    for (let n = 0; n < 6; n++) {
      const controller = new AbortController();
      const before = pos.requests.length;
      const asked = http.get(catalog(), { signal: controller.signal });
      const aborted = expect(asked).rejects.toThrow('cancelled');
      while (pos.requests.length === before) await new Promise((resolve) => setImmediate(resolve));
      controller.abort(new Error('cancelled'));
      await aborted;
    }
    pos.answer('catalog');
    expect((await syncNow(deps, configId)).status).toBe('success');
  });

  it('rests, too, when it only ever begins to answer', async () => {
    const { configId } = await addQuConfig(deps, pos.url);
    const hasty = {
      ...deps,
      openHttp: () => openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 0.1, maxBytes: 1_000_000 }),
    };
    const { http } = await openWay(hasty, configId);
    pos.answer('hang-body');
    for (let n = 0; n < 5; n++) {
      const answer = await http.get(catalog());
      await expect(answer.text(1_000_000)).rejects.toMatchObject({ code: 'upstream_timeout' });
    }
    await expect(http.get(catalog())).rejects.toMatchObject(refused);
  });
});

describe('F18: a POS that limits requests', () => {
  it('stops every config with the same credentials for as long as it says, and no other', async () => {
    const withKey = (establishment: string, key: string) =>
      addConfig(deps, {
        connectorId: connector.id,
        name: `POS ${establishment}`,
        params: { brand: 'acme', establishment, base_url: pos.url, auth: 'api_key' },
        secrets: { api_key: key },
      });
    const [first, same, another] = [await withKey('a', 'k-1'), await withKey('b', 'k-1'), await withKey('c', 'k-2')];
    pos.answer({ status: 429, headers: { 'x-ratelimit-reset': '1000' }, body: '' }, 1);
    expect(await syncNow(deps, first.id)).toMatchObject({ error: { code: 'upstream_rate_limited' } });
    const asked = pos.requests.length;
    for (const config of [first, same]) {
      const run = await syncNow(deps, config.id);
      expect(run).toMatchObject({ status: 'failed', error: { code: 'rate_budget_used' } });
    }
    expect(pos.requests).toHaveLength(asked);
    expect((await syncNow(deps, another.id)).status).toBe('success');
  });

  it('and whose connector declares a budget gets no more than that, whichever worker asks', async () => {
    const budgeted = { ...connector, rateBudget: { requests: 2, perSeconds: 10, burst: 2 } };
    const own: Deps = { ...deps, connectors: new Map([[connector.id, budgeted]]) };
    const { configId } = await addQuConfig(own, pos.url);
    const controller = new AbortController();
    const ways = await Promise.all(Array.from({ length: 6 }, () => openWay(own, configId, controller.signal)));
    const outcomes = Promise.allSettled(ways.map(async ({ http }) => (await http.get(catalog())).discard()));
    await until(
      'the waits of four',
      () => ways.filter(({ waits }) => waits.length > 0).length === 4 && pos.requests.length === 2,
    );
    controller.abort(new Error('enough'));
    expect((await outcomes).filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(pos.requests).toHaveLength(2);
  });
});

describe('O14, S07: credentials', () => {
  it('go to the own origin of the config only, whatever address a connector was given', async () => {
    const elsewhere = await startFakeQu({ products: 1, modifiers: 1, discounts: 1 });
    stops.push(() => elsewhere.stop());
    const { configId } = await addQuConfig(deps, pos.url);
    const { http } = await openWay(deps, configId);
    const strays = [elsewhere.url, `${elsewhere.url}/integration`, pos.url.replace('127.0.0.1', 'localhost')];
    for (const address of strays) {
      for (const request of [http.get(address), http.post(address, { json: { a: 1 } })]) {
        await expect(request).rejects.toMatchObject({ code: 'origin_refused', retry: 'no' });
      }
    }
    expect([...elsewhere.requests, ...pos.requests]).toEqual([]);
    await expect(http.get('no address')).rejects.toMatchObject({ code: 'address_refused' });
  });
});
