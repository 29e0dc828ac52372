// Workers that die, stop or come late: their run is ended by the sweep, and nothing of theirs is committed afterwards.

import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { makeCatalog } from '../../src/connectors/qu/fake-catalog.ts';
import { getRun } from '../../src/records/runs/read-runs.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { followRun } from '../../src/sync/follow-run.ts';
import { requestSync } from '../../src/sync/request-sync.ts';
import { runSync } from '../../src/sync/run-sync.ts';
import { sweepRuns } from '../../src/sync/upkeep/sweep-runs.ts';
import { openAgain } from '../support/database.ts';
import { addQuConfig, countsText, openEngine, syncNow } from '../support/engine.ts';
import { startProcess } from '../support/start-process.ts';
import { readStored } from '../support/stored-rows.ts';
import { openTrip } from '../support/trip.ts';
import { until } from '../support/until.ts';

const program = join(import.meta.dirname, 'sync-process.ts');
let pos: FakeQu;
beforeAll(async () => {
  pos = await startFakeQu();
});
beforeEach(() => {
  pos.setCatalog(makeCatalog({ products: 8, modifiers: 8, discounts: 4, repeated: 0 }));
  pos.answer('catalog');
});
afterAll(() => pos.stop());

const nothingNew = 'products +0 ~0 =8 -0, modifiers +0 ~0 =8 -0, discounts +0 ~0 =4 -0';

/** A source with a first sync behind it, and one product more at the POS. */
async function syncedSource(deps: Deps): Promise<{ configId: string; sourceId: string }> {
  const config = await addQuConfig(deps, pos.url);
  expect((await syncNow(deps, config.configId)).status).toBe('success');
  pos.edit((catalog) => {
    catalog.menuItems[0] = { ...catalog.menuItems[0], name: 'changed' };
  });
  return config;
}

describe('a worker', () => {
  for (const [where, place] of [
    ['while the POS is asked', ''],
    ['in the middle of the save', '^update integration_products t set path_id'],
    ['before its commit', 'insert into integration_sync_state'],
  ] as const) {
    it(`F55: killed ${where}, leaves a run that is interrupted once its lease is over, and the tables as they were`, async () => {
      const deps = await openEngine();
      const { configId, sourceId } = await syncedSource(deps);
      const before = await readStored(deps.database, sourceId);
      if (place === '') pos.answer('hang', 1);
      const asked = pos.requests.length;
      const { child, said, ended } = await startProcess<{ runId: string }>(program, [deps.url, configId, '3', place]);
      await until('the POS was asked', () => pos.requests.length > asked);
      expect(await sweepRuns(deps)).toBe(0);
      child.kill('SIGKILL');
      await ended;
      const dead = await getRun(deps.database, said.runId);
      expect(dead?.status).toBe('in_progress');
      // Whoever follows it, or asks for a sync, ends it when its time is over.
      const followed = await followRun(deps, said.runId);
      expect(followed).toMatchObject({ status: 'interrupted', phase: null, error: { code: 'interrupted' } });
      expect(followed.finished_at).not.toBeNull();
      expect(await readStored(deps.database, sourceId)).toEqual(before);
      const { rows } = await deps.database.query(
        `select last_sync_status, error_count, sync_count from integration_source_configs`,
      );
      expect(rows).toEqual([{ last_sync_status: 'interrupted', error_count: 1, sync_count: 2 }]);
      expect(countsText(await syncNow(deps, configId))).toContain('products +0 ~1 =7 -0');
    });
  }

  for (const hours of [-2, 2]) {
    it(`F67: whose clock is ${hours} hours off syncs, keeps its lease, and ends nobody else’s run`, async () => {
      const deps = await openEngine();
      const { configId, sourceId } = await syncedSource(deps);
      const other = await addQuConfig(deps, pos.url, { establishment: 'other' });
      const { run: waiting } = await requestSync(deps, { ...other, trigger: 'manual', requestedBy: 'test' });
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 });
      try {
        const run = await syncNow(deps, configId);
        expect([run.status, await sweepRuns(deps)]).toEqual(['success', 0]);
        expect((await getRun(deps.database, waiting.id))?.status).toBe('queued');
      } finally {
        vi.useRealTimers();
      }
      const { rows } = await deps.database.query<{ apart: number }>(
        `select abs(extract(epoch from now() - last_synced_at))::float as apart from integration_sync_state where wand_source_id = $1`,
        [sourceId],
      );
      expect(rows[0]?.apart).toBeLessThan(3600);
    });
  }

  it('F56: a run that nobody takes is ended as well, and counted by the sweep also when its config is gone', async () => {
    const deps = await openEngine({ deps: { leaseSeconds: 0.05 } });
    const { configId } = await addQuConfig(deps, pos.url);
    const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
    await deps.database.query('delete from integration_source_configs');
    expect(await until('the sweep', () => sweepRuns(deps))).toBe(1);
    expect((await getRun(deps.database, run.id))?.status).toBe('interrupted');
    expect(await sweepRuns(deps)).toBe(0);
  });

  it('F55: asking for a sync ends a dead run of the source itself: no button is dead for ever', async () => {
    const deps = await openEngine();
    const { configId } = await syncedSource(deps);
    const { run } = await requestSync(
      { ...deps, leaseSeconds: 0.05 },
      { configId, trigger: 'manual', requestedBy: 'test' },
    );
    const second = await until('a run of its own', async () => {
      const asked = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
      return asked.alreadyActive ? null : asked.run;
    });
    expect(second.id).not.toBe(run.id);
    expect((await runSync(deps, second.id)).status).toBe('success');
  });

  for (const [where, place] of [
    ['before it has the lock of the source', /from integration_run_payloads r/],
    ['in its save transaction', /^insert into integration_item_changes/],
    ['at the end of its save', /insert into integration_sync_state/],
  ] as const) {
    it(`F57: that wakes up late, stopped ${where}, commits nothing over what the next one saved`, async () => {
      const late = await openTrip({ leaseSeconds: 1, worker: 'late' });
      const prompt: Deps = {
        ...late.deps,
        database: await openAgain(late.deps.url),
        worker: 'prompt',
        leaseSeconds: 60,
      };
      const { configId, sourceId } = await syncedSource(late.deps);
      const { promise: awake, resolve: wake } = Promise.withResolvers<void>();
      let isStopped = false;
      // A stopped process stops as a whole: its heartbeat, too.
      late.onStatement(async (statement) => {
        if (!isStopped && !place.test(statement)) return;
        isStopped = true;
        await awake;
      });
      const { run } = await requestSync(prompt, { configId, trigger: 'manual', requestedBy: 'test' });
      const lateRun = runSync(late.deps, run.id);
      await until('the worker stands still', () => isStopped);
      await until('its lease is over', () => sweepRuns(prompt));
      expect((await getRun(prompt.database, run.id))?.status).toBe('interrupted');
      pos.edit((catalog) => {
        catalog.menuItems[0] = { ...catalog.menuItems[0], name: 'newer' };
      });
      const next = await syncNow(prompt, configId);
      expect([next.error, countsText(next)]).toEqual([null, expect.stringContaining('products +0 ~1 =7 -0')]);
      const saved = await readStored(prompt.database, sourceId);
      wake();
      late.onStatement(null);
      expect((await lateRun.catch(() => getRun(prompt.database, run.id)))?.status).toBe('interrupted');
      expect(await readStored(prompt.database, sourceId)).toEqual(saved);
      expect(countsText(await syncNow(prompt, configId))).toBe(nothingNew);
    });
  }

  it('F57: whose run was given to another one commits nothing, even when nobody ended its connection', async () => {
    const { deps, onStatement } = await openTrip();
    const { configId, sourceId } = await syncedSource(deps);
    const before = await readStored(deps.database, sourceId);
    const beside = await openAgain(deps.url);
    let given = 0;
    onStatement(async (statement) => {
      if (!/insert into integration_sync_state/.test(statement) || given > 0) return;
      const { rowCount } = await beside.query(
        `update integration_sync_history set lease_token = gen_random_uuid(), worker = 'another' where status = 'in_progress'`,
      );
      given = rowCount;
    });
    const run = await syncNow(deps, configId);
    expect([given, run.status, run.worker]).toEqual([1, 'in_progress', 'another']);
    expect(await readStored(deps.database, sourceId)).toEqual(before);
  });

  for (const [where, place] of [
    ['in its save transaction', '^insert into integration_item_changes'],
    // The next sync brings the same answer, and would wait for the key of this one.
    ['while it keeps its answer', '^insert into integration_run_payloads'],
  ] as const) {
    it(`F57: stopped as a process ${where}, does not keep others from the source`, async () => {
      const deps = await openEngine();
      const { configId, sourceId } = await syncedSource(deps);
      const { child, said, ended } = await startProcess<{ runId: string }>(program, [deps.url, configId, '1', place]);
      child.kill('SIGSTOP');
      await until('its lease is over', () => sweepRuns(deps));
      const next = await syncNow(deps, configId);
      expect([next.error, countsText(next)]).toEqual([null, expect.stringContaining('products +0 ~1 =7 -0')]);
      const saved = await readStored(deps.database, sourceId);
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await ended;
      expect((await getRun(deps.database, said.runId))?.status).toBe('interrupted');
      expect(await readStored(deps.database, sourceId)).toEqual(saved);
    });
  }
});
