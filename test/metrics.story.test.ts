// What /metrics says after syncs, failures, holds and takeovers, who may read it, and spans where a tracer is registered.
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServerApp } from '../src/api/create-server-app.ts';
import { functionsOptions } from '../src/api/functions/index.ts';
import { openMetrics } from '../src/api/metrics/open-metrics.ts';
import { startServer } from '../src/api/start-server.ts';
import { allConnectors } from '../src/connectors/load-connectors.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { changePrices } from '../src/connectors/qu/fake-catalog.ts';
import type { Deps } from '../src/sync/deps.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { sweepRuns } from '../src/sync/upkeep/sweep-runs.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';

let pos: FakeQu;
let deps: Deps & { url: string };
let configId: string;
beforeAll(async () => {
  pos = await startFakeQu({ products: 20, modifiers: 20, discounts: 3, repeated: 2 });
  deps = await openEngine();
  ({ configId } = await addQuConfig(deps, pos.url));
});
afterAll(() => pos.stop());

/** The values of a scrape by name and labels. */
function valuesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

const key = 'admin-key-of-the-test-0123456789';

describe('/metrics', () => {
  it('tells the queue, runs by status, phases, items, rejects, holds and takeovers, each run once', async () => {
    const metrics = openMetrics(deps, { settledSeconds: 0 });
    const late = await addQuConfig(deps, pos.url, { establishment: 'late' });
    await deps.database.query(
      `update integration_source_configs set sync_frequency_minutes = 5, next_due_at = now() - interval '1 hour' where id = $1`,
      [late.configId],
    );
    await syncNow(deps, configId);
    const first = valuesOf(await metrics.scrape());
    // Counters begin with the server, at zero.
    expect(first.get('tillsync_runs_total{status="success"}')).toBe(0);
    changePrices(pos.catalog, 3);
    await syncNow(deps, configId);
    pos.answer({ body: JSON.stringify({ ...pos.catalog, menuItems: [...pos.catalog.menuItems, {}] }) }, 1);
    await syncNow(deps, configId);
    pos.answer('401', 1);
    await syncNow(deps, configId);
    pos.answer('empty', 1);
    expect((await syncNow(deps, configId)).status).toBe('held');
    await requestSync({ ...deps, leaseSeconds: -1 }, { configId, trigger: 'manual', requestedBy: 'test' });
    await sweepRuns(deps);
    await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
    const [text] = await Promise.all([metrics.scrape(), metrics.scrape()]);
    await metrics.scrape();
    const values = valuesOf(await metrics.scrape());
    for (const [name, value] of Object.entries({
      'tillsync_runs_total{status="success"}': 1,
      'tillsync_runs_total{status="partial"}': 1,
      'tillsync_runs_total{status="failed"}': 1,
      'tillsync_runs_total{status="held"}': 1,
      'tillsync_runs_total{status="interrupted"}': 1,
      tillsync_lease_takeovers_total: 1,
      'tillsync_items_total{outcome="updated"}': 3,
      'tillsync_items_total{outcome="created"}': 0,
      tillsync_items_rejected_total: 1,
      'tillsync_run_phase_duration_seconds_count{phase="fetch"}': 4,
      'tillsync_run_phase_duration_seconds_count{phase="save"}': 3,
      tillsync_run_duration_seconds_count: 4,
      tillsync_holds_open: 1,
      tillsync_queue_runs: 1,
      tillsync_runs_active: 0,
      tillsync_configs_late: 1,
      tillsync_database_up: 1,
    })) {
      expect([name, values.get(name)]).toEqual([name, value]);
    }
    expect(values.get('tillsync_queue_oldest_seconds')).toBeGreaterThan(0);
    expect(values.get('tillsync_payload_bytes')).toBeGreaterThan(0);
    expect(values.get('tillsync_pool_connections{state="idle"}')).toBeGreaterThan(0);
    expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    for (const secret of ['QU POS', 'acme', configId]) expect(text).not.toContain(secret);
  });

  it('reads what it tells of the database from indexes, whatever the history holds', async () => {
    await deps.database.query(
      `insert into integration_sync_history (wand_source_id, status, created_at, completed_at)
       select gen_random_uuid(), 'success', now() - n * interval '1 minute', now() - n * interval '1 minute'
         from generate_series(200, 20000) n`,
    );
    await deps.database.query('analyze integration_sync_history');
    const planOf = async (where: string) => {
      const { rows } = await deps.database.query<{ 'QUERY PLAN': string }>(
        `explain (costs off) select count(*) from integration_sync_history where ${where}`,
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    expect(await planOf(`status in ('queued', 'in_progress')`)).toMatch(/one_active_per_source|unfinished/);
    expect(await planOf('hold_open')).toMatch(/one_open_hold|waiting/);
    expect(await planOf(`completed_at > now() - interval '1 hour' and completed_at <= now()`)).toContain('by_end');
  });

  it('tells what the process knows when the database is away', async () => {
    const lost = await openEngine();
    const metrics = openMetrics(lost);
    await lost.database.close();
    const values = valuesOf(await metrics.scrape());
    expect(values.get('tillsync_database_up')).toBe(0);
    expect(values.get('tillsync_queue_runs')).toBeNaN();
    expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  it('needs no key on this machine alone; else, through a proxy or under another name, it does', async () => {
    const opened = { deps, config: { adminKey: key, corsOrigins: [] } };
    const ask = async (local: boolean, headers: Record<string, string>) => {
      const app = createServerApp(deps, { ...functionsOptions(opened), listensOnLoopback: local });
      return (await app.request('http://127.0.0.1:4600/metrics', { headers })).status;
    };
    const withKey = { authorization: `Bearer ${key}` };
    for (const [local, headers, status] of [
      [true, { host: '127.0.0.1:4600' }, 200],
      [true, { host: '[::1]:4600' }, 200],
      [true, { host: 'localhost' }, 200],
      [true, { host: 'tillsync.example' }, 401],
      [true, { host: '127.0.0.1.evil.example' }, 401],
      [true, { host: 'localhost', 'x-forwarded-for': '203.0.113.7' }, 401],
      [true, { host: 'localhost', forwarded: 'for=203.0.113.7' }, 401],
      [false, { host: 'localhost' }, 401],
      [false, { host: 'localhost', authorization: 'Bearer wrong' }, 401],
      [false, { host: 'tillsync.example', ...withKey }, 200],
    ] as const) {
      expect([local, headers, await ask(local, headers)]).toEqual([local, headers, status]);
    }
    const server = await startServer(opened, { host: '127.0.0.1', port: 0 });
    const answer = await fetch(`${server.url}/metrics`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
    await server.stop();
  });
});

interface SeenSpan {
  name: string;
  parent: string | null;
  attributes: Record<string, unknown>;
  ended: boolean;
  failed: boolean;
}

/** The smallest tracer and context manager that show what was done with them. */
function registerTracer(seen: SeenSpan[]): void {
  const spans = new Map<Span, SeenSpan>();
  const startSpan = (name: string, options: SpanOptions = {}, within: Context = context.active()): Span => {
    const parent = trace.getSpan(within);
    const record: SeenSpan = {
      name,
      parent: (parent && spans.get(parent)?.name) ?? null,
      attributes: { ...options.attributes },
      ended: false,
      failed: false,
    };
    const span = {
      setAttribute: (attribute: string, value: unknown) => Object.assign(record.attributes, { [attribute]: value }),
      setAttributes: (attributes: object) => Object.assign(record.attributes, attributes),
      setStatus: () => Object.assign(record, { failed: true }),
      end: () => Object.assign(record, { ended: true }),
    } as unknown as Span;
    spans.set(span, record);
    seen.push(record);
    return span;
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as unknown as Tracer });
  const active = new AsyncLocalStorage<Context>();
  context.setGlobalContextManager({
    active: () => active.getStore() ?? ROOT_CONTEXT,
    // biome-ignore lint/complexity/useMaxParams: the interface is OpenTelemetry's
    with: (own, work, self, ...rest) => active.run(own, () => work.apply(self, rest)),
    bind: (_context, target) => target,
    enable: () => undefined as never,
    disable: () => undefined as never,
  });
}

describe('traces', () => {
  it('are spans of the run and its phases where a tracer is registered, and nothing without', async () => {
    const fresh = await addQuConfig(deps, pos.url, { establishment: 'traced' });
    const seen: SeenSpan[] = [];
    registerTracer(seen);
    try {
      // What other instrumentation sees while the connector fetches.
      let around: Span | undefined;
      const connectors = new Map(
        [...(await allConnectors(deps.connectors))].map(([id, connector]) => [
          id,
          {
            ...connector,
            fetch(given: Parameters<typeof connector.fetch>[0]) {
              around = trace.getActiveSpan();
              return connector.fetch(given);
            },
          },
        ]),
      );
      const run = await syncNow({ ...deps, connectors }, fresh.configId);
      expect(around).toBeDefined();
      expect(seen.map(({ name, parent, ended }) => [name, parent, ended])).toEqual([
        ['tillsync.run', null, true],
        ['tillsync.fetch', 'tillsync.run', true],
        ['tillsync.format', 'tillsync.run', true],
        ['tillsync.plan', 'tillsync.run', true],
        ['tillsync.save', 'tillsync.run', true],
      ]);
      expect(seen[0]?.attributes).toMatchObject({
        'tillsync.run': run.id,
        'tillsync.source': fresh.sourceId,
        'tillsync.status': 'success',
      });
      seen.length = 0;
      pos.answer('401', 1);
      await syncNow(deps, fresh.configId);
      expect(seen[0]).toMatchObject({ failed: true, ended: true, attributes: { 'tillsync.error': 'upstream_auth' } });
    } finally {
      trace.disable();
      context.disable();
    }
    seen.length = 0;
    expect((await syncNow(deps, fresh.configId)).status).toBe('success');
    expect(seen).toEqual([]);
  });
});
