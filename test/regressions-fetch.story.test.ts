// The original's defects in asking the POS and in telling what went wrong (O13, O14, O16), through the whole engine.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { type HttpOptions, openHttp } from '../src/net/http-client.ts';
import { listRejects } from '../src/records/runs/read-rejects.ts';
import type { Deps } from '../src/sync/deps.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';
import { openTrip } from './support/trip.ts';

let pos: FakeQu;
let deps: Deps;
beforeAll(async () => {
  pos = await startFakeQu({ products: 5, modifiers: 5, discounts: 5, repeated: 1 });
  deps = await openEngine();
});
afterEach(() => pos.answer('catalog'));
afterAll(() => pos.stop());

function withHttp(options: Partial<HttpOptions>): Deps {
  const usual = { allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 1_048_576 };
  return { ...deps, openHttp: () => openHttp({ ...usual, ...options }) };
}

describe('the original asking the POS', () => {
  it('O13: date and time of a request are one moment in the zone of the restaurant, whatever zone the server is in', async () => {
    for (const [index, zone] of ['Pacific/Kiritimati', 'America/Los_Angeles', 'UTC'].entries()) {
      vi.stubEnv('TZ', index % 2 === 0 ? 'Pacific/Pago_Pago' : 'Asia/Tokyo');
      const { configId } = await addQuConfig(deps, pos.url, { establishment: `zone ${index}`, time_zone: zone });
      const before = Date.now();
      await syncNow(deps, configId);
      const url = new URL(pos.requests.at(-1)?.url ?? '', pos.url);
      const told = `${url.searchParams.get('date')}T${url.searchParams.get('time')}`;
      expect(told).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
      // Read back through another function of Intl than the one that wrote it: the zone's offset at that moment.
      const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
        .formatToParts(before)
        .find(({ type }) => type === 'timeZoneName')?.value;
      const offset = name === 'GMT' ? '+00:00' : (name ?? '').slice(3);
      const moment = Date.parse(`${told}${offset}`);
      expect(moment).toBeGreaterThanOrEqual(Math.floor(before / 1_000) * 1_000);
      expect(moment).toBeLessThanOrEqual(Date.now());
    }
  });

  it('O14, F22: a POS that never answers, or never ends, fails the run by its deadline', async () => {
    const { configId } = await addQuConfig(deps, pos.url, { establishment: 'slow' });
    for (const answer of ['hang', 'drip', 'hang-body'] as const) {
      pos.answer(answer);
      const run = await syncNow(withHttp({ totalSeconds: 0.3 }), configId);
      expect(run).toMatchObject({ status: 'failed', error: { step: 'fetch', code: 'upstream_timeout' } });
    }
  });

  it('O14, F23: a body beyond the cap fails the run, also when it is small on the wire', async () => {
    const { configId } = await addQuConfig(deps, pos.url, { establishment: 'bomb' });
    pos.answer('gzip-bomb');
    const run = await syncNow(withHttp({}), configId);
    expect(run).toMatchObject({ status: 'failed', error: { step: 'fetch', code: 'upstream_too_large' } });
  });

  it('O14, F28: a redirect is refused, and the credentials go to nobody', async () => {
    const elsewhere = await startFakeQu({ products: 1, modifiers: 1, discounts: 1 });
    const { configId } = await addQuConfig(deps, pos.url, { establishment: 'moved' });
    await setConfig(deps, { configId, params: { auth: 'api_key' }, secrets: { api_key: 'k-1234567890' } });
    for (const status of [301, 302, 303, 307, 308]) {
      const location = `${elsewhere.url}/integration?id=1&concept=1&date=1&time=1`;
      pos.answer({ status, headers: { location }, body: '' }, 1);
      const run = await syncNow(deps, configId);
      expect(run).toMatchObject({ status: 'failed', error: { code: 'redirect_refused' } });
      expect(pos.requests.at(-1)?.headers['x-api-key']).toBe('k-1234567890');
      expect(JSON.stringify(run)).not.toContain('k-1234567890');
    }
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.stop();
  });

  it('O14, F27: an error that passes is tried again, one that stays is not', async () => {
    const { configId } = await addQuConfig(deps, pos.url, { establishment: 'shaky' });
    pos.answer('500', 1);
    const before = pos.requests.length;
    expect((await syncNow(deps, configId)).status).toBe('success');
    expect(pos.requests.length).toBe(before + 2);
    pos.answer('401');
    expect(await syncNow(deps, configId)).toMatchObject({ status: 'failed', error: { code: 'upstream_auth' } });
    expect(pos.requests.length).toBe(before + 3);
  });

  it('O16: what the POS or the database says of itself is not handed to the user', async () => {
    const { deps: own, failAt } = await openTrip();
    const { configId } = await addQuConfig(own, pos.url);
    const secret = 'at Object.query (/srv/app/db.js:11) password=hunter2';
    pos.answer({ status: 403, body: JSON.stringify({ message: secret }) }, 1);
    const upstream = await syncNow(own, configId);
    expect(upstream.error).toMatchObject({ code: 'upstream_auth', step: 'fetch' });
    const failed = failAt(/^copy integration_products/, new Error(secret));
    const bug = await syncNow(own, configId);
    await failed;
    expect(bug.error).toMatchObject({ code: 'internal', message: expect.stringMatching(/\(reference [0-9a-f]{8}\)/) });
    // Every discount is refused by the database, one by one; the others are saved.
    await own.database.query('alter table integration_discounts add constraint no_discounts check (false)');
    const refused = await syncNow(own, configId);
    expect(refused.counts).toMatchObject({ products: { created: 5 }, discounts: { rejected: 5, created: 0 } });
    const { data } = await listRejects(own.database, refused.id);
    expect(data).toHaveLength(5);
    for (const run of [upstream, bug, refused]) {
      const said = JSON.stringify([run.error, run.notes, data.map(({ message }) => message)]);
      expect(said).not.toContain('hunter2');
      expect(said).not.toMatch(/db\.js|SQLSTATE|insert into|violates|relation "/i);
    }
  });
});
