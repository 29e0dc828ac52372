// The audit log: every deed is written down in the transaction that does it, without secrets, and nobody changes what stands there.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticateKey } from '../../src/access/authenticate-key.ts';
import { createKey } from '../../src/access/create-key.ts';
import type { Access, Level } from '../../src/access/permission.ts';
import { createFunctionsApp } from '../../src/api/functions/create-functions-app.ts';
import { functionNames } from '../../src/api/functions/functions-options.ts';
import type { ApiApp } from '../../src/api/v1/api-given.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import { verbPermissions } from '../../src/cli/verb-permissions.ts';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { everywhere } from '../../src/db/claims.ts';
import type { Database } from '../../src/db/database.ts';
import { appendAudit } from '../../src/records/audit/append-audit.ts';
import { csvRow } from '../../src/sync/audit/csv-row.ts';
import { exportAudit } from '../../src/sync/audit/export-audit.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { followRun } from '../../src/sync/follow-run.ts';
import { applyRetention } from '../../src/sync/upkeep/apply-retention.ts';
import { type ApiClient, apiClient, declaredRoutes } from '../support/api-client.ts';
import { freshDatabase, openAgain, superuserUrlOf } from '../support/database.ts';
import { openEngine } from '../support/engine.ts';
import { openWorker } from '../support/open-worker.ts';
import { openCli } from '../support/run-cli.ts';
import { smallRecipe } from '../support/small-recipe.ts';
import { isOfPeople, routeActions, verbActions } from './audited-deeds.ts';

const canary = 'canary-7f3a9c-do-not-log';

let deps: Deps & { url: string };
let pos: FakeQu;
let app: ApiApp;
let api: ApiClient;

interface Entry {
  action: string;
  actor: string;
  address: string | null;
  request_id: string | null;
  subject_id: string | null;
  subject_name: string | null;
  concept_id: string | null;
  company_id: string | null;
  site_id: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

const entriesOf = async (requestId: string | null) => await entries(deps.database, 'request_id = $1', [requestId]);

async function entries(database: Database, where = 'true', parameters: unknown[] = []): Promise<Entry[]> {
  const { rows } = await database.query<Entry>(
    `select action, actor, address, request_id, subject_id, subject_name, concept_id, company_id, site_id, before, after
       from integration_audit_log where ${where} order by at, id`,
    parameters,
  );
  return rows;
}

function appOver(over: Deps): ApiApp {
  return createV1App(over, {
    adminKey: null,
    corsOrigins: [],
    authenticate: (candidate) => authenticateKey(over.database, candidate),
  });
}

async function keyFor(access: Access, place: { level?: Level; levelId?: string } = {}, name = `${access} key`) {
  return (await createKey(deps.database, { name, createdBy: 'test', access, ...place })).key;
}

beforeAll(async () => {
  deps = await openEngine();
  await openWorker(deps);
  pos = await startFakeQu({ products: 30, modifiers: 40, discounts: 5, repeated: 3 });
  app = appOver(deps);
  api = apiClient(app, await keyFor('admin', {}, 'admin key'));
});
afterAll(() => pos.stop());

let establishment = 500;
function newConfig(more: Record<string, unknown> = {}) {
  establishment++;
  const params = { brand: 'acme', establishment: String(establishment), base_url: pos.url };
  return { connector_id: 'qu', name: `QU ${establishment}`, params, ...more };
}

describe('what is written down', () => {
  test('S44: every route that writes is in the table of deeds, and every verb', () => {
    const writing = declaredRoutes(app)
      .filter(({ method }) => method !== 'get')
      .map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    const functions = functionNames.map((name) => `POST /functions/v1/${name}`);
    expect(Object.keys(routeActions).sort()).toEqual([...writing, ...functions].sort());
    expect(Object.keys(verbActions).sort()).toEqual(Object.keys(verbPermissions).sort());
  });

  test('S44: each deed over HTTP writes its entry with who did it and in which request, or changes nothing of ours', async () => {
    const seen = new Set<string>();
    /** Calls a route, and holds its entry against the table. */
    async function deed(route: string, path: string, body?: unknown) {
      const headers = { 'if-match': '*' };
      const answer = await api.call(`${route.split(' ')[0]} ${path}`, { body, headers });
      expect(answer.status, `${route}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
      const written = await entriesOf(answer.headers.get('x-request-id'));
      const action = routeActions[route];
      if (action === null) expect(written, route).toEqual([]);
      else
        expect(
          written.map((entry) => entry.action),
          route,
        ).toContain(action);
      for (const { actor } of written) expect(actor, route).toBe('key:admin key');
      seen.add(route);
      return { body: answer.body, entry: written.find((entry) => entry.action === action) };
    }
    const c = '/api/v1/configs';
    const concept = await deed('POST /api/v1/concepts', '/api/v1/concepts', { name: 'Diners' });
    const company = await deed('POST /api/v1/companies', '/api/v1/companies', {
      name: 'East',
      concept_id: concept.body.id,
    });
    const site = await deed('POST /api/v1/sites', '/api/v1/sites', { name: 'Main St', company_id: company.body.id });
    // What is above a place is known although nobody said it.
    expect(site.entry).toMatchObject({ concept_id: String(concept.body.id), company_id: String(company.body.id) });
    for (const [many, { body }] of Object.entries({ concepts: concept, companies: company, sites: site })) {
      const renamed = await deed(`PATCH /api/v1/${many}/{id}`, `/api/v1/${many}/${body.id}`, { name: 'Renamed' });
      expect(renamed.entry).toMatchObject({ before: { name: body.name }, after: { name: 'Renamed' } });
    }
    const added = await deed('POST /api/v1/configs', c, newConfig({ site_id: site.body.id }));
    const { id } = added.body;
    expect(added.entry).toMatchObject({ subject_id: id, site_id: String(site.body.id), before: null });
    const changed = await deed('PATCH /api/v1/configs/{id}', `${c}/${id}`, { name: 'QU Main' });
    expect(changed.entry).toMatchObject({ before: { name: added.body.name }, after: { name: 'QU Main' } });
    await api.call(`PATCH ${c}/${id}`, { body: { schedule: { every_minutes: 60 } }, headers: { 'if-match': '*' } });
    const paused = await deed('POST /api/v1/configs/{id}/pause', `${c}/${id}/pause`, { reason: 'holiday' });
    expect(paused.entry).toMatchObject({ after: { reason: 'holiday' }, subject_name: 'QU Main' });
    await deed('POST /api/v1/configs/{id}/resume', `${c}/${id}/resume`);
    await deed('POST /api/v1/configs/{id}/list-places', `${c}/${id}/list-places`, {});
    const some = { company_id: (await api.call('POST /api/v1/companies', { body: { name: 'West' } })).body.id };
    await deed('POST /api/v1/configs/{id}/import-sites', `${c}/${id}/import-sites`, some);
    await deed('POST /api/v1/configs/{id}/what-if', `${c}/${id}/what-if`, { params: { currency: 'USD' } });
    await deed('POST /api/v1/configs/{id}/test', `${c}/${id}/test`, {});
    const { params } = newConfig();
    await deed('POST /api/v1/connectors/{id}/test', '/api/v1/connectors/qu/test', { params, secrets: {} });
    const text = smallRecipe('till');
    await deed('POST /api/v1/recipes/preview', '/api/v1/recipes/preview', { text });
    const recipe = await deed('POST /api/v1/recipes', '/api/v1/recipes', { text });
    expect(recipe.entry).toMatchObject({ subject_id: 'till', before: null, after: { version: 1 } });
    const replaced = { text: `${text}# another\n` };
    const newer = await deed('PUT /api/v1/recipes/{id}', '/api/v1/recipes/till', replaced);
    expect(newer.entry).toMatchObject({ before: { version: 1 }, after: { version: 2 } });
    await deed('DELETE /api/v1/recipes/{id}', '/api/v1/recipes/till');

    const run = await deed('POST /api/v1/configs/{id}/runs', `${c}/${id}/runs`, {});
    expect(run.entry).toMatchObject({ subject_id: run.body.id, after: { config_id: id, trigger: 'api' } });
    await followRun(deps, run.body.id);
    const replay = await deed('POST /api/v1/runs/{id}/replay', `/api/v1/runs/${run.body.id}/replay`, {});
    expect(replay.entry).toMatchObject({ subject_id: run.body.id, after: { run_id: replay.body.id } });
    await followRun(deps, replay.body.id);
    const fanOut = await deed('POST /api/v1/{level}/{id}/runs', `/api/v1/concepts/${concept.body.id}/runs`, {});
    expect(fanOut.entry).toMatchObject({
      concept_id: String(concept.body.id),
      subject_name: expect.stringContaining('concept'),
    });
    await followRun(deps, fanOut.body.id);
    for (const decision of ['approve', 'discard'] as const) {
      const held = await api.call(`POST ${c}/${id}/runs`, { body: { dry_run: true, full: true } });
      const planned = await followRun(deps, held.body.id);
      expect(planned.status, JSON.stringify(planned.error)).toBe('planned');
      const decided = await deed(`POST /api/v1/runs/{id}/${decision}`, `/api/v1/runs/${held.body.id}/${decision}`, {});
      expect(decided.entry).toMatchObject({ subject_id: held.body.id, site_id: String(site.body.id) });
      if (decision === 'approve') await followRun(deps, decided.body.id);
    }
    const failing = await api.call(`POST ${c}`, { body: newConfig() });
    pos.answer('401', 1);
    const failed = await api.call(`POST ${c}/${failing.body.id}/runs`, { body: {} });
    await followRun(deps, failed.body.id);
    const retried = await deed('POST /api/v1/runs/{id}/retry', `/api/v1/runs/${failed.body.id}/retry`, {});
    await followRun(deps, retried.body.id);
    // Without a worker a run waits, and can be cancelled.
    const quiet = await openEngine();
    const lonely = apiClient(
      appOver(quiet),
      (await createKey(quiet.database, { name: 'k', createdBy: 't', access: 'admin' })).key,
    );
    const waiting = await lonely.call(`POST ${c}`, { body: newConfig() });
    const queued = await lonely.call(`POST ${c}/${waiting.body.id}/runs`, { body: {} });
    const cancelled = await lonely.call(`POST /api/v1/runs/${queued.body.id}/cancel`, { body: {} });
    const [cancelling] = await entries(quiet.database, 'request_id = $1', [cancelled.headers.get('x-request-id')]);
    expect(cancelling).toMatchObject({ action: 'run.cancelled', before: { status: 'queued' } });
    seen.add('POST /api/v1/runs/{id}/cancel');

    const file = await api.call(`POST ${c}`, {
      body: { connector_id: 'file', name: 'Menu file', params: { name: 'menu' } },
    });
    const csv = 'kind,id,name,price\nproduct,1,Tea,2.50\n';
    const imported = await api.call(`POST ${c}/${file.body.id}/import?dry_run=false`, {
      raw: csv,
      headers: { 'content-type': 'text/csv' },
    });
    expect((await entriesOf(imported.headers.get('x-request-id'))).map(({ action }) => action)).toContain(
      'run.imported',
    );
    seen.add('POST /api/v1/configs/{id}/import');

    await deed('DELETE /api/v1/configs/{id}', `${c}/${id}`);
    await deed('POST /api/v1/sources/{id}/retire', `/api/v1/sources/${added.body.source_id}/retire`);
    const gone = await deed('DELETE /api/v1/sources/{id}', `/api/v1/sources/${added.body.source_id}`);
    expect(gone.entry?.before).toMatchObject({ connector_id: 'qu', items: { products: 30 } });
    await deed('DELETE /api/v1/sites/{id}', `/api/v1/sites/${site.body.id}`);
    await deed('DELETE /api/v1/companies/{id}', `/api/v1/companies/${company.body.id}`);
    await deed('DELETE /api/v1/concepts/{id}', `/api/v1/concepts/${concept.body.id}`);
    const key = await deed('POST /api/v1/keys', '/api/v1/keys', { name: 'till', access: 'read' });
    const next = await deed('POST /api/v1/keys/{id}/rotate', `/api/v1/keys/${key.body.id}/rotate`, {});
    await deed('DELETE /api/v1/keys/{id}', `/api/v1/keys/${next.body.id}`);
    const all = JSON.stringify(await entries(deps.database));
    for (const { key: text } of [key.body, next.body]) expect(all).not.toContain(text);

    const here = Object.keys(routeActions).filter((route) => route.includes('/api/v1/') && !isOfPeople(route));
    expect([...seen].sort()).toEqual(here.sort());
  });

  test('S44: the edge functions write the syncs and saves that somebody asks for', async () => {
    const config = (await api.call('POST /api/v1/configs', { body: newConfig() })).body;
    const authenticate = (candidate: string) => authenticateKey(deps.database, candidate);
    const functions = createFunctionsApp(deps, { adminKey: null, corsOrigins: [], authenticate });
    const key = await keyFor('sync', {}, 'edge caller');
    const call = (name: string, body: object) =>
      functions.fetch(
        new Request(`http://localhost/functions/v1/${name}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ config_id: config.id, ...body }),
        }),
      );
    const product = { id: '1', name: 'Tea', price: 2 };
    await call('save-integration-data', { formatted_data: { products: [product] } });
    await call('sync-orchestrator', {});
    await call('fetch-integration-data', {});
    const written = await entries(deps.database, `actor = 'key:edge caller' and action <> 'key.used'`);
    expect(written.map(({ action }) => action)).toEqual(['run.saved', 'run.requested']);
  });

  test('S44: the command writes who sat at the machine, for what it does by itself and for what it does to the database', async () => {
    const { url, database } = await freshDatabase();
    const key = randomBytes(32).toString('base64');
    const cli = openCli({
      DATABASE_URL: url,
      TILLSYNC_ENCRYPTION_KEY: key,
      TILLSYNC_ALLOW_PRIVATE_HOSTS: '1',
      TILLSYNC_LOG_LEVEL: 'error',
    });
    const params = ['brand=acme', 'establishment=7', `base_url=${pos.url}`].flatMap((pair) => ['--param', pair]);
    const did = async (words: string[], stdin = '') => {
      const { code, stderr } = await cli.run(words, stdin);
      expect(code, stderr).toBe(0);
    };
    await did(['concepts', 'add', 'Diners']);
    await did(['configs', 'add', '--connector', 'qu', '--name', 'Till', ...params, '--secret', 'api_key=-'], canary);
    await did(['configs', 'set', 'Till', '--every', '1h']);
    await did(['configs', 'pause', 'Till']);
    await did(['configs', 'resume', 'Till']);
    await did(['sync', 'Till']);
    await did(['hooks', 'add', 'square', '--secret', 'signature_key=-'], canary);
    await did(['keys', 'create', '--name', 'kiosk']);
    await did(['backup', '--out', join(cli.folder, 'copy')]);
    const exported = await cli.run(['audit', 'export', '--format', 'ndjson']);
    const listed = await cli.json<{ data: { action: string; actor: string }[] }>(['audit', 'list']);
    const actions = listed.answer.data.map(({ action }) => action).reverse();
    expect(actions).toEqual([
      'concept.added',
      'config.added',
      'config.changed',
      'config.paused',
      'config.resumed',
      'run.requested',
      'hook.added',
      'key.created',
      'backup.made',
      'audit.exported',
    ]);
    expect(
      exported.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).action)
        .reverse(),
    ).toEqual(actions);
    for (const { actor } of listed.answer.data) expect(actor).toMatch(/^cli:./);
    const { rows } = await database.query<{ text: string }>('select a::text as text from integration_audit_log a');
    for (const { text } of rows) expect(text).not.toContain(canary);
  }, 180_000);

  test('S44: before and after name the fields that changed, and of a secret only that it was set, changed or removed', async () => {
    const added = await api.call('POST /api/v1/configs', { body: newConfig({ secrets: { api_key: `${canary}-1` } }) });
    const path = `/api/v1/configs/${added.body.id}`;
    const change = async (body: object) => {
      const answer = await api.call(`PATCH ${path}`, { body, headers: { 'if-match': '*' } });
      return (await entriesOf(answer.headers.get('x-request-id')))[0];
    };
    const [first] = await entriesOf(added.headers.get('x-request-id'));
    expect(first?.after).toMatchObject({ secrets: { api_key: 'set' }, 'params.brand': 'acme' });
    expect(await change({ secrets: { api_key: `${canary}-2` } })).toMatchObject({
      before: {},
      after: { secrets: { api_key: 'changed' } },
    });
    expect(await change({ secrets: { api_key: null } })).toMatchObject({ after: { secrets: { api_key: 'removed' } } });
    expect(await change({ params: { currency: 'USD' }, guard: { removed_share: 0.3 } })).toMatchObject({
      before: { guard: {} },
      after: { 'params.currency': 'USD', guard: { removed_share: 0.3 } },
    });
    // A change that changes nothing is no entry.
    expect(await change({ params: { currency: 'USD' } })).toBeUndefined();
    expect(JSON.stringify(await entries(deps.database))).not.toContain(canary);
  });

  test('S44: a deed that fails leaves no entry, because both are one transaction', async () => {
    const first = (await api.call('POST /api/v1/configs', { body: newConfig() })).body;
    const second = await api.call('POST /api/v1/configs', { body: { ...newConfig(), params: first.params } });
    expect(second).toMatchObject({ status: 409, body: { code: 'source_has_active_config' } });
    expect(await entriesOf(second.headers.get('x-request-id'))).toEqual([]);
  });
});

describe('refusals and uses', () => {
  test('S44: a denied call is written with the route and what it would have taken, and a flood of them fills nothing', async () => {
    const reader = apiClient(app, await keyFor('read', {}, 'curious'));
    const denied = await reader.call('POST /api/v1/concepts', { body: { name: 'Mine' } });
    expect(denied.status).toBe(403);
    const [entry] = await entries(deps.database, `request_id = $1 and action = 'access.denied'`, [
      denied.headers.get('x-request-id'),
    ]);
    expect(entry).toMatchObject({
      actor: 'key:curious',
      subject_id: 'POST /api/v1/concepts',
      after: { permission: 'system', reason: 'access_denied' },
    });
    for (let n = 0; n < 20; n++) await reader.call('POST /api/v1/concepts', { body: { name: 'Mine' } });
    for (const route of ['keys', 'audit', 'audit/export']) await reader.call(`GET /api/v1/${route}`);
    const all = await entries(deps.database, `actor = 'key:curious' and action = 'access.denied'`);
    expect(all.map(({ subject_id }) => subject_id).sort()).toEqual([
      'GET /api/v1/audit',
      'GET /api/v1/audit/export',
      'GET /api/v1/keys',
      'POST /api/v1/concepts',
    ]);
  });

  test('S44: callers who prove nothing share ten refusals a minute, whatever they ask for', async () => {
    const stranger = apiClient(app, 'ts_wrong');
    const routes = declaredRoutes(app).filter(({ method }) => method === 'get');
    for (const { path } of routes) await stranger.call(`GET ${path.replaceAll(/\{\w+\}/g, 'x')}`);
    const refused = await entries(deps.database, `actor = 'anonymous'`);
    expect(routes.length).toBeGreaterThan(15);
    expect(refused).toHaveLength(10);
    expect(refused[0]).toMatchObject({ action: 'access.denied', after: { reason: 'api_key_invalid' } });
  });

  test('S44: the use of a key is written once a day for each address', async () => {
    const caller = apiClient(app, await keyFor('read', {}, 'busy'));
    for (let n = 0; n < 3; n++) await caller.call('GET /api/v1/concepts');
    // Another process has not seen it, and asks the table.
    const other = apiClient(
      appOver({ ...deps, database: await openAgain(deps.url) }),
      await keyFor('read', {}, 'other'),
    );
    await other.call('GET /api/v1/concepts');
    const used = await entries(deps.database, `action = 'key.used' and actor in ('key:busy', 'key:other')`);
    expect(used.map(({ actor }) => actor)).toEqual(['key:busy', 'key:other']);
  });
});

describe('what stands there', () => {
  test('S44: neither the owner, nor the app role, nor the worker role changes or deletes an entry', async () => {
    const { database, url } = await freshDatabase();
    await appendAudit(database, { action: 'site.added', actor: 'cli:ada', subject: { type: 'site', id: '1' } });
    const admin = await openAgain(superuserUrlOf(url), { max: 1 });
    const statements = [
      `update integration_audit_log set actor = 'cli:eve'`,
      'delete from integration_audit_log',
      `with d as (delete from integration_audit_log returning 1) select * from d`,
      'truncate integration_audit_log',
      `select set_config('tillsync.audit_retention', 'on', true); delete from integration_audit_log`,
    ];
    for (const role of ['tillsync_app', 'tillsync_worker']) {
      for (const statement of statements) {
        const tried = admin.transaction(async (q) => {
          await q.query(`select set_config('role', $1, true), set_config('tillsync.claims', '{"all": true}', true)`, [
            role,
          ]);
          for (const one of statement.split('; ')) await q.query(one);
        });
        await expect(tried, `${role}: ${statement}`).rejects.toThrow();
      }
    }
    for (const statement of statements.slice(0, 4)) {
      await expect(database.query(statement), statement).rejects.toThrow('may not do this');
    }
    expect((await entries(database)).map(({ actor }) => actor)).toEqual(['cli:ada']);
  });

  test('S44, S56: retention takes what is older than the setting and says so, and nothing that is younger than 30 days', async () => {
    const old = await openEngine();
    const at = (days: number) =>
      old.database.query(
        `insert into integration_audit_log (actor, action, at) values ('cli:ada', $1, now() - make_interval(days => $2))`,
        [`old.${days}`, days],
      );
    for (const days of [401, 399, 31, 1]) await at(days);
    const pass = async (auditDays: number) => {
      const kept = { ...old, keep: { ...old.keep, auditDays } };
      return (await applyRetention(kept)).audit_entries;
    };
    expect(await pass(0)).toBe(0);
    expect(await pass(400)).toBe(1);
    const actions = async () => (await entries(old.database)).map(({ action }) => action).sort();
    expect(await actions()).toEqual(['audit.purged', 'old.1', 'old.31', 'old.399']);
    const [purged] = await entries(old.database, `action = 'audit.purged'`);
    expect(purged).toMatchObject({ actor: 'tillsync', after: { entries: 1, days: 400 } });
    // Nobody who took over the process makes last week forgotten.
    await expect(old.database.query('select tillsync_delete_old_audit(7, 100)')).rejects.toThrow('30 days at least');
    expect(await pass(30)).toBe(2);
    expect(await actions()).toEqual(['audit.purged', 'audit.purged', 'old.1']);
  });
});

describe('who reads it', () => {
  test('S44: an administrator of a place sees its entries and those below, and nobody else any', async () => {
    const mine = (await api.call('POST /api/v1/concepts', { body: { name: 'Mine' } })).body;
    const theirs = (await api.call('POST /api/v1/concepts', { body: { name: 'Theirs' } })).body;
    const company = await api.call('POST /api/v1/companies', { body: { name: 'Mine too', concept_id: mine.id } });
    const site = await api.call('POST /api/v1/sites', { body: { name: 'Mine as well', company_id: company.body.id } });
    const config = await api.call('POST /api/v1/configs', { body: newConfig({ site_id: site.body.id }) });
    await api.call('POST /api/v1/companies', { body: { name: 'Not mine', concept_id: theirs.id } });
    const owner = apiClient(app, await keyFor('admin', { level: 'concept', levelId: String(mine.id) }, 'owner'));
    const { body } = await owner.call('GET /api/v1/audit');
    const names = body.data.map((entry: Entry) => `${entry.action} ${entry.subject_name}`).sort();
    expect(names).toEqual([
      'company.added Mine too',
      'concept.added Mine',
      `config.added ${config.body.name}`,
      'key.used owner',
      'site.added Mine as well',
    ]);
    for (const access of ['read', 'sync'] as const) {
      const lesser = apiClient(app, await keyFor(access));
      expect((await lesser.call('GET /api/v1/audit')).status).toBe(403);
    }
  });

  test('S44: entries are found by actor, action, subject and time, page by page, each once', async () => {
    const page = async (query: string) => (await api.call(`GET /api/v1/audit?${query}`)).body;
    const all = await page('limit=1000');
    const walked: string[] = [];
    for (let cursor = ''; ; ) {
      const { data, next } = await page(`limit=7${cursor}`);
      walked.push(...data.map(({ id }: { id: string }) => id));
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
    expect(walked).toEqual(all.data.map(({ id }: { id: string }) => id));
    const configs = await page('action=config&limit=1000');
    expect(new Set(configs.data.map((entry: Entry) => entry.action.split('.')[0]))).toEqual(new Set(['config']));
    const one = configs.data[0];
    expect((await page(`subject=${one.subject_id}`)).data).toContainEqual(one);
    expect((await page('actor=cli:nobody')).data).toEqual([]);
    expect((await page('from=2999-01-01')).data).toEqual([]);
    expect((await page('to=2999-01-01&limit=1000')).data).toHaveLength(all.data.length);
    expect((await api.call("GET /api/v1/audit?action=config'--")).status).toBe(400);
  });

  test('S03: a cell of an exported file that a spreadsheet would take for a formula is text', () => {
    const evil = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '\0x', '=HYPERLINK("http://x","y")'];
    for (const cell of evil) expect(csvRow([cell]).replace(/^"/, '')[0], JSON.stringify(cell)).toBe("'");
    expect(csvRow(['a', 1, null, 'b,c', 'd"e', 'f\ng', 'a=b'])).toBe('a,1,,"b,c","d""e","f\ng",a=b\r\n');
  });

  test('S03, S44: the export is a file of what one may see, an entry itself, and no formula', async () => {
    const name = '=cmd|calc!A1';
    const concept = (await api.call('POST /api/v1/concepts', { body: { name } })).body;
    const key = await keyFor('admin', { level: 'concept', levelId: String(concept.id) }, '@exporter');
    const get = (query: string) =>
      app.fetch(
        new Request(`http://localhost/api/v1/audit/export${query}`, { headers: { authorization: `Bearer ${key}` } }),
      );
    const csv = await get('?format=csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.headers.get('content-disposition')).toMatch(/^attachment; filename="tillsync-audit-.+\.csv"$/);
    expect(csv.headers.get('cache-control')).toContain('no-store');
    const text = await csv.text();
    expect(text).toContain(`,'${name},`);
    expect(
      text
        .split('\r\n')
        .slice(1)
        .filter((line) => /(^|,)"?[=+@-]/.test(line)),
    ).toEqual([]);
    expect(text).not.toContain('Theirs');
    const lines = (await (await get('?format=ndjson&action=concept')).text()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).subject_name)).toEqual([name]);
    const exported = await entries(deps.database, `actor = 'key:@exporter' and action = 'audit.exported'`);
    expect(exported.map(({ after }) => after)).toEqual([{ format: 'csv' }, { format: 'ndjson', action: 'concept' }]);
  });

  test('a long log is exported in pieces, newest first and each entry once', async () => {
    const { database } = await freshDatabase();
    await database.query(
      `insert into integration_audit_log (actor, action, at)
       select 'cli:ada', 'n.' || n, now() - interval '1 hour' + make_interval(secs => n) from generate_series(1, 2500) n`,
    );
    let pieces = 0;
    let text = '';
    const file = await exportAudit(
      { database },
      { filter: { action: 'n' }, format: 'ndjson', scope: everywhere, actor: 'cli:ada' },
    );
    for await (const piece of file) {
      pieces++;
      text += piece;
    }
    expect(pieces).toBe(3);
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => Number(JSON.parse(line).action.slice(2))),
    ).toEqual(Array.from({ length: 2500 }, (_, n) => 2500 - n));
  });
});
