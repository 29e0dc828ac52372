// What somebody of one place tries in order to reach another: each was possible once.
import { Hono } from 'hono';
import { beforeAll, describe, expect, test } from 'vitest';
import { addKey } from '../../src/access/manage-keys.ts';
import { readConnection } from '../../src/api/edge/client-address.ts';
import { functionsOptions } from '../../src/api/functions/index.ts';
import { isLocalRequest } from '../../src/api/metrics/metrics-access.ts';
import type { ApiApp } from '../../src/api/v1/api-given.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import type { Connector } from '../../src/connectors/connector.ts';
import { startFakeQu } from '../../src/connectors/qu/fake.ts';
import { connector as qu } from '../../src/connectors/qu/index.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { openEngine } from '../support/engine.ts';
import { fillTables, type Tenant, tenants } from './tenant-rows.ts';

const [ada, bert] = tenants as [Tenant, Tenant];
let deps: Deps & { url: string };
let app: ApiApp;

beforeAll(async () => {
  deps = await openEngine();
  await fillTables(deps.database);
  // Their params are empty: as active ones they would stand in the way of every default above them.
  await deps.database.query('update integration_source_configs set is_active = false');
  app = createV1App(deps, functionsOptions({ deps, config: { adminKey: null, corsOrigins: [] } }));
});

const keyOf = async (tenant: Tenant, access: 'read' | 'sync' | 'admin' = 'admin') =>
  (await addKey(deps.database, { name: 'k', access, level: 'site', levelId: String(tenant.site), by: 'test' })).key;

async function call(request: string, key: string, { once, ...body }: { once?: string; [field: string]: unknown } = {}) {
  const [method = 'GET', path = ''] = request.split(' ', 2);
  const hasBody = method === 'POST' || method === 'PATCH';
  const response = await app.request(`http://localhost${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      'if-match': '*',
      ...(once === undefined ? {} : { 'idempotency-key': once }),
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
    },
    ...(hasBody ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe('a config', () => {
  test('S16: of one’s own site inherits nothing of a foreign company or concept by naming it', async () => {
    const theirs = { connectorId: 'qu', name: 'b', params: { brand: 'secret-brand', auth: 'bearer' } };
    await addConfig(deps, { ...theirs, companyId: bert.company, secrets: { token: 'company-token' } });
    await addConfig(deps, { ...theirs, conceptId: bert.concept, secrets: { token: 'concept-token' } });
    const key = await keyOf(ada);
    const mine = { connector_id: 'qu', name: 'a', params: { base_url: 'https://ada.example' } };
    for (const place of [
      { site_id: ada.site, company_id: bert.company },
      { site_id: ada.site, concept_id: bert.concept },
      { site_id: ada.site, company_id: ada.company, concept_id: bert.concept },
    ]) {
      const answer = await call('POST /api/v1/configs', key, { ...mine, level: 'site', ...place });
      expect(answer, JSON.stringify(place)).toMatchObject({ status: 404, body: { code: 'place_unknown' } });
    }
    const own = { site_id: ada.site, company_id: ada.company, concept_id: ada.concept };
    expect((await call('POST /api/v1/configs', key, { ...mine, ...own })).status).toBe(201);
  });
});

describe('secrets of a level above', () => {
  test('S07: go only where that level sends them, whoever changes the address below', async () => {
    const above = { connectorId: 'qu', name: 'above', companyId: ada.company, secrets: { token: 'company-token' } };
    await addConfig(deps, {
      ...above,
      params: { base_url: 'https://pos.example', auth: 'bearer' },
      shareSecrets: true,
    });
    const key = await keyOf(ada);
    const mine = { connector_id: 'qu', name: 'a', site_id: ada.site };
    const identity = { brand: 'ada', establishment: '7' };
    const elsewhere = { base_url: 'https://evil.example' };
    const refused = { status: 403, body: { code: 'not_yours' } };
    expect(await call('POST /api/v1/configs', key, { ...mine, params: { ...identity, ...elsewhere } })).toMatchObject(
      refused,
    );
    // Not even while no catalog is named yet: a test of the connection would send them.
    expect(await call('POST /api/v1/configs', key, { ...mine, params: elsewhere })).toMatchObject(refused);
    const made = await call('POST /api/v1/configs', key, { ...mine, params: identity });
    expect(made.status).toBe(201);
    const change = (body: object) =>
      call(`PATCH /api/v1/configs/${made.body.id}`, key, { identity_change: 'new_source', ...body });
    expect(await change({ params: elsewhere })).toMatchObject(refused);
    // With a secret of one's own it is one's own affair; taking it away again would send theirs.
    expect((await change({ params: elsewhere, secrets: { token: 'mine' } })).status).toBe(200);
    expect(await change({ secrets: { token: null } })).toMatchObject(refused);
    expect((await change({ name: 'b' })).status).toBe(200);
  });

  test('S07: do not go to an address that was waiting for them below, unless who sets them says so', async () => {
    const connector = { connector_id: 'toast' };
    const waiting = await call('POST /api/v1/configs', await keyOf(ada), {
      ...{ ...connector, name: 'waiting', site_id: ada.site, company_id: ada.company },
      params: { client_id: 'a', base_url: 'https://evil.example', restaurant_guid: crypto.randomUUID() },
    });
    expect(waiting.status).toBe(201);
    const all = (await addKey(deps.database, { name: 'all', access: 'admin', by: 'test' })).key;
    const place = { company_id: ada.company };
    const above = await call('POST /api/v1/configs', all, { ...connector, name: 'late', ...place, params: {} });
    const change = { secrets: { client_secret: 'a-late-secret' } };
    const path = `/api/v1/configs/${above.body.id}`;
    expect(await call(`PATCH ${path}`, all, change)).toMatchObject({
      status: 409,
      body: { code: 'secret_reaches_elsewhere' },
    });
    expect((await call(`PATCH ${path}`, all, { ...change, share_secrets: true })).status).toBe(200);
    for (const made of [waiting, above]) await call(`DELETE /api/v1/configs/${made.body.id}`, all);
  });

  test('S07: are not uncovered by removing or switching off what hides them', async () => {
    const settings = { connectorId: 'toast', params: { client_id: 'a' }, secrets: { client_secret: 'b' } };
    await addConfig(deps, { ...settings, name: 'concept', conceptId: ada.concept });
    const company = await addConfig(deps, { ...settings, name: 'company', companyId: ada.company });
    const site = {
      siteId: ada.site,
      params: { client_id: 'a', base_url: 'https://evil.example', restaurant_guid: crypto.randomUUID() },
    };
    await addConfig(deps, { ...settings, name: 'site', ...site, secrets: {} });
    const at = { access: 'admin', level: 'company', levelId: String(ada.company) } as const;
    const { key } = await addKey(deps.database, { name: 'k', ...at, by: 'test' });
    const refused = { status: 403, body: { code: 'not_yours' } };
    expect(await call(`PATCH /api/v1/configs/${company.id}`, key, { is_active: false })).toMatchObject(refused);
    expect(await call(`DELETE /api/v1/configs/${company.id}`, key)).toMatchObject(refused);
  });
});

describe('a catalog that nobody reads any more', () => {
  test('S16: is not had by naming it: its rows and runs are of who read it last', async () => {
    await deps.database.query('update integration_source_configs set is_active = false');
    const params = { brand: 'gone', establishment: '1', base_url: 'https://pos.example', auth: 'none' };
    const theirs = await addConfig(deps, { connectorId: 'qu', name: 'b', siteId: bert.site, params, secrets: {} });
    await deps.database.query(
      `insert into integration_sync_history (wand_source_id, source_config_id, site_id, status) values ($1, $2, $3, 'success')`,
      [theirs.source_id, theirs.id, bert.site],
    );
    const add = async (by: Tenant) =>
      call('POST /api/v1/configs', await keyOf(by), { connector_id: 'qu', name: 'x', site_id: by.site, params });
    const removed = await call(`DELETE /api/v1/configs/${theirs.id}`, await keyOf(bert));
    expect(removed.body).toMatchObject({ id: theirs.id });
    expect(await add(ada)).toMatchObject({ status: 403, body: { code: 'not_yours' } });
    // Who read it comes back to it.
    expect((await add(bert)).body).toMatchObject({ source_id: theirs.source_id });
  });
});

describe('an identity that the POS tells', () => {
  const telling: Connector = {
    ...qu,
    async *check() {
      yield { step: 'identity', ok: true, message: 'This is 23.', identity: { establishment: '23' } };
    },
  };

  test('S16: does not join a catalog of others, nor say who reads it', async () => {
    const pos = await startFakeQu({ products: 3, modifiers: 1, discounts: 1 });
    try {
      const over = { ...deps, connectors: new Map([['qu', telling]]) };
      const serve = createV1App(over, functionsOptions({ deps: over, config: { adminKey: null, corsOrigins: [] } }));
      await deps.database.query('update integration_source_configs set is_active = false');
      const params = { brand: 'told', base_url: pos.url, auth: 'none' };
      const theirs = { connectorId: 'qu', name: 'theirs', siteId: bert.site, secrets: {} };
      await addConfig(over, { ...theirs, params: { ...params, establishment: '23' } });
      const { id } = await addConfig(over, { ...theirs, name: 'mine', siteId: ada.site, params });
      const answer = await serve.request(`http://localhost/api/v1/configs/${id}/test`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await keyOf(ada)}`, 'content-type': 'application/json' },
        body: JSON.stringify({ save: true }),
      });
      expect(await answer.json()).toMatchObject({ status: 403, code: 'not_yours' });
    } finally {
      await pos.stop();
    }
  });
});

describe('a run of one’s own catalog', () => {
  test('S16, S23: that a foreign config made is neither done over nor approved: that would use the config', async () => {
    const run = crypto.randomUUID();
    await deps.database.query(
      `insert into integration_sync_history (id, wand_source_id, source_config_id, status) values ($1, $2, $3, 'failed')`,
      [run, ada.source, bert.config],
    );
    const key = await keyOf(ada, 'sync');
    expect((await call(`GET /api/v1/runs/${run}`, key)).status).toBe(200);
    for (const how of ['retry', 'replay', 'approve']) {
      const answer = await call(`POST /api/v1/runs/${run}/${how}`, key);
      expect(answer, how).toMatchObject({ status: 404, body: { code: 'config_unknown' } });
    }
  });
});

describe('a request that a proxy on this machine passes on', () => {
  test.each(['x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'])('S50: is known by %s', async (name) => {
    const request = (headers: Record<string, string>) =>
      new Request('http://127.0.0.1/metrics', { headers: { host: '127.0.0.1', ...headers } });
    expect(isLocalRequest(request({}), true)).toBe(true);
    expect(isLocalRequest(request({ [name]: '203.0.113.9' }), true)).toBe(false);
    // Nor is there a session without TLS on such a way.
    const seen = new Hono().get('*', (context) => context.json(readConnection(context, () => false).isForwarded));
    const answers = [request({}), request({ [name]: '203.0.113.9' })].map(async (one) =>
      (await seen.request(one)).json(),
    );
    expect(await Promise.all(answers)).toEqual([false, true]);
  });
});

describe('Sync now for a company', () => {
  test('S16: starts no config of a foreign site that only names the company', async () => {
    await deps.database.query('update integration_source_configs set is_active = false');
    const params = { establishment: '1', base_url: 'https://pos.example', auth: 'none' };
    const below = { connectorId: 'qu', level: 'site', companyId: ada.company, secrets: {} } as const;
    const own = await addConfig(deps, { ...below, name: 'o', siteId: ada.site, params: { ...params, brand: 'o' } });
    await addConfig(deps, { ...below, name: 's', siteId: bert.site, params: { ...params, brand: 's' } });
    const at = { access: 'sync', level: 'company', levelId: String(ada.company) } as const;
    const { key } = await addKey(deps.database, { name: 'k', ...at, by: 'test' });
    const asked = await call(`POST /api/v1/companies/${ada.company}/runs`, key);
    expect(asked.status).toBe(202);
    const { rows } = await deps.database.query<{ config: string }>(
      'select source_config_id as config from integration_sync_history where parent_id = $1',
      [asked.body.id],
    );
    expect(rows).toEqual([{ config: own.id }]);
    // Who asked finds what came of it; who may only look at a site of it, or at another company, does not.
    const parent = `GET /api/v1/runs/${asked.body.id}`;
    expect(await call(parent, key)).toMatchObject({ status: 200, body: { id: asked.body.id, is_parent: true } });
    const listed = await call(`GET /api/v1/runs?limit=100`, key);
    expect(JSON.stringify(listed.body)).toContain(asked.body.id);
    const foreign = { access: 'admin', level: 'company', levelId: String(bert.company), by: 'test' } as const;
    const { key: foreignKey } = await addKey(deps.database, { name: 'f', ...foreign });
    expect([(await call(parent, await keyOf(ada))).status, (await call(parent, foreignKey)).status]).toEqual([
      404, 404,
    ]);
  });
});

describe('an Idempotency-Key', () => {
  test('S40: is refused where an answer is secret, however the address is written', async () => {
    const key = await keyOf(ada);
    const body = { name: 'x', access: 'read', level: 'site', level_id: ada.site };
    for (const path of ['/api/v1/keys', '/api/v1/%6beys', '/api/v1/k%65ys']) {
      const answer = await call(`POST ${path}`, key, { ...body, once: crypto.randomUUID() });
      expect(answer.body.code, path).toBe('idempotency_key_not_taken');
    }
    const { rows } = await deps.database.query(
      `select from integration_idempotency_keys k where to_jsonb(k)::text like '%ts\\_%'`,
    );
    expect(rows).toHaveLength(0);
  });

  test('S20: gives no earlier answer to who may no longer ask for it', async () => {
    const made = await addKey(deps.database, {
      ...{ name: 'k', access: 'sync', level: 'site', levelId: String(ada.site), by: 'test' },
    });
    const once = crypto.randomUUID();
    const pause = () => call(`POST /api/v1/configs/${ada.config}/pause`, made.key, { once });
    expect((await pause()).status).toBe(200);
    expect((await pause()).status).toBe(200);
    await deps.database.query(`update integration_api_keys set level_id = $2 where id = $1`, [made.id, bert.site]);
    expect((await pause()).status).not.toBe(200);
    await deps.database.query(`update integration_api_keys set access = 'read' where id = $1`, [made.id]);
    expect((await pause()).status).not.toBe(200);
  });
});

describe('a name', () => {
  test('S44: no key is called like the admin key, whose name stands in history and audit log', async () => {
    const key = await keyOf(ada);
    for (const name of ['admin', 'Admin', ' admin ']) {
      const answer = await call('POST /api/v1/keys', key, { name, access: 'read', level: 'site', level_id: ada.site });
      expect(answer.body.code, name).toBe('key_name_invalid');
    }
  });
});
