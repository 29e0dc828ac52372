// The log of a run: what it says of phases, pages and waits, when it is sent, and that nothing depends on it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { changePrices } from '../src/connectors/qu/fake-catalog.ts';
import type { Connection } from '../src/db/database.ts';
import { TillsyncError } from '../src/errors.ts';
import { openLog } from '../src/log.ts';
import type { LogLine } from '../src/records/run-log/log-line.ts';
import { listLog } from '../src/records/run-log/read-log.ts';
import { logInterrupted } from '../src/records/run-log/write-log.ts';
import { getRun } from '../src/records/runs/read-runs.ts';
import type { Run } from '../src/records/runs/run.ts';
import { lockSource } from '../src/records/sources/lock-source.ts';
import { approveRun, discardRun } from '../src/sync/approve-run.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { encryptionKey } from './support/cli-story.ts';
import { openAgain } from './support/database.ts';
import { addQuConfig, syncNow } from './support/engine.ts';
import { withPages } from './support/paged-connector.ts';
import { openCli } from './support/run-cli.ts';
import { openTrip, type Trip } from './support/trip.ts';
import { until } from './support/until.ts';

let pos: FakeQu;
let trip: Trip;
let configId: string;
let sourceId: string;
let establishment = 0;
beforeAll(async () => {
  pos = await startFakeQu({ products: 20, modifiers: 20, discounts: 3 });
  trip = await openTrip({ leaseSeconds: 600 });
});
beforeEach(async () => {
  establishment += 1;
  ({ configId, sourceId } = await addQuConfig(trip.deps, pos.url, { establishment: `l${establishment}` }));
  pos.answer('catalog');
});
afterAll(() => pos.stop());

async function linesOf(run: Run): Promise<LogLine[]> {
  return (await listLog(trip.deps.database, { sourceId: run.source_id ?? '', runId: run.id, limit: 1_000 })).data;
}

const shape = (lines: readonly LogLine[]) =>
  lines.map(({ phase, event }) => (phase === null ? event : `${phase} ${event}`));

it('a source that is held alerts once, however many fetches are held after another', async () => {
  const told: { level: number; msg: string }[] = [];
  const log = openLog('info', { write: (line: string) => void told.push(JSON.parse(line)) });
  const deps = { ...trip.deps, log };
  await syncNow(deps, configId);
  const alerts = () => told.filter(({ level, msg }) => level === 40 && msg.includes('held')).length;
  pos.answer('empty');
  const held: Run[] = [];
  for (let n = 0; n < 3; n++) held.push(await syncNow(deps, configId));
  expect([held.map(({ status }) => status), alerts()]).toEqual([['held', 'held', 'held'], 1]);
  await discardRun(deps, { runId: held[2]?.id ?? '', requestedBy: 'test' });
  await syncNow(deps, configId);
  expect(alerts()).toBe(2);
});

describe('the log of a run', () => {
  it('tells who took it, each phase with its milliseconds, each page, the verdict, the counts and the end', async () => {
    const first = await syncNow(trip.deps, configId);
    const lines = await linesOf(first);
    expect(shape(lines)).toEqual([
      'claimed',
      'fetch page',
      'fetch phase_end',
      'format phase_end',
      'plan phase_end',
      'save guard',
      'save phase_end',
      'end',
    ]);
    expect(lines.map(({ seq }) => seq)).toEqual([...lines.keys()].map((at) => lines[0]!.seq + at));
    expect(lines[0]).toMatchObject({
      message: expect.stringContaining(trip.deps.worker),
      facts: { trigger: 'manual' },
    });
    expect(lines[1]?.facts).toMatchObject({ page: 1, bytes: expect.any(Number), ms: expect.any(Number) });
    for (const { event, facts } of lines) if (event === 'phase_end') expect(facts.ms).toBeGreaterThanOrEqual(0);
    expect(lines.at(-1)?.facts).toMatchObject({ status: 'success', created: 43, removed: 0, complete: true });
    // Times of the database: none is before the run was made, and they follow one another.
    const times = lines.map(({ at }) => Date.parse(at));
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    expect(times[0]).toBeGreaterThanOrEqual(Date.parse(first.created_at) - 1);
    expect(shape(await linesOf(await syncNow(trip.deps, configId)))).toContain('plan unchanged');
  });

  it('costs one statement of a run that is shorter than a heartbeat, changed or not', async () => {
    await syncNow(trip.deps, configId);
    for (const change of [0, 5]) {
      changePrices(pos.catalog, change);
      const written: string[] = [];
      trip.onStatement((statement) => {
        if (/integration_sync_log/.test(statement)) written.push(statement);
      });
      expect((await syncNow(trip.deps, configId)).status).toBe('success');
      trip.onStatement(null);
      expect(written).toHaveLength(1);
    }
  });

  it('is sent with the heartbeat, so that who looks on sees the phase and the wait for another save with its reason', async () => {
    await syncNow(trip.deps, configId);
    changePrices(pos.catalog, 1);
    const other = await openAgain(trip.deps.url);
    const release = Promise.withResolvers<void>();
    const arrival = Promise.withResolvers<void>();
    const holding = other.transaction(async (connection) => {
      await lockSource(connection, sourceId);
      arrival.resolve();
      await release.promise;
    });
    await arrival.promise;
    const deps = { ...trip.deps, leaseSeconds: 0.6 };
    const { run } = await requestSync(trip.deps, { configId, trigger: 'manual', requestedBy: 'test' });
    const running = runSync(deps, run.id);
    const seen = await until('the line of the wait', async () =>
      (await linesOf(run)).find(({ event }) => event === 'wait'),
    );
    expect(seen).toMatchObject({ phase: 'plan', level: 'warn', facts: { reason: 'source_lock' } });
    expect(shape(await linesOf(run))).toContain('plan phase_begin');
    release.resolve();
    await holding;
    expect((await running).status).toBe('success');
    const waits = (await linesOf(run)).filter(({ event }) => event === 'wait');
    expect(waits.map(({ message }) => message.replace(/\d.*s:/, '… s:'))).toEqual([
      'waits: somebody else writes this source',
      'waited … s: somebody else writes this source',
    ]);
  });

  it('tells each wait that the POS asked for, how long and why, and the next try', async () => {
    pos.answer('429', 1);
    const run = await syncNow(trip.deps, configId);
    expect(run.status).toBe('success');
    const wait = (await linesOf(run)).find(({ event }) => event === 'wait');
    expect(wait).toMatchObject({
      phase: 'fetch',
      level: 'warn',
      facts: { reason: 'upstream_rate_limited', ms: expect.any(Number), until: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
  });

  it('lists each of the first 200 pages, then every tenth, and says so', async () => {
    const { menuItems, modifiers, discounts } = pos.catalog;
    const empty = { menuItems: [], modifiers: [], discounts: [] };
    const pages = [{ menuItems, modifiers, discounts }, ...Array.from({ length: 224 }, () => empty)];
    const run = await syncNow(withPages(trip.deps, pages), configId);
    expect(run.error).toBeNull();
    const listed = (await linesOf(run)).filter(({ event }) => event === 'page');
    expect(listed.map(({ facts }) => facts.page)).toEqual([...Array.from({ length: 200 }, (_, n) => n + 1), 210, 220]);
    expect(listed.at(-1)?.message).toContain('every 10th page');
  });

  it('survives the rollback of its save, with the reason of each new try and the error at the end', async () => {
    await syncNow(trip.deps, configId);
    changePrices(pos.catalog, 3);
    const refused = new TillsyncError('A deadlock.', { code: 'deadlock', step: 'save', hint: 'none' });
    let times = 0;
    trip.onStatement((statement) => {
      if (
        !/^with ended as \(\s*update integration_sync_history\s+set status = \$3, phase = null, completed_at = clock_timestamp\(\), items_synced = \$4/.test(
          statement,
        )
      )
        return;
      times += 1;
      throw refused;
    });
    const run = await syncNow(trip.deps, configId);
    trip.onStatement(null);
    expect([run.status, times]).toEqual(['failed', 3]);
    const lines = await linesOf(run);
    expect(lines.filter(({ event }) => event === 'retry').map(({ facts }) => facts.reason)).toEqual([
      'deadlock',
      'deadlock',
    ]);
    expect(lines.at(-1)).toMatchObject({ event: 'end', level: 'error', facts: { status: 'failed', code: 'deadlock' } });
  });

  it('names the rules that held it, and approving has a log of its own', async () => {
    await syncNow(trip.deps, configId);
    pos.answer('empty', 1);
    const held = await syncNow(trip.deps, configId);
    const lines = await linesOf(held);
    expect(lines.find(({ event }) => event === 'guard')).toMatchObject({
      level: 'warn',
      facts: { rules: expect.any(Array) },
    });
    expect(lines.at(-1)).toMatchObject({ level: 'warn', facts: { status: 'held' } });
    const applied = await approveRun(trip.deps, { runId: held.id, requestedBy: 'test' });
    expect((await linesOf(applied)).at(-1)?.facts).toMatchObject({ status: 'success', removed: 43 });
  });

  it('never fails a run when it cannot be written', async () => {
    const lines: string[] = [];
    const deps = { ...trip.deps, log: openLog('warn', { write: (line) => void lines.push(line) }) };
    trip.onStatement((statement) => {
      if (/integration_sync_log/.test(statement)) throw new Error('no room for a log');
    });
    const run = await syncNow(deps, configId);
    trip.onStatement(null);
    expect(run.status).toBe('success');
    expect(await linesOf(run)).toEqual([]);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'the log of the run could not be written', run: run.id });
  });

  it('never keeps a run from its lease or its end while somebody has locked it, and is written when they let go', async () => {
    const other = await openAgain(trip.deps.url);
    const release = { log: Promise.withResolvers<void>(), source: Promise.withResolvers<void>() };
    const hold = async (work: (connection: Connection) => Promise<unknown>, released: Promise<void>) => {
      const arrival = Promise.withResolvers<void>();
      const ended = other.transaction(async (connection) => {
        await work(connection);
        arrival.resolve();
        await released;
      });
      await arrival.promise;
      return { ended };
    };
    const held = [
      await hold((connection) => connection.query('lock table integration_sync_log'), release.log.promise),
      await hold((connection) => lockSource(connection, sourceId), release.source.promise),
    ];
    const { run } = await requestSync(trip.deps, { configId, trigger: 'manual', requestedBy: 'test' });
    const running = runSync({ ...trip.deps, leaseSeconds: 0.6 }, run.id);
    const leases = new Set<string>();
    const read = async () => await getRun(trip.deps.database, run.id);
    await until('four beats', async () => leases.add((await read())?.lease_expires_at ?? '').size > 4);
    release.source.resolve();
    await until('the end of the run', async () => (await read())?.status === 'success');
    release.log.resolve();
    await Promise.all(held.map(({ ended }) => ended));
    await running;
    expect(shape(await linesOf(run)).at(-1)).toBe('end');
  });

  it('ends with the word of the sweep, once, whatever a late worker still writes', async () => {
    const run = await syncNow(trip.deps, configId);
    const ended = { sourceId, runId: run.id, worker: 'gone:1' };
    await logInterrupted(trip.deps.database, [ended, ended]);
    await logInterrupted(trip.deps.database, [ended]);
    const lines = await linesOf(run);
    expect(shape(lines).slice(-2)).toEqual(['end', 'interrupted']);
    expect(lines.at(-1)).toMatchObject({ level: 'error', facts: { worker: 'gone:1' } });
  });
});

describe('runs logs', () => {
  it('shows a run line by line, follows one to its end, and upkeep says what it deleted', async () => {
    const cli = openCli({
      DATABASE_URL: trip.deps.url,
      TILLSYNC_ENCRYPTION_KEY: encryptionKey,
      TILLSYNC_KEEP_LOGS_DAYS: '5',
    });
    const { run } = await requestSync(trip.deps, { configId, trigger: 'manual', requestedBy: 'test' });
    const following = cli.start(['runs', 'logs', run.id, '--follow']);
    await runSync(trip.deps, run.id);
    const followed = await following.ended;
    expect([followed.code, followed.stderr]).toEqual([0, '']);
    expect(followed.stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} +test:\d+ took the run/);
    expect(followed.stdout.trimEnd().split('\n').at(-1)).toContain('ended as success');
    const page = await cli.json<{ data: LogLine[]; next: string }>(['runs', 'logs', run.id, '--limit', '2']);
    const rest = await cli.json<{ data: LogLine[]; next: null }>([
      'runs',
      'logs',
      run.id,
      '--cursor',
      page.answer.next,
    ]);
    expect([...page.answer.data, ...rest.answer.data]).toEqual(await linesOf(run));
    expect(rest.answer.next).toBeNull();
    await trip.deps.database.query(
      `update integration_sync_log set at = at - interval '6 days' where wand_source_id = $1`,
      [sourceId],
    );
    const { code, answer } = await cli.json(['upkeep']);
    expect([code, answer.logs, answer.runs, answer.left]).toEqual([
      0,
      page.answer.data.length + rest.answer.data.length,
      0,
      0,
    ]);
  });
});

describe('the log of the process', () => {
  it('carries run, source, config and worker in every line of a run, and one line at its end', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = openLog('info', { write: (line) => void lines.push(JSON.parse(line)) });
    await setConfig(trip.deps, { configId, guard: { enabled: false } });
    const good = await syncNow({ ...trip.deps, log }, configId);
    pos.answer('401', 1);
    const bad = await syncNow({ ...trip.deps, log }, configId);
    expect(lines.map(({ run, source, config, worker, msg }) => [run, source, config, worker, msg])).toEqual(
      [
        [good.id, 'ended as success'],
        [bad.id, 'run failed'],
        [bad.id, 'ended as failed'],
      ].map(([run, msg]) => [run, sourceId, configId, trip.deps.worker, msg]),
    );
    expect(lines[0]).toMatchObject({ status: 'success', created: 43, ms: expect.any(Number) });
    expect(lines[2]).toMatchObject({ status: 'failed', code: 'upstream_auth' });
  });
});
