// GET /api/v1/events: what goes on as one stream, for each caller what is his, and never longer than he may look.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { authenticateKey } from '../../src/access/authenticate-key.ts';
import { addKey, revokeKey } from '../../src/access/manage-keys.ts';
import type { ApiApp, ApiOptions } from '../../src/api/v1/api-given.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import { openNowWatch } from '../../src/api/v1/events/watch-now.ts';
import { runSchema } from '../../src/api/v1/schemas/run-schema.ts';
import { everywhere } from '../../src/db/claims.ts';
import type { Database } from '../../src/db/database.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { fillTables, insertRow, type Tenant, tenants } from '../access/tenant-rows.ts';
import { apiClient } from '../support/api-client.ts';
import { openEngine } from '../support/engine.ts';
import { type EventReader, readEvents } from '../support/read-events.ts';
import { until } from '../support/until.ts';

const [ada, bert] = tenants as [Tenant, Tenant];
let deps: Deps & { url: string };
const opened: EventReader[] = [];

beforeAll(async () => {
  deps = await openEngine();
  await fillTables(deps.database);
  await deps.database.query("update integration_sync_history set status = 'success', hold_open = false");
});
afterEach(async () => {
  for (const reader of opened.splice(0)) await reader.cancel();
  await deps.database.query("update integration_sync_history set status = 'success', hold_open = false");
});

function appWith(options: Partial<ApiOptions> = {}): ApiApp {
  const authenticate = (candidate: string) => authenticateKey(deps.database, candidate);
  return createV1App(deps, { adminKey: null, corsOrigins: [], authenticate, ...options });
}

const keyOf = (tenant: Tenant | null) =>
  addKey(deps.database, {
    name: 'looker',
    access: 'read',
    level: tenant === null ? 'all' : 'site',
    levelId: tenant === null ? null : String(tenant.site),
    by: 'test',
  });

async function open(app: ApiApp, key: string): Promise<EventReader> {
  const response = await app.request('/api/v1/events', { headers: { authorization: `Bearer ${key}` } });
  expect(response.status).toBe(200);
  const reader = readEvents(response);
  opened.push(reader);
  return reader;
}

async function beginRun(tenant: Tenant, more: Record<string, unknown> = {}): Promise<string> {
  const id = crypto.randomUUID();
  const ids = { id, wand_source_id: tenant.source, source_config_id: tenant.config };
  await insertRow(deps.database, 'integration_sync_history', { ...ids, status: 'queued', ...more });
  return id;
}
const setRun = (id: string, change: string) =>
  deps.database.query(`update integration_sync_history set ${change} where id = $1`, [id]);

describe('what goes on', () => {
  test('is told at once, then every change of it, the end of a run once, and what came and went in between', async () => {
    const { key } = await keyOf(null);
    const run = await beginRun(ada);
    const reader = await open(appWith(), key);
    const first = await reader.next('now');
    expect(first?.data.active.map(({ id }) => id)).toEqual([run]);
    expect(runSchema.parse(first?.data.active[0])).toMatchObject({ status: 'queued' });
    await setRun(run, "status = 'in_progress', phase = 'fetch', started_at = now()");
    const moved = await reader.next('change');
    expect(moved?.data.changed).toMatchObject([{ id: run, status: 'in_progress', phase: 'fetch' }]);
    // A renewed lease is no news: the next event is the end.
    await setRun(run, "lease_expires_at = now() + interval '1 h'");
    await setRun(run, "status = 'held', phase = null, completed_at = now(), hold_open = true");
    const ended = await reader.next('change');
    expect(ended?.data.changed).toMatchObject([{ id: run, status: 'held' }]);
    expect(ended?.data.holds).not.toBe(first?.data.holds);
    expect(ended?.data.latest).not.toBe(first?.data.latest);
    // So is a run that began and ended unseen; the one that ended before is not told again.
    const short = await beginRun(ada, { status: 'success', completed_at: new Date() });
    const unseen = await reader.next('change');
    expect(unseen?.data.changed).toMatchObject([{ id: short, status: 'success' }]);
    expect(unseen?.data.holds).toBe(ended?.data.holds);
    expect(unseen?.data.latest).not.toBe(ended?.data.latest);
    // One whose end was never dated changes the mark at least.
    await beginRun(ada, { status: 'success', completed_at: null });
    const undated = await reader.next('change');
    expect(undated?.data.changed).toEqual([]);
    expect(undated?.data.latest).not.toBe(unseen?.data.latest);
    await setRun(run, 'hold_open = false');
    expect((await reader.next('change'))?.data).toMatchObject({ changed: [], holds: first?.data.holds });
  });

  test('S16: is told to each caller as far as it is his, also when it changes', async () => {
    const app = appWith();
    const [mine, theirs] = [await beginRun(ada), await beginRun(bert)];
    const reader = await open(app, (await keyOf(ada)).key);
    const whole = await open(app, (await keyOf(null)).key);
    expect((await reader.next('now'))?.data.active).toMatchObject([{ id: mine }]);
    expect((await whole.next('now'))?.data.active).toHaveLength(2);
    // What happens at the other site changes nothing here, not even a mark: the next event is of the own run.
    await setRun(theirs, "status = 'held', completed_at = now(), hold_open = true");
    expect((await whole.next('change'))?.data.changed).toMatchObject([{ id: theirs }]);
    await setRun(mine, "status = 'in_progress', phase = 'plan'");
    const first = await reader.next('change');
    expect(first?.data.changed).toMatchObject([{ id: mine, phase: 'plan' }]);
    await setRun(mine, "status = 'success', phase = null");
    expect((await reader.next('change'))?.data.changed).toMatchObject([{ id: mine, status: 'success' }]);
  });

  test('begins anew where a run is out of sight without an end', async () => {
    const run = await beginRun(ada);
    const reader = await open(appWith(), (await keyOf(ada)).key);
    expect((await reader.next('now'))?.data.active).toMatchObject([{ id: run }]);
    await setRun(run, `wand_source_id = '${bert.source}', source_config_id = '${bert.config}'`);
    expect((await reader.next('now'))?.data.active).toEqual([]);
  });

  test('is looked at once for all callers of one scope, and by nobody when nobody looks on', async () => {
    let looks = 0;
    const counted = new Proxy(deps.database, {
      get(database, name: keyof Database) {
        if (name !== 'as') return database[name];
        return (claims: Parameters<Database['as']>[0]) => {
          const rows = database.as(claims);
          const query: Database['query'] = (statement, parameters) => {
            looks++;
            return rows.query(statement, parameters);
          };
          return { ...rows, query };
        };
      },
    });
    const watch = openNowWatch({ ...deps, database: counted });
    const heard: string[][] = [[], [], []];
    const looksAtFirst: number[] = [];
    const scopes = [everywhere, { ...everywhere, sites: ['1', '1'] }, everywhere];
    const ends = scopes.map((scope, n) => {
      return watch.watch(scope, (event) => {
        looksAtFirst[n] ??= looks;
        heard[n]?.push(new TextDecoder().decode(event));
      });
    });
    await until('everybody heard', () => heard.every((events) => events.length > 0));
    expect(looksAtFirst).toEqual([1, 1, 1]);
    const run = await beginRun(ada);
    await until('everybody heard more', () => heard.every((events) => events.length > 1));
    for (const events of heard) expect(events[1]).toContain(run);
    for (const end of ends) end();
    const before = looks;
    // Another watch ticks meanwhile.
    const later: string[] = [];
    const end = openNowWatch(deps).watch(everywhere, (event) => later.push(new TextDecoder().decode(event)));
    await until('somebody else heard', () => later.length === 1);
    await setRun(run, "status = 'success'");
    await until('somebody else heard more', () => later.length === 2);
    end();
    expect(looks).toBe(before);
  });
});

describe('the stream', () => {
  test('S60: ends at the next heartbeat for a key that is over, or that may see something else', async () => {
    const app = appWith({ heartbeatMs: 20 });
    const [over, moved, stays] = [await keyOf(ada), await keyOf(ada), await keyOf(ada)];
    const readers = await Promise.all([over, moved, stays].map(({ key }) => open(app, key)));
    const [ofOver, ofMoved, ofStays] = readers as [EventReader, EventReader, EventReader];
    for (const reader of readers) expect(await reader.next('here')).not.toBe(null);
    await revokeKey(deps.database, { id: over.id, by: 'test' });
    await deps.database.query('update integration_api_keys set level_id = $2 where id = $1', [moved.id, bert.site]);
    for (const reader of [ofOver, ofMoved]) expect(await reader.next('the end')).toBe(null);
    expect(await ofStays.next('here')).toMatchObject({ name: 'here' });
  });

  test('ends when the server stops, and a HEAD opens none', async () => {
    const stop = new AbortController();
    const app = appWith({ stopping: stop.signal, maxStreams: 1 });
    const { key } = await keyOf(null);
    const headers = { authorization: `Bearer ${key}` };
    for (let n = 0; n < 3; n++) {
      const head = await app.request('/api/v1/events', { method: 'HEAD', headers });
      expect(head.headers.get('content-type')).toBe('text/event-stream');
      expect(head.body).toBe(null);
    }
    const reader = await open(app, key);
    await reader.next('now');
    stop.abort();
    expect(await reader.rest()).toEqual([]);
    const late = await open(app, key);
    expect(await late.rest()).toEqual([]);
  });

  test('has its place among the streams of single runs: so many at once only', async () => {
    const app = appWith({ maxStreams: 2 });
    const { key } = await keyOf(null);
    const run = await beginRun(ada);
    const whole = await open(app, key);
    const single = await app.request(`/api/v1/runs/${run}/events`, { headers: { authorization: `Bearer ${key}` } });
    for (const path of ['events', `runs/${run}/events`]) {
      const refused = await apiClient(app, key).call(`GET /api/v1/${path}`);
      expect(refused).toMatchObject({ status: 503, body: { code: 'streams_exhausted' } });
    }
    await whole.cancel();
    await open(app, key);
    await single.body?.cancel();
  });

  test('ends for who does not read, long before the memory is full', async () => {
    const app = appWith({ heartbeatMs: 2, maxStreams: 1 });
    const { key } = await keyOf(null);
    const silent = await app.request('/api/v1/events', { headers: { authorization: `Bearer ${key}` } });
    const next = await until('the place is free again', async () => {
      const response = await app.request('/api/v1/events', { headers: { authorization: `Bearer ${key}` } });
      return response.status === 200 ? response : null;
    });
    await next.body?.cancel();
    const events = await readEvents(silent).rest();
    expect(events.length).toBeGreaterThan(10);
    expect(events.length).toBeLessThan(100);
  });
});
