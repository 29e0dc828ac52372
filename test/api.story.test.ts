// /api/v1 from Request to Response: what the document says is what is answered, and what is refused says why.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticateKey } from '../src/access/authenticate-key.ts';
import { createKey } from '../src/access/create-key.ts';
import type { ApiApp, ApiOptions } from '../src/api/v1/api-given.ts';
import { createV1App } from '../src/api/v1/create-v1-app.ts';
import { describeRoutes } from '../src/api/v1/docs/describe-routes.ts';
import { openApiDocument } from '../src/api/v1/openapi-document.ts';
import { runSchema } from '../src/api/v1/schemas/run-schema.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { writeCursor } from '../src/records/cursor.ts';
import type { Run } from '../src/records/runs/run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { followRun } from '../src/sync/follow-run.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { type ApiClient, apiClient, declaredRoutes, peoplePaths } from './support/api-client.ts';
import { brokenDatabase } from './support/broken-database.ts';
import { openEngine, syncNow } from './support/engine.ts';
import { openWorker } from './support/open-worker.ts';

let deps: Deps & { url: string };
let pos: FakeQu;
let key: string;
let app: ApiApp;
let api: ApiClient;

function appWith(options: Partial<ApiOptions> = {}): ApiApp {
  return createV1App(deps, {
    adminKey: null,
    corsOrigins: ['https://admin.example'],
    authenticate: (candidate) => authenticateKey(deps.database, candidate),
    ...options,
  });
}

beforeAll(async () => {
  deps = await openEngine();
  await openWorker(deps);
  pos = await startFakeQu({ products: 30, modifiers: 40, discounts: 5, repeated: 3 });
  key = (await createKey(deps.database, { name: 'kiosk', createdBy: 'test', access: 'admin' })).key;
  app = appWith();
  api = apiClient(app, key);
});
afterAll(() => pos.stop());

const nobody = '00000000-0000-0000-0000-000000000000';
let establishment = 100;
function newConfig(name = 'QU POS') {
  establishment++;
  const params = { brand: 'acme', establishment: String(establishment), base_url: pos.url };
  return { connector_id: 'qu', name, params };
}

/** The run at its end. */
function ended(id: string): Promise<Run> {
  return followRun(deps, id);
}

describe('a config and its runs', () => {
  test('from adding a config to its items: every answer is what the document declares', async () => {
    const added = await api.call('POST /api/v1/configs', { body: newConfig() });
    expect(added).toMatchObject({ status: 201, body: { missing: [] } });
    const { id, source_id: sourceId } = added.body;
    expect(added.headers.get('location')).toBe(`/api/v1/configs/${id}`);
    const started = await api.call(`POST /api/v1/configs/${id}/runs`);
    expect(started).toMatchObject({ status: 202, body: { already_active: false, trigger: 'api', config_id: id } });
    expect(started.headers.get('location')).toBe(`/api/v1/runs/${started.body.id}`);
    const runId = started.body.id;
    await ended(runId);
    const run = await api.call(`GET /api/v1/runs/${runId}`);
    expect(run.body).toMatchObject({
      status: 'success',
      requested_by: 'key:kiosk',
      counts: { products: { created: 30 } },
    });
    const shown = await api.call(`GET /api/v1/configs/${id}`);
    expect(shown.body).toMatchObject({ id, source_id: sourceId, missing: [], merged_params: { brand: 'acme' } });
    expect(shown.headers.get('etag')).toMatch(/^"\d+"$/);
    for (const path of [
      `configs?name=QU%20POS&source_id=${sourceId}`,
      `runs?config_id=${id}&source_id=${sourceId}&status=success`,
      'holds',
      'sources',
      `sources/${sourceId}`,
      `sources/${sourceId}/lint`,
      'connectors',
      'connectors/qu',
      'concepts',
      'companies?concept_id=1',
      'sites?company_id=1',
      `runs/${runId}/changes`,
      `runs/${runId}/rejects`,
      `runs/${runId}/duplicates`,
      `runs/${runId}/log`,
      `runs/${runId}/payloads`,
      `runs/${runId}/settings`,
      `runs/${runId}/around`,
      `sources/${sourceId}/modifiers`,
      'adoption',
      `runs?trigger=api&since=2026-01-01T00:00:00Z&until=2126-01-01T00:00:00Z`,
      `items?source_id=${sourceId}&kind=products&removed=all&limit=1`,
    ]) {
      expect((await api.call(`GET /api/v1/${path}`)).status, path).toBe(200);
    }
    const [item] = (await api.call(`GET /api/v1/items?source_id=${sourceId}&kind=products&limit=1`)).body.data;
    const named = `items/${encodeURIComponent(item.external_id)}`;
    const which = `source_id=${sourceId}&kind=products`;
    expect((await api.call(`GET /api/v1/${named}?${which}`)).body).toMatchObject({
      id: item.id,
      data: expect.anything(),
    });
    expect((await api.call(`GET /api/v1/${named}/history?${which}`)).body.data[0].events).toHaveLength(1);
    const found = await api.call(`GET /api/v1/items?search=${encodeURIComponent(item.name.toUpperCase())}`);
    expect(found.body.data.map((one: { id: string }) => one.id)).toContain(item.id);
  });

  test('the connection of a config, and of settings that no config holds, is tested step by step', async () => {
    const { body: config } = await api.call('POST /api/v1/configs', { body: newConfig('tested') });
    const tested = await api.call(`POST /api/v1/configs/${config.id}/test`);
    expect(tested).toMatchObject({ status: 200, body: { ok: true, saved: false, items: { length: 3 } } });
    const { params } = newConfig();
    const settings = await api.call('POST /api/v1/connectors/qu/test', { body: { params } });
    expect(settings.body.steps).toEqual(tested.body.steps);
    const wrong = await api.call('POST /api/v1/connectors/qu/test', { body: { params: { ...params, auth: 'basic' } } });
    expect(wrong).toMatchObject({
      status: 200,
      body: { ok: false, steps: [{ step: 'settings', ok: false }, {}, {}, {}, {}, {}] },
    });
  });

  test('a run is done over: tried again where it failed, or replayed; while one is active, that is answered', async () => {
    const { body: config } = await api.call('POST /api/v1/configs', { body: newConfig('redone') });
    pos.answer('html', 1);
    const failed = await ended((await api.call(`POST /api/v1/configs/${config.id}/runs`)).body.id);
    const retried = await api.call(`POST /api/v1/runs/${failed.id}/retry`);
    expect(retried).toMatchObject({ status: 202, body: { trigger: 'retry', retry_of_run_id: failed.id } });
    expect((await ended(retried.body.id)).status).toBe('success');
    const replay = `POST /api/v1/runs/${retried.body.id}/replay`;
    const replayed = await api.call(replay, { body: { dry_run: true } });
    expect(replayed).toMatchObject({ status: 202, body: { trigger: 'replay', dry_run: true } });
    expect((await ended(replayed.body.id)).status).toBe('planned');
    expect(await api.call(`POST /api/v1/runs/${retried.body.id}/retry`)).toMatchObject({ status: 409 });
    const { run } = await requestSync(deps, { configId: config.id, trigger: 'cli', requestedBy: 'test' });
    for (const ask of [`POST /api/v1/runs/${failed.id}/retry`, replay]) {
      expect(await api.call(ask)).toMatchObject({ status: 200, body: { id: run.id, already_active: true } });
    }
    await runSync(deps, run.id);
  });

  test('a file is uploaded as it is, and its columns are remembered', async () => {
    const { body: config } = await api.call('POST /api/v1/configs', {
      body: { connector_id: 'file', name: 'Upload', params: { name: 'Upload', decimal: ',' } },
    });
    const raw = 'SKU;Preis\nA;1,50\nB;x\n';
    const imported = await api.call(`POST /api/v1/configs/${config.id}/import?mode=full`, {
      raw,
      headers: { 'content-type': 'text/csv', 'idempotency-key': 'not of this file' },
    });
    expect(imported).toMatchObject({
      status: 200,
      body: { status: 'partial', mode: 'full', counts: { products: { created: 1, rejected: 1 } } },
    });
    const { body: shown } = await api.call(`GET /api/v1/configs/${config.id}`);
    expect(shown.params.columns).toEqual({ external_id: 'SKU', price: 'Preis' });
    const renamed = await api.call(`POST /api/v1/configs/${config.id}/import`, { raw: 'SKU;Price\nA;1,50\n' });
    expect(renamed).toMatchObject({ status: 422, body: { code: 'file_columns_missing' } });
    const qu = await api.call('POST /api/v1/configs', { body: newConfig('no files') });
    const refused = await api.call(`POST /api/v1/configs/${qu.body.id}/import`, { raw });
    expect(refused).toMatchObject({ status: 400, body: { code: 'file_not_taken' } });
  });

  test('levels are added and removed, configs explained, tried and removed, sources retired and deleted', async () => {
    const { body: concept } = await api.call('POST /api/v1/concepts', { body: { name: 'Acme' } });
    const { body: company } = await api.call('POST /api/v1/companies', { body: { name: 'A', concept_id: concept.id } });
    const { body: site } = await api.call('POST /api/v1/sites', { body: { name: 'S', company_id: company.id } });
    expect(await api.call(`DELETE /api/v1/companies/${company.id}`)).toMatchObject({
      status: 409,
      body: { code: 'hierarchy_in_use' },
    });
    const { body: config } = await api.call('POST /api/v1/configs', {
      body: { ...newConfig('levels'), site_id: site.id },
    });
    expect((await api.call(`GET /api/v1/configs/${config.id}/explain`)).body).toMatchObject({ name: 'levels' });
    const tried = await api.call(`POST /api/v1/configs/${config.id}/what-if`, { body: { params: { brand: 'b' } } });
    expect(tried.body.effects).toMatchObject([{ changes_identity: true }]);
    const times = await api.call(
      `GET /api/v1/configs/${config.id}/next-times?cron=0%204%20*%20*%20*&time_zone=Europe/Berlin`,
    );
    expect(times.body).toMatchObject({ time_zone: 'Europe/Berlin', times: expect.any(Array) });
    const [listed, imported] = [
      await api.call(`POST /api/v1/configs/${config.id}/list-places`),
      await api.call(`POST /api/v1/configs/${config.id}/import-sites`, { body: { location_ids: [] } }),
    ];
    expect([listed.body.data.length, imported.body.data]).toEqual([2, []]);
    for (const path of [`sites/${site.id}`, `companies/${company.id}`, `concepts/${concept.id}`]) {
      const renamed = await api.call(`PATCH /api/v1/${path}`, { body: { name: 'Renamed' } });
      expect(renamed.body.name, path).toBe('Renamed');
    }
    expect(await api.call(`POST /api/v1/sources/${config.source_id}/retire`)).toMatchObject({ status: 409 });
    await api.call(`DELETE /api/v1/configs/${config.id}`);
    expect((await api.call(`POST /api/v1/sources/${config.source_id}/retire`)).status).toBe(200);
    expect((await api.call(`DELETE /api/v1/sources/${config.source_id}`)).status).toBe(200);
    for (const path of [`sites/${site.id}`, `companies/${company.id}`, `concepts/${concept.id}`]) {
      expect((await api.call(`DELETE /api/v1/${path}`)).status, path).toBe(200);
      expect((await api.call(`DELETE /api/v1/${path}`)).status, path).toBe(404);
    }
  });

  test('lists go on where a page ended, and every row comes once', async () => {
    const sourceId = (await api.call('GET /api/v1/sources')).body.data[0].id;
    for (const list of [`items?source_id=${sourceId}&`, 'configs?', 'runs?', 'sources?']) {
      const all = (await api.call(`GET /api/v1/${list}limit=1000`)).body.data;
      const met: unknown[] = [];
      let next: string | null = '';
      while (next !== null) {
        const page = await api.call(`GET /api/v1/${list}limit=7${next === '' ? '' : `&cursor=${next}`}`);
        met.push(...page.body.data);
        next = page.body.next;
      }
      expect(met, list).toEqual(all);
    }
  });

  test('while a run of the source is active, it is answered and nothing is started', async () => {
    const { body: config } = await api.call('POST /api/v1/configs', { body: newConfig('busy') });
    const { run } = await requestSync(deps, { configId: config.id, trigger: 'cli', requestedBy: 'test' });
    const answer = await api.call(`POST /api/v1/configs/${config.id}/runs`, { body: { full: true } });
    expect(answer).toMatchObject({ status: 200, body: { id: run.id, already_active: true, trigger: 'cli' } });
    expect(answer.headers.get('location')).toBe(`/api/v1/runs/${run.id}`);
    await runSync(deps, run.id);
  });

  test('a dry run is approved with the number of its changes, any other number is refused, and it can be discarded', async () => {
    const { body: config } = await api.call('POST /api/v1/configs', { body: newConfig('planned') });
    const planOf = async () => {
      const { body } = await api.call(`POST /api/v1/configs/${config.id}/runs`, { body: { dry_run: true } });
      return await ended(body.id);
    };
    const plan = await planOf();
    expect(plan.status).toBe('planned');
    const refused = await api.call(`POST /api/v1/runs/${plan.id}/approve`, { body: { confirm: 7 } });
    expect(refused).toMatchObject({ status: 409, body: { code: 'confirm_mismatch', run_id: plan.id } });
    expect(refused.body.detail).toContain('makes 75 changes (0 of them removals), not 7');
    expect((await ended(plan.id)).hold?.resolution ?? null).toBeNull();
    const applied = await api.call(`POST /api/v1/runs/${plan.id}/approve`, { body: { confirm: 75 } });
    expect(applied).toMatchObject({ status: 202, body: { applies_run_id: plan.id, trigger: 'approve' } });
    expect((await ended(applied.body.id)).status).toBe('success');
    const again = await api.call(`POST /api/v1/runs/${plan.id}/approve`);
    expect(again).toMatchObject({ status: 409, body: { code: 'plan_stale' } });
    const other = await planOf();
    expect((await api.call(`POST /api/v1/runs/${other.id}/discard`)).body.hold.resolution).toBe('discarded');
  });

  test('a company is synced as one parent whose children are listed, and cancelled with them', async () => {
    const { body: config } = await api.call('POST /api/v1/configs', { body: newConfig('of a company') });
    await deps.database.query('update integration_source_configs set company_id = 71 where id = $1', [config.id]);
    const { status, headers, body: parent } = await api.call('POST /api/v1/companies/71/runs');
    expect([status, headers.get('location')]).toEqual([202, `/api/v1/runs/${parent.id}`]);
    expect(parent).toMatchObject({ is_parent: true, source_name: 'company 71', trigger: 'api' });
    const children = await api.call(`GET /api/v1/runs?parent_id=${parent.id}`);
    expect(children.body.data).toMatchObject([{ config_id: config.id, parent_id: parent.id }]);
    await api.call(`POST /api/v1/runs/${parent.id}/cancel`);
    expect(await api.call('POST /api/v1/concepts/72/runs')).toMatchObject({
      status: 422,
      body: { code: 'nothing_below' },
    });
  });

  test('a run that waits is cancelled at once, and one that is over is not (409)', async () => {
    const { body: config } = await api.call('POST /api/v1/configs', { body: newConfig('cancelled') });
    const { run } = await requestSync(deps, { configId: config.id, trigger: 'cli', requestedBy: 'test' });
    expect((await api.call(`POST /api/v1/runs/${run.id}/cancel`)).body).toMatchObject({
      id: run.id,
      status: 'cancelled',
    });
    expect(await api.call(`POST /api/v1/runs/${run.id}/cancel`)).toMatchObject({
      status: 409,
      body: { code: 'run_over' },
    });
  });

  test('a held run is in the list of holds until somebody decides', async () => {
    const { body: config } = await api.call('POST /api/v1/configs', { body: newConfig('held') });
    await syncNow(deps, config.id);
    pos.answer('empty', 1);
    const held = await syncNow(deps, config.id);
    const path = `GET /api/v1/holds?source_id=${config.source_id}`;
    expect((await api.call(path)).body.data.map((run: Run) => run.id)).toEqual([held.id]);
    await api.call(`POST /api/v1/runs/${held.id}/discard`);
    expect((await api.call(path)).body.data).toEqual([]);
  });

  test('the runs of a day are counted by the hour, with what the saved ones changed', async () => {
    const since = new Date(Date.now() - 23.5 * 3_600_000).toISOString();
    const hours = async () => {
      const { data } = (await api.call(`GET /api/v1/run-hours?since=${since}`)).body;
      expect(data).toHaveLength(24);
      expect(data[0].from).toBe(since);
      return data.at(-1);
    };
    const before = await hours();
    const { body: config } = await api.call('POST /api/v1/configs', { body: newConfig('counted') });
    const first = await syncNow(deps, config.id);
    await syncNow(deps, config.id);
    pos.answer('empty', 1);
    await syncNow(deps, config.id);
    const { runs, changes } = await hours();
    expect(runs.success - (before.runs.success ?? 0)).toBe(2);
    expect(runs.held - (before.runs.held ?? 0)).toBe(1);
    expect(changes - before.changes).toBe(first.items_synced);
    expect((await api.call('GET /api/v1/run-hours?since=2026-11-22T08:00:00Z&hours=169')).status).toBe(400);
  });
});

describe('changing a config', () => {
  test('needs the state that was read: 428 without, 412 with an old one, and long ids keep their digits', async () => {
    const { body: config, headers } = await api.call('POST /api/v1/configs', { body: newConfig('tagged') });
    const path = `PATCH /api/v1/configs/${config.id}`;
    const body = { name: 'renamed' };
    expect(await api.call(path, { body })).toMatchObject({ status: 428, body: { code: 'if_match_missing' } });
    const tag = headers.get('etag') ?? '';
    const changed = await api.call(path, { body, headers: { 'if-match': tag } });
    expect(changed).toMatchObject({ status: 200, body: { name: 'renamed' } });
    const late = await api.call(path, { body: { name: 'late' }, headers: { 'if-match': tag } });
    expect(late).toMatchObject({ status: 412, body: { code: 'config_version_stale' } });
    const raw = '{"params": {"brand": 12345678901234567890}, "identity_change": "new_source"}';
    expect((await api.call(path, { raw, headers: { 'if-match': '*' } })).status).toBe(200);
    const { rows } = await deps.database.query<{ brand: string }>(
      "select config_params ->> 'brand' as brand from integration_source_configs where id = $1",
      [config.id],
    );
    expect(rows[0]?.brand).toBe('12345678901234567890');
  });

  test('sets its schedule, takes it away, pauses and resumes it', async () => {
    const { body: config } = await api.call('POST /api/v1/configs', {
      body: { ...newConfig('scheduled'), schedule: { cron: '30 4 * * *', time_zone: 'Europe/Berlin' } },
    });
    expect(config.schedule).toMatchObject({ cron: '30 4 * * *', time_zone: 'Europe/Berlin', late: false });
    const path = `/api/v1/configs/${config.id}`;
    const set = async (schedule: unknown) =>
      (await api.call(`PATCH ${path}`, { body: { schedule }, headers: { 'if-match': '*' } })).body.schedule;
    expect(await set({ every_minutes: 15 })).toMatchObject({ every_minutes: 15, cron: null, paused_at: null });
    const paused = await api.call(`POST ${path}/pause`, { body: { reason: 'holiday' } });
    expect(paused.body.schedule).toMatchObject({ paused_reason: 'holiday', next_due_at: null });
    const resumed = await api.call(`POST ${path}/resume`);
    expect(resumed.body.schedule).toMatchObject({ paused_at: null, next_due_at: expect.any(String) });
    expect(await set(null)).toMatchObject({ every_minutes: null, next_due_at: null });
  });
});

describe('a request under an Idempotency-Key', () => {
  const post = (key: string, body: unknown, client = api) =>
    client.call('POST /api/v1/configs', { body, headers: { 'idempotency-key': key } });

  test('is done once and answered the same, until another body comes (422); other callers have keys of their own', async () => {
    const body = newConfig('once');
    const first = await post('k-1', body);
    const second = await post('k-1', body);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect((await api.call('GET /api/v1/configs?name=once')).body.data).toHaveLength(1);
    expect(await post('k-1', newConfig('twice'))).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    const other = (await createKey(deps.database, { name: 'other', createdBy: 'test', access: 'admin' })).key;
    expect((await post('k-1', newConfig('others'), apiClient(app, other))).status).toBe(201);
    expect((await post('a b', newConfig())).body.code).toBe('idempotency_key_invalid');
  });

  test('that was refused may be made again, and of many at once exactly one is done', async () => {
    expect((await post('k-2', { ...newConfig(), name: '' })).status).toBe(400);
    const body = newConfig('raced');
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('k-2', body)));
    expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([]);
    expect((await api.call('GET /api/v1/configs?name=raced')).body.data).toHaveLength(1);
    expect((await post('k-2', body)).status).toBe(201);
  });

  test('whose process died is in flight for a minute, and then done anew; an answer is forgotten after a day', async () => {
    const body = newConfig('died');
    const died = "update integration_idempotency_keys set answer = null, claimed_at = now() - interval '59 s'";
    await post('k-3', body);
    await deps.database.query(died);
    const waiting = await post('k-3', body);
    expect(waiting).toMatchObject({ status: 409, body: { code: 'request_in_flight' } });
    expect(waiting.headers.get('retry-after')).toBe('2');
    await deps.database.query("update integration_idempotency_keys set claimed_at = claimed_at - interval '2 s'");
    expect((await post('k-3', body)).body.code).toBe('source_has_active_config');
    const path = `POST /api/v1/configs/${(await api.call('GET /api/v1/configs?name=died')).body.data[0].id}/runs`;
    const run = await api.call(path, { headers: { 'idempotency-key': 'k-4' } });
    await ended(run.body.id);
    const old = "update integration_idempotency_keys set claimed_at = now() - interval '24 h 1 s'";
    expect((await api.call(path, { headers: { 'idempotency-key': 'k-4' } })).body).toEqual(run.body);
    await deps.database.query(old);
    const later = await api.call(path, { headers: { 'idempotency-key': 'k-4' } });
    expect(later.body.id).not.toBe(run.body.id);
    await ended(later.body.id);
    expect((await deps.database.query('select from integration_idempotency_keys')).rowCount).toBe(1);
  });
});

describe('the events of a run', () => {
  const open = (of: ApiApp, id: string, headers: Record<string, string> = {}) =>
    of.request(`/api/v1/runs/${id}/events`, { headers: { authorization: `Bearer ${key}`, ...headers } });
  const queuedRun = async (name: string) => {
    const { body } = await api.call('POST /api/v1/configs', { body: newConfig(name) });
    return (await requestSync(deps, { configId: body.id, trigger: 'api', requestedBy: 'test' })).run;
  };
  const eventsIn = (text: string) =>
    [...text.matchAll(/^id: (\S+)\nevent: run\ndata: (.+)\n\n/gm)].map(([, id = '', data = '']) => ({
      id,
      run: runSchema.parse(JSON.parse(data)),
    }));

  test('begin with the run as it is, end with its end, and go on after the last one that came', async () => {
    const run = await queuedRun('streamed');
    const response = await open(app, run.id);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let text = '';
    let working: Promise<unknown> | undefined;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value);
      if (eventsIn(text).length > 0) working ??= runSync(deps, run.id);
    }
    await working;
    const events = eventsIn(text);
    expect(events.map((event) => event.run.status)).toEqual(expect.arrayContaining(['queued', 'success']));
    expect(events.at(-1)?.run.status).toBe('success');
    const resumed = await (await open(app, run.id, { 'last-event-id': events.at(-1)?.id ?? '' })).text();
    expect(eventsIn(resumed)).toEqual([]);
    expect(eventsIn(await (await open(app, run.id, { 'last-event-id': events[0]?.id ?? '' })).text())).toHaveLength(1);
  });

  test('are given to so many at once only, and end when the server stops', async () => {
    const stop = new AbortController();
    const small = appWith({ maxStreams: 1, stopping: stop.signal });
    const run = await queuedRun('watched');
    const first = await open(small, run.id);
    const refused = await apiClient(small, key).call(`GET /api/v1/runs/${run.id}/events`);
    expect(refused).toMatchObject({ status: 503, body: { code: 'streams_exhausted' } });
    expect(refused.headers.get('retry-after')).toBe('5');
    await first.body?.cancel();
    const second = await open(small, run.id);
    stop.abort();
    expect(eventsIn(await second.text())).toHaveLength(1);
  });
});

describe('what is refused', () => {
  test('says so as a problem: no key, no such thing, no such address, wrong method, wrong fields, no JSON, too much', async () => {
    const stranger = apiClient(app, 'ts_nobody');
    const withoutKey = await stranger.call('GET /api/v1/runs');
    expect(withoutKey).toMatchObject({ status: 401, body: { code: 'api_key_invalid', step: 'auth' } });
    expect(withoutKey.headers.get('www-authenticate')).toBe('Bearer');
    expect((await stranger.call('GET /api/v1/nowhere')).status).toBe(401);
    for (const path of [
      ...[`runs/${nobody}`, 'runs/x', `runs/${nobody}/changes`, `runs/${nobody}/events`, `configs/${nobody}`],
      ...[
        'configs/x',
        `sources/${nobody}`,
        `sources/${nobody}/lint`,
        'connectors/x',
        'items/x',
        'items/x/history',
        'nowhere',
      ],
    ]) {
      expect((await api.call(`GET /api/v1/${path}`)).status, path).toBe(404);
    }
    for (const path of [
      ...[`configs/${nobody}/runs`, `configs/${nobody}/test`],
      ...['approve', 'discard', 'retry', 'replay'].map((verb) => `runs/${nobody}/${verb}`),
    ]) {
      expect((await api.call(`POST /api/v1/${path}`)).status, path).toBe(404);
    }
    const wrongMethod = await api.call('PUT /api/v1/runs');
    expect(wrongMethod).toMatchObject({ status: 405, body: { code: 'route_unknown' } });
    expect(wrongMethod.headers.get('allow')).toBe('GET');
    const fields = async (path: string, body?: unknown) => {
      const answer = await api.call(path, body === undefined ? {} : { body });
      expect(answer).toMatchObject({ status: 400, body: { code: 'request_invalid' } });
      return answer.body.errors.map((error: { field: string }) => error.field).sort();
    };
    expect(await fields('GET /api/v1/runs?limit=0&statuss=held&config_id=x')).toEqual([
      'query.config_id',
      'query.limit',
      'query.statuss',
    ]);
    expect(await fields('GET /api/v1/connectors?x=1')).toEqual(['query.x']);
    expect(await fields('POST /api/v1/configs', { name: 5, connector_id: 'qu', extra: 1 })).toEqual([
      'body.extra',
      'body.name',
    ]);
    const post = (raw: string, headers: Record<string, string> = {}) =>
      api.call('POST /api/v1/configs', { raw, headers }).then((answer) => answer.status);
    expect(await post('name=x', { 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
    expect(await post('{"name":')).toBe(400);
    expect(await post('')).toBe(400);
    expect(await post(JSON.stringify({ name: 'x'.repeat(1_100_000) }))).toBe(413);
    expect(await api.call('GET /api/v1/runs?cursor=nonsense')).toMatchObject({ body: { code: 'cursor_invalid' } });
  });

  test('is refused by the route, never by a failure: odd values in every place that the document names', async () => {
    const odd = ['\u0000', 'x', '1e300', '', writeCursor(['x', 'y']), writeCursor([1e300])];
    odd.push(writeCursor(['9999999-01-01', nobody]), writeCursor(['products', nobody, '\u0000', 1, 'w']));
    const failed: string[] = [];
    // A stream goes on for as long as somebody reads (test/http/events.story.test.ts).
    const routes = describeRoutes(openApiDocument(app)).filter(({ path }) => path !== '/api/v1/events');
    for (const { method, path, fields } of routes) {
      const address = path.replace(/\{\w+\}/g, nobody);
      const inQuery = fields.filter(({ place, name }) => place === 'query' && name !== 'limit').map(({ name }) => name);
      const asked = odd.map(encodeURIComponent).flatMap((value) => {
        const inPath = path.replace(/\{\w+\}/g, value === '' ? 'x' : value);
        const body = method === 'GET' ? {} : { raw: `{"name": "${value}", "connector_id": "qu", "site_id": 1e300}` };
        return [inPath, ...inQuery.map((name) => `${address}?${name}=${value}`)].map(async (to) => {
          const answer = await api.call(`${method} ${to}`, { ...body, headers: { 'if-match': '*' } });
          if (answer.status >= 500) failed.push(`${method} ${to}`);
        });
      });
      await Promise.all(asked);
    }
    expect(failed).toEqual([]);
  });

  test('a page of an allowed origin may call and read the ETag; any other gets no permission', async () => {
    const ask = async (origin: string, method: string) =>
      (await app.request('/api/v1/runs', { method, headers: { origin, authorization: `Bearer ${key}` } })).headers;
    const preflight = await ask('https://admin.example', 'OPTIONS');
    expect(preflight.get('access-control-allow-headers')).toContain('if-match');
    const allowed = await ask('https://admin.example', 'GET');
    expect(allowed.get('access-control-allow-origin')).toBe('https://admin.example');
    expect(allowed.get('access-control-expose-headers')).toContain('ETag');
    for (const method of ['OPTIONS', 'GET']) {
      expect((await ask('https://evil.example', method)).get('access-control-allow-origin')).toBeNull();
    }
  });

  test('a bug is told by its reference only', async () => {
    const broken = createV1App(
      { ...deps, database: brokenDatabase(deps.database, new Error('secret detail')) },
      { adminKey: 'an-admin-key-of-the-test', corsOrigins: [], authenticate: async () => null },
    );
    const answer = await apiClient(broken, 'an-admin-key-of-the-test').call('GET /api/v1/runs');
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(JSON.stringify(answer.body)).not.toContain('secret detail');
    expect(answer.body.instance).toContain(answer.headers.get('x-request-id'));
  });
});

describe('the vault', () => {
  test('says which keys the stored secrets need, and never a key', async () => {
    const { status, body } = await api.call('GET /api/v1/vault');
    expect(status).toBe(200);
    expect(body).toMatchObject({ active_key: expect.stringMatching(/^[0-9a-f]{8}$/), missing_keys: [], damaged: 0 });
  });
});

describe('the doctor', () => {
  test('says by the API what `tillsync verify` says', async () => {
    const { body } = await api.call('GET /api/v1/verify');
    expect(body).toMatchObject({ ok: true, server_version: expect.any(String), tables: { length: 3 } });
    expect((await api.call('GET /api/v1/system')).body.database.version).toBe(body.server_version);
  });
});

describe('API keys', () => {
  test('are made, listed, renewed and ended; a key is told once and nothing keeps it', async () => {
    const made = await api.call('POST /api/v1/keys', { body: { name: 'menu board', access: 'read' } });
    expect(made).toMatchObject({ status: 201, body: { level: 'all', key: expect.stringMatching(/^ts_/) } });
    const renewed = await api.call(`POST /api/v1/keys/${made.body.id}/rotate`, { body: { overlap_hours: 1 } });
    expect(renewed).toMatchObject({ status: 201, body: { name: 'menu board', access: 'read' } });
    const listed = (await api.call('GET /api/v1/keys')).body.data;
    expect(listed.find(({ id }: { id: string }) => id === made.body.id)).toMatchObject({
      replaced_by: renewed.body.id,
      expires_at: expect.any(String),
    });
    expect(await api.call(`DELETE /api/v1/keys/${made.body.id}`)).toMatchObject({
      status: 200,
      body: { revoked_by: 'key:kiosk', revoked_at: expect.any(String) },
    });
    expect((await api.call(`DELETE /api/v1/keys/${crypto.randomUUID()}`)).body.code).toBe('key_unknown');
    const headers = { 'idempotency-key': 'k-9' };
    const kept = await api.call('POST /api/v1/keys', { body: { name: 'kept', access: 'read' }, headers });
    expect(kept.body.code).toBe('idempotency_key_not_taken');
  });
});

// Held by test/people/people-api.story.test.ts and test/access/audit.story.test.ts, whose callers have sessions, and by
// test/recipe-texts.story.test.ts.
const elsewhere = / \/api\/v1\/(session|me|links|users|audit|recipes)\b/;

describe('the document and its pages', () => {
  test('every route is in the document, and every JSON answer of a route was seen by this story', async () => {
    const document = JSON.parse(await (await app.request('/api/openapi.json')).text());
    expect(document.openapi).toBe('3.1.0');
    const declared = declaredRoutes(app);
    const served = app.routes.filter((route) => route.path.startsWith('/api/v1/') && route.method !== 'ALL');
    for (const { method, path } of served) {
      expect(document.paths[path.replace(/:(\w+)/g, '{$1}')], `${method} ${path}`).toHaveProperty(method.toLowerCase());
    }
    // Those about people are seen by test/people/people-api.story.test.ts.
    const others = declared.filter(({ path }) => !peoplePaths.test(path));
    const answers = others.flatMap(({ method, path, responses }) =>
      Object.entries(responses)
        .filter(([status, answer]) => status !== 'default' && answer?.content?.['application/json'] !== undefined)
        .map(([status]) => `${method} ${path} ${status}`),
    );
    const here = answers.filter((answer) => !elsewhere.test(answer));
    expect(here.filter((answer) => !api.seen.has(answer))).toEqual([]);
  });

  test('the pages need no key, no script and no other host, and the errors have a place for each code', async () => {
    for (const path of ['/api/docs', '/api/docs/errors']) {
      const response = await app.request(path);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'self'");
      const html = await response.text();
      expect(html).not.toMatch(/<script|(src|href)="(https?:)?\/\/|style="/);
    }
    expect(await (await app.request('/api/docs')).text()).toContain('/api/v1/configs/{id}/runs');
    expect(await (await app.request('/api/docs/errors')).text()).toContain('id="config_unknown"');
    expect(await (await app.request('/api/docs/style.css')).text()).toContain('prefers-color-scheme: dark');
  });
});
