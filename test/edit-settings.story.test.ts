// Settings and places while people edit them: a test of what is not saved yet, the next times of a schedule, a picked import, moves.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticateKey } from '../src/access/authenticate-key.ts';
import { createKey } from '../src/access/create-key.ts';
import { createV1App } from '../src/api/v1/create-v1-app.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import type { Deps } from '../src/sync/deps.ts';
import { type ApiAnswer, type ApiClient, apiClient } from './support/api-client.ts';
import { openEngine } from './support/engine.ts';

let deps: Deps & { url: string };
let pos: FakeQu;
let api: ApiClient;

beforeAll(async () => {
  deps = await openEngine();
  pos = await startFakeQu({ products: 5, modifiers: 3, discounts: 1, repeated: 0 });
  api = await clientOf({});
});
afterAll(() => pos.stop());

async function clientOf(place: { level?: 'company' | 'site'; levelId?: string }): Promise<ApiClient> {
  const { key } = await createKey(deps.database, { name: 'editor', createdBy: 'test', access: 'admin', ...place });
  const app = createV1App(deps, {
    adminKey: null,
    corsOrigins: [],
    authenticate: (candidate) => authenticateKey(deps.database, candidate),
  });
  return apiClient(app, key);
}

async function made(path: string, body: object): Promise<ApiAnswer['body']> {
  const answer = await api.call(`POST /api/v1/${path}`, { body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

/** A company whose defaults hold address and key, and a site below it. */
async function openHouse(name: string) {
  const company = await made('companies', { name });
  const defaults = await made('configs', {
    connector_id: 'qu',
    name: `${name} defaults`,
    company_id: company.id,
    params: { brand: name, base_url: pos.url, auth: 'api_key' },
    secrets: { api_key: 'company-key-0001' },
  });
  const site = await made('sites', { name: `${name} Main St`, company_id: company.id });
  const config = await made('configs', {
    connector_id: 'qu',
    name: `${name} Main St`,
    site_id: site.id,
    params: { establishment: '1' },
  });
  return { company, defaults, site, config };
}

describe('a test of settings that are not saved', () => {
  test('goes with the change and the levels above, and stores nothing', async () => {
    const { config } = await openHouse('tried');
    const before = await api.call(`GET /api/v1/configs/${config.id}`);
    const path = `POST /api/v1/configs/${config.id}/test`;
    const good = await api.call(path, { body: { params: { establishment: '2' }, secrets: {} } });
    expect(good.body).toMatchObject({ ok: true, saved: false, counts: { items: 9 } });
    const bad = await api.call(path, { body: { params: { base_url: 'not an address' } } });
    expect(bad.body).toMatchObject({ ok: false, steps: [{ step: 'settings', ok: false }, ...bad.body.steps.slice(1)] });
    const unknown = await api.call(path, { body: { params: { colour: 'red' } } });
    expect(unknown.body.steps[0]).toMatchObject({ ok: false, code: 'param_unknown' });
    const both = await api.call(path, { body: { params: {}, save: true } });
    expect(both).toMatchObject({ status: 400, body: { code: 'request_invalid' } });
    const after = await api.call(`GET /api/v1/configs/${config.id}`);
    expect(after.headers.get('etag')).toBe(before.headers.get('etag'));
    expect(after.body).toEqual(before.body);
  });

  test('sends a stored secret nowhere else than before, and one that is given with it where it is asked to', async () => {
    const { config, defaults } = await openHouse('kept');
    const elsewhere = await startFakeQu({ products: 1, modifiers: 0, discounts: 0, repeated: 0 });
    try {
      for (const { id } of [config, defaults]) {
        const path = `POST /api/v1/configs/${id}/test`;
        const params = { base_url: elsewhere.url, establishment: '1' };
        const refused = await api.call(path, { body: { params } });
        expect(refused.body.steps[0]).toMatchObject({ ok: false, code: 'secret_needed_again' });
        expect(elsewhere.requests).toEqual([]);
      }
      const given = { params: { base_url: elsewhere.url }, secrets: { api_key: 'only-for-this-test' } };
      const tried = await api.call(`POST /api/v1/configs/${config.id}/test`, { body: given });
      expect(tried.body.ok).toBe(true);
      const sent = JSON.stringify(elsewhere.requests);
      expect(sent).toContain('only-for-this-test');
      expect(sent).not.toContain('company-key-0001');
    } finally {
      await elsewhere.stop();
    }
  });
});

describe('the next times of a schedule', () => {
  test('are told before it is set, in its zone, and a schedule that cannot be is refused with its sentence', async () => {
    const { config } = await openHouse('timed');
    const path = `GET /api/v1/configs/${config.id}/next-times`;
    expect((await api.call(path)).body).toEqual({ time_zone: null, times: [] });
    const { body } = await api.call(`${path}?cron=30%204%20*%20*%20*&time_zone=America/Chicago`);
    const hours = body.times.map((time: string) =>
      new Intl.DateTimeFormat('en', { timeZone: 'America/Chicago', hour: '2-digit', hourCycle: 'h23' }).format(
        new Date(time),
      ),
    );
    expect(hours).toEqual(['04', '04', '04', '04', '04']);
    const every = (await api.call(`${path}?every_minutes=60`)).body.times.map((time: string) => Date.parse(time));
    expect(every.slice(1).map((time: number, index: number) => time - every[index])).toEqual(Array(4).fill(3_600_000));
    for (const query of ['every_minutes=0', 'cron=61%20*%20*%20*%20*', 'cron=0%204%20*%20*%20*&time_zone=Mars/Base']) {
      expect(await api.call(`${path}?${query}`)).toMatchObject({ status: 400, body: { code: 'schedule_invalid' } });
    }
    expect((await api.call(`GET /api/v1/configs/${config.id}`)).body.schedule.cron).toBeNull();
  });
});

describe('places', () => {
  test('are renamed at once, moved while no config stands there, and only by who administers both ends', async () => {
    const { company, site } = await openHouse('moved');
    const other = await made('companies', { name: 'Other' });
    const patch = (client: ApiClient, path: string, body: object) => client.call(`PATCH /api/v1/${path}`, { body });
    expect(await patch(api, `sites/${site.id}`, { company_id: other.id })).toMatchObject({
      status: 409,
      body: { code: 'hierarchy_in_use', effect: 'Nothing was moved.' },
    });
    expect((await patch(api, `sites/${site.id}`, { name: 'High St' })).body).toMatchObject({ name: 'High St' });
    expect((await patch(api, `sites/${site.id}`, { name: ' ' })).body.code).toBe('hierarchy_name_invalid');
    const free = await made('sites', { name: 'Free', company_id: company.id });
    const mine = await clientOf({ level: 'company', levelId: String(company.id) });
    expect((await patch(mine, `sites/${free.id}`, { company_id: other.id })).status).toBe(404);
    expect((await patch(mine, `sites/${free.id}`, { company_id: null })).status).toBe(404);
    const his = await clientOf({ level: 'site', levelId: String(free.id) });
    expect((await patch(his, `sites/${free.id}`, { company_id: other.id })).status).toBe(404);
    expect((await patch(mine, `sites/${free.id}`, { company_id: company.id, name: 'Kept' })).body.name).toBe('Kept');
    expect((await patch(api, `sites/${free.id}`, { company_id: other.id })).body.company_id).toBe(other.id);
    expect((await patch(api, `sites/${free.id}`, { company_id: null })).body.company_id).toBeNull();
    expect((await patch(api, `sites/${free.id}`, { company_id: 999_999 })).status).toBe(404);
  });

  test('are picked from the list of the POS: what is there already is said before, and nothing else is added', async () => {
    const { company, defaults } = await openHouse('listed');
    const list = async () => (await api.call(`POST /api/v1/configs/${defaults.id}/list-places`)).body.data;
    expect(await list()).toEqual([
      { location_id: '17', name: 'Main St 17', address: expect.stringContaining('Springfield'), site_id: null },
      { location_id: '18', name: 'Main St 18', address: expect.stringContaining('Springfield'), site_id: null },
    ]);
    const { body } = await api.call(`POST /api/v1/configs/${defaults.id}/import-sites`, {
      body: { location_ids: ['18'], with_configs: true },
    });
    expect(body.data).toMatchObject([
      { location_id: '18', outcome: 'added', missing: [], config_id: expect.any(String) },
    ]);
    expect((await list()).map(({ site_id }: { site_id: number | null }) => site_id !== null)).toEqual([false, true]);
    const sites = (await api.call(`GET /api/v1/sites?company_id=${company.id}`)).body.data;
    expect(sites.map(({ name }: { name: string }) => name)).toEqual(['listed Main St', 'Main St 18']);
  });
});
