// The life of a schedule: one run per due time whoever looks, one catch-up after a downtime, pauses, and a POS that is down for days.
import { beforeAll, describe, expect, test } from 'vitest';
import { migrateApp } from '../src/app.ts';
import { allConnectors } from '../src/connectors/load-connectors.ts';
import { connector } from '../src/connectors/qu/index.ts';
import { TillsyncError } from '../src/errors.ts';
import { openLog } from '../src/log.ts';
import type { Config } from '../src/records/configs/config.ts';
import { claimDueConfigs } from '../src/records/configs/due-configs.ts';
import { getConfig } from '../src/records/configs/read-configs.ts';
import { interruptExpiredRuns } from '../src/records/owners/interrupt-runs.ts';
import type { Deps } from '../src/sync/deps.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { nextDue } from '../src/sync/schedule/next-due.ts';
import { requestDue } from '../src/sync/schedule/request-due.ts';
import { pauseConfig, resumeConfig } from '../src/sync/schedule/set-schedule.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { createLegacySchema, ids } from './adopt/legacy-schema.ts';
import { openStory } from './support/cli-story.ts';
import { openAgain } from './support/database.ts';
import { depsOver } from './support/deps-over.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';
import { withPages } from './support/paged-connector.ts';

const minute = 60_000;
const day = 1440 * minute;
// The next quarter of an hour: all configs are due within a minute and a half after it.
const start = new Date(Math.ceil(Date.now() / (15 * minute)) * 15 * minute);
const page = { menuItems: [], modifiers: [], discounts: [] };
const none = { requested: 0, alreadyActive: 0, planned: 0, paused: 0, failed: 0 };

let deps: Deps & { url: string };
beforeAll(async () => {
  deps = await openEngine();
});

/** A runnable config of its own that is synced every 15 minutes, with its first due time; all fall into the same quarter. */
async function addScheduled(on: Deps): Promise<{ configId: string; due: Date }> {
  const { configId } = await addQuConfig(on, 'https://pos.example', { establishment: crypto.randomUUID() });
  await setConfig(on, { configId, schedule: { everyMinutes: 15 } });
  const due = nextDue({ everyMinutes: 15 }, start, configId);
  await on.database.query('update integration_source_configs set next_due_at = $2 where id = $1', [
    configId,
    due.toISOString(),
  ]);
  return { configId, due };
}

async function read(on: Deps, configId: string): Promise<Config> {
  const config = await getConfig(on.database, configId);
  if (config === null) throw new Error('the config is gone');
  return config;
}

async function dueTime(on: Deps, configId: string): Promise<Date> {
  const { next_due_at } = (await read(on, configId)).schedule;
  if (next_due_at === null) throw new Error('nothing is due');
  return new Date(next_due_at);
}

async function queuedRuns(on: Deps): Promise<{ id: string; config: string; by: string }[]> {
  const { rows } = await on.database.query<{ id: string; config: string; by: string }>(
    `select id, source_config_id as config, trigger || ' ' || requested_by as by from integration_sync_history where status = 'queued'`,
  );
  return rows;
}

/** Ends all queued runs, so that the next due time is free. */
async function workAll(on: Deps): Promise<string[]> {
  const statuses: string[] = [];
  for (const { id } of await queuedRuns(on)) statuses.push((await runSync(on, id)).status);
  return statuses;
}

function failing(on: Deps, retry: 'no' | 'later'): Deps {
  const down = {
    ...connector,
    // biome-ignore lint/correctness/useYield: a POS that is down yields nothing.
    async *fetch() {
      throw new TillsyncError('The POS is down.', { code: 'upstream_status', step: 'fetch', retry, hint: 'Wait.' });
    },
  };
  return { ...on, connectors: new Map([[connector.id, down]]) } as unknown as Deps;
}

/** The next due time comes, the run is made and fails; returns the schedule as it stands then, planned anew. */
async function failOnce(on: Deps, configId: string, retry: 'no' | 'later'): Promise<{ from: Date; config: Config }> {
  const from = await dueTime(on, configId);
  expect(await requestDue(on, { now: from })).toMatchObject({ requested: 1 });
  expect(await workAll(failing(on, retry))).toEqual(['failed']);
  await requestDue(on, { now: from });
  return { from, config: await read(on, configId) };
}

describe('what is due', () => {
  test('F69: is asked for once per due time, whoever looks and however often', async () => {
    const peer: Deps = { ...deps, database: await openAgain(deps.url) };
    const configs: { configId: string; due: Date }[] = [];
    for (let i = 0; i < 12; i++) configs.push(await addScheduled(deps));
    const now = new Date(Math.max(...configs.map(({ due }) => due.getTime())));
    const found = await Promise.all([deps, peer, deps, peer].map((on) => requestDue(on, { now, limit: 5 })));
    expect(found.reduce((sum, { requested }) => sum + requested, 0)).toBe(12);
    const runs = await queuedRuns(deps);
    expect(runs.map(({ by }) => by)).toEqual(Array(12).fill('schedule schedule'));
    expect(new Set(runs.map(({ config }) => config)).size).toBe(12);
    expect(await requestDue(deps, { now })).toEqual(none);
    for (const { configId, due } of configs) {
      // The next quarter of an hour, with the same jitter.
      expect((await dueTime(deps, configId)).getTime() - due.getTime()).toBe(15 * minute);
    }
    // The next time comes while they still run: that serves as well.
    expect(await requestDue(peer, { now: new Date(now.getTime() + 15 * minute) })).toMatchObject({ alreadyActive: 12 });
    // Not queued again here: that would be twelve more runs.
    await deps.database.query(
      `update integration_sync_history set enqueued = false, lease_expires_at = now() - interval '1 second'`,
    );
    await interruptExpiredRuns(deps.database);
    expect((await read(deps, configs[0]?.configId ?? '')).schedule.failures_in_row).toBe(1);
    await deps.database.query('update integration_source_configs set is_active = false');
  });

  test('of a worker that died before it asked, it is asked for by another one a minute later; if it wakes up, it makes no second run', async () => {
    const { configId, due } = await addScheduled(deps);
    expect(await claimDueConfigs(deps.database, { limit: 10, now: due })).toMatchObject([{ id: configId }]);
    expect(await requestDue(deps, { now: due })).toEqual(none);
    expect(await requestDue(deps, { now: new Date(due.getTime() + minute + 1) })).toMatchObject({ requested: 1 });
    expect(await queuedRuns(deps)).toMatchObject([{ config: configId }]);
    await workAll(withPages(deps, [page]));
    const late = { claimedUntil: new Date(due.getTime() + minute), nextDueAt: due };
    const request = { configId, trigger: 'schedule', requestedBy: 'schedule', due: late } as const;
    await expect(requestSync(deps, request)).rejects.toMatchObject({ code: 'due_time_taken' });
    expect(await queuedRuns(deps)).toEqual([]);
    await setConfig(deps, { configId, schedule: 'none' });
  });

  test('of a worker that stops in the middle, the rest is asked for by another one at once', async () => {
    const configs = await Promise.all(Array.from({ length: 6 }, () => addScheduled(deps)));
    const now = new Date(Math.max(...configs.map(({ due }) => due.getTime())));
    const stop = new AbortController();
    // The first runs are made, four at once, and then somebody stops the worker.
    const stopping: Deps['connectors'] = {
      async get(id) {
        stop.abort();
        return await deps.connectors.get(id);
      },
      all: () => allConnectors(deps.connectors),
    };
    const lines: string[] = [];
    const on: Deps = { ...deps, log: openLog('warn', { write: (line: string) => void lines.push(line) }) };
    const first = await requestDue({ ...on, connectors: stopping }, { now, signal: stop.signal });
    expect({ first, lines }).toEqual({ first: { ...none, requested: 4 }, lines: [] });
    const rest = await requestDue(on, { now });
    expect({ rest, lines }).toEqual({ rest: { ...none, requested: 2 }, lines: [] });
    expect(await workAll(withPages(on, [page]))).toEqual(Array(6).fill('success'));
    for (const { configId } of configs) await setConfig(deps, { configId, schedule: 'none' });
  });

  test('F68: after six hours of downtime, 200 configs catch up once each, spread, and then go on as before', async () => {
    const own = await openEngine();
    const { configId } = await addScheduled(own);
    await own.database.query(
      `with sources as (
         insert into wand_integration_sources (name, integration_type, origin, identity, identity_key)
         select 'S' || i, s.integration_type, s.origin, s.identity || jsonb_build_object('establishment', i::text),
                replace(s.identity_key, s.identity ->> 'establishment', i::text)
           from wand_integration_sources s, generate_series(1, 199) i
         returning id, identity ->> 'establishment' as establishment)
       insert into integration_source_configs (config_name, connector_id, config_params, wand_source_id,
         sync_frequency_minutes)
       select 'C', c.connector_id, c.config_params || jsonb_build_object('establishment', s.establishment), s.id, 15
         from integration_source_configs c, sources s`,
    );
    // Written by SQL, they have no due time yet: they get one, and no run.
    expect(await requestDue(own, { limit: 50 })).toEqual({ ...none, planned: 199 });
    const back = new Date((await dueTime(own, configId)).getTime() + 6 * 60 * minute);
    expect(await requestDue(own, { now: back, limit: 50 })).toEqual({ ...none, planned: 200 });
    const { rows } = await own.database.query<{ at: Date }>('select next_due_at as at from integration_source_configs');
    const waits = rows.map(({ at }) => at.getTime() - back.getTime());
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(90_000);
    expect(new Set(waits.map((wait) => Math.floor(wait / 1000))).size).toBeGreaterThan(30);
    const caughtUp = new Date(back.getTime() + 3 * minute);
    expect(await requestDue(own, { now: caughtUp, limit: 50 })).toEqual({ ...none, requested: 200 });
    expect(await requestDue(own, { now: caughtUp })).toEqual(none);
    expect(new Set((await queuedRuns(own)).map(({ config }) => config)).size).toBe(200);
    const next = await dueTime(own, configId);
    expect(next.getTime()).toBeGreaterThan(caughtUp.getTime());
    expect(next.getTime()).toBeLessThanOrEqual(caughtUp.getTime() + 15 * minute);
  });

  test('of a config that cannot be run, it is said why, and tried again more slowly', async () => {
    const { configId, due } = await addScheduled(deps);
    await deps.database.query(
      `update integration_source_configs set config_params = config_params || '{"auth": "api_key"}' where id = $1`,
      [configId],
    );
    expect(await requestDue(deps, { now: due })).toEqual({ ...none, failed: 1 });
    expect(await requestDue(deps, { now: due })).toEqual(none);
    const { schedule, ...shown } = await read(deps, configId);
    expect(shown).toMatchObject({ last_sync_status: 'failed', last_error: expect.stringContaining('api_key') });
    expect(schedule).toMatchObject({ failures_in_row: 1, slowed: true });
    expect(Date.parse(schedule.next_due_at ?? '') - due.getTime()).toBe(30 * minute);
    await setConfig(deps, { configId, schedule: 'none' });
  });
});

describe('a schedule', () => {
  test('that is paused is not due; resumed, it goes on from its next time; switched off or taken away, neither', async () => {
    const { configId, due } = await addScheduled(deps);
    const paused = await pauseConfig(deps, { configId, by: 'cli:maria', reason: 'Renovation' });
    expect(paused.schedule).toMatchObject({ next_due_at: null, paused_by: 'cli:maria', paused_reason: 'Renovation' });
    const later = new Date(due.getTime() + day);
    expect(await requestDue(deps, { now: later })).toEqual(none);
    expect((await syncNow(withPages(deps, [page]), configId)).status).toBe('success');
    expect((await read(deps, configId)).schedule.paused_by).toBe('cli:maria');
    const { schedule } = await resumeConfig(deps, configId);
    expect(schedule).toMatchObject({ paused_at: null, paused_reason: null, failures_in_row: 0 });
    expect(Math.abs(Date.parse(schedule.next_due_at ?? '') - due.getTime()) % (15 * minute)).toBe(0);
    await setConfig(deps, { configId, isActive: false });
    expect(await requestDue(deps, { now: later })).toEqual(none);
    await setConfig(deps, { configId, isActive: true, schedule: 'none' });
    expect(await requestDue(deps, { now: later })).toEqual(none);
    await expect(resumeConfig(deps, configId)).rejects.toMatchObject({ code: 'schedule_missing' });
    await expect(setConfig(deps, { configId, schedule: { timeZone: 'Asia/Tokyo' } })).rejects.toMatchObject({
      code: 'schedule_invalid',
    });
  });

  test('F30: whose POS is down slows from the third failure on, pauses itself with one notice, and one success resumes it', async () => {
    const lines: string[] = [];
    const on: Deps = { ...deps, log: openLog('warn', { write: (line: string) => void lines.push(line) }) };
    const { configId } = await addScheduled(on);
    const gaps: number[] = [];
    for (let i = 0; i < 5; i++) {
      const { from, config } = await failOnce(on, configId, 'later');
      expect(config.schedule).toMatchObject({ failures_in_row: i + 1, slowed: i >= 2 });
      gaps.push((Date.parse(config.schedule.next_due_at ?? '') - from.getTime()) / minute);
    }
    expect(gaps).toEqual([15, 15, 30, 60, 120]);
    // One success brings the pace back.
    const due = await dueTime(on, configId);
    await requestDue(on, { now: due });
    expect(await workAll(withPages(on, [page]))).toEqual(['success']);
    expect(await requestDue(on, { now: due })).toEqual({ ...none, planned: 1 });
    expect((await read(on, configId)).schedule).toMatchObject({ failures_in_row: 0, slowed: false });
    expect((await dueTime(on, configId)).getTime() - due.getTime()).toBe(15 * minute);
    // Down for a week: it pauses itself.
    for (let i = 0; i < 3; i++) await failOnce(on, configId, 'later');
    lines.length = 0;
    const week = new Date(Date.now() + 7 * day);
    const looks = await Promise.all([on, on, on].map((each) => requestDue(each, { now: week })));
    expect(looks.reduce((sum, { paused }) => sum + paused, 0)).toBe(1);
    expect(lines.filter((line) => line.includes('schedule paused'))).toHaveLength(1);
    expect(await requestDue(on, { now: new Date(week.getTime() + day) })).toEqual(none);
    expect((await read(on, configId)).schedule).toMatchObject({
      paused_by: 'tillsync',
      paused_reason: expect.stringMatching(/^Failed 3 times in a row since .* UTC: The POS is down\.$/),
    });
    // Somebody syncs it by hand, and it goes on by itself.
    expect((await syncNow(withPages(on, [page]), configId)).status).toBe('success');
    expect(await requestDue(on)).toEqual({ ...none, planned: 1 });
    expect((await read(on, configId)).schedule).toMatchObject({ paused_at: null, failures_in_row: 0, slowed: false });
    await setConfig(on, { configId, schedule: 'none' });
  });

  test('whose password is wrong slows from the first failure on; a failed sync by hand counts nothing', async () => {
    const { configId } = await addScheduled(deps);
    expect((await syncNow(failing(deps, 'no'), configId)).status).toBe('failed');
    expect((await read(deps, configId)).schedule).toMatchObject({ failures_in_row: 0, slowed: false });
    const { from, config } = await failOnce(deps, configId, 'no');
    expect(config.schedule).toMatchObject({ failures_in_row: 1, slowed: true });
    expect(Date.parse(config.schedule.next_due_at ?? '') - from.getTime()).toBe(30 * minute);
    await setConfig(deps, { configId, schedule: 'none' });
  });

  test('is late when it was due 5 minutes ago and nothing runs', async () => {
    const { configId } = await addScheduled(deps);
    const set = (ago: string) =>
      deps.database.query('update integration_source_configs set next_due_at = now() - $2::interval where id = $1', [
        configId,
        ago,
      ]);
    await set('4 minutes');
    expect((await read(deps, configId)).schedule.late).toBe(false);
    await set('6 minutes');
    expect((await read(deps, configId)).schedule.late).toBe(true);
    await setConfig(deps, { configId, schedule: { everyMinutes: 1 } });
    await set('3 minutes');
    expect((await read(deps, configId)).schedule.late).toBe(true);
    await setConfig(deps, { configId, schedule: 'none' });
  });
});

test('the command sets, shows, pauses and resumes a schedule, in words and as JSON', async () => {
  const { cli, database } = await openStory();
  const { configId } = await addQuConfig(await depsOver(database), 'https://pos.example');
  const set = await cli.json<Config>([
    ...['configs', 'set', 'QU POS', '--cron', '30 4 * * *'],
    ...['--time-zone', 'America/Chicago'],
  ]);
  expect(set.answer.schedule).toMatchObject({
    every_minutes: null,
    cron: '30 4 * * *',
    time_zone: 'America/Chicago',
    next_due_at: expect.stringMatching(/T(09|10):3[0-5]:/),
    paused_at: null,
    paused_reason: null,
    failures_in_row: 0,
  });
  const paused = await cli.run(['configs', 'pause', configId, '--reason', 'Renovation']);
  expect(paused.stdout).toMatch(/next due +paused/);
  expect(paused.stdout).toMatch(/paused +since .* by cli:.*: Renovation/);
  expect((await cli.json<Config>(['configs', 'resume', configId])).answer.schedule.paused_at).toBeNull();
  const shown = await cli.run(['configs', 'show', configId]);
  expect(shown.stdout).toMatch(/schedule +30 4 \* \* \* \(America\/Chicago\)\nnext due +20\d\d-/);
});

test('a schedule of the original comes along as it is, and waits until somebody resumes it', async () => {
  const { cli, database } = await openStory({ migrated: false });
  await createLegacySchema(database);
  await database.query(
    `insert into integration_source_configs (id, wand_source_id, config_name, application_level, config_params,
       sync_frequency_minutes, sync_schedule)
     values ($1, $3, 'A', 'site', '{"brand": "a", "establishment": "17", "wand_domain": "x"}', 60, null),
            ($2, $3, 'B', 'site', '{"brand": "a", "establishment": "18", "wand_domain": "x"}', null, 'now and then')`,
    [ids.config, ids.otherConfig, ids.vendor],
  );
  const adopted = await depsOver(database);
  await migrateApp({ database, deps: adopted });
  expect((await read(adopted, ids.config)).schedule).toMatchObject({ every_minutes: 60, paused_by: 'adoption' });
  expect(await requestDue(adopted, { now: new Date(Date.now() + 7 * day) })).toEqual(none);
  const { code, stdout, stderr } = await cli.run(['configs', 'resume', '--adopted']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '1 schedule resumed.\n' });
  expect(stderr).toContain('B: The cron expression "now and then" cannot be read');
  const { schedule } = await read(adopted, ids.config);
  expect(schedule).toMatchObject({ every_minutes: 60, paused_at: null });
  expect(await requestDue(adopted, { now: new Date(Date.parse(schedule.next_due_at ?? '')) })).toMatchObject({
    requested: 1,
  });
});
