// Workers and the queue: who takes a run, and that it is never lost, doubled or half done, whoever dies or stops.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { makeCatalog } from '../../src/connectors/qu/fake-catalog.ts';
import { isSomeWorkerAlive } from '../../src/records/owners/workers.ts';
import { getRun } from '../../src/records/runs/read-runs.ts';
import type { Run } from '../../src/records/runs/run.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { requestSync, type SyncRequest } from '../../src/sync/request-sync.ts';
import { cancelRun } from '../../src/sync/requests/cancel-run.ts';
import { requestFanOut } from '../../src/sync/requests/request-fan-out.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { sweepRuns, tellUntoldRuns } from '../../src/sync/upkeep/sweep-runs.ts';
import { addQuConfig, countsText, openEngine, syncNow } from '../support/engine.ts';
import { beside, openWorker } from '../support/open-worker.ts';
import { openTrip } from '../support/trip.ts';
import { until } from '../support/until.ts';

let pos: FakeQu;
beforeAll(async () => {
  pos = await startFakeQu();
});
beforeEach(() => {
  pos.setCatalog(makeCatalog({ products: 8, modifiers: 8, discounts: 4, repeated: 0 }));
  pos.answer('catalog');
});
afterAll(() => pos.stop());

const over = (run: Run | null) => run !== null && run.status !== 'queued' && run.status !== 'in_progress';

async function ask(deps: Deps, configId: string, more: Partial<SyncRequest> = {}): Promise<Run> {
  const { run } = await requestSync(deps, { configId, trigger: 'api', requestedBy: 'test', enqueue: true, ...more });
  return run;
}

async function ended(deps: Deps, runId: string): Promise<Run> {
  return await until(`the end of run ${runId}`, async () => {
    const run = await getRun(deps.database, runId);
    return over(run) ? run : null;
  });
}

/** Jobs of the queue that no worker has taken, by what they name. */
async function waitingJobs(deps: Deps, queue: 'runs' | 'later-syncs'): Promise<Record<string, unknown>[]> {
  const { rows } = await deps.database.query<{ data: Record<string, unknown> }>(
    `select data from tillsync_jobs.job where name = $1 and state = 'created'`,
    [queue],
  );
  return rows.map(({ data }) => data);
}

async function runsOf(deps: Deps, sourceId: string) {
  const { rows } = await deps.database.query<{ id: string; status: string; attempt: number; retry_of_run_id: string }>(
    `select id, status, attempt, retry_of_run_id from integration_sync_history where wand_source_id = $1
      order by created_at, id`,
    [sourceId],
  );
  return rows;
}

describe('a request', () => {
  it('F58: a thousand of one source at once, from three servers, make one run and one job', async () => {
    const deps = await openEngine();
    const { configId, sourceId } = await addQuConfig(deps, pos.url);
    const servers = await Promise.all([beside(deps), beside(deps), beside(deps)]);
    const runs = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => ask(servers[n % 3] as Deps, configId, { requestedBy: `caller ${n}` })),
    );
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(await runsOf(deps, sourceId)).toHaveLength(1);
    expect(await waitingJobs(deps, 'runs')).toEqual([{ runId: runs[0]?.id }]);
    await openWorker(deps);
    expect((await ended(deps, runs[0]?.id ?? '')).status).toBe('success');
  });

  for (const [where, place] of [
    ['at its job', /insert into tillsync_jobs\./i],
    ['at the commit', /^commit$/],
  ] as const) {
    it(`F59: that fails ${where} leaves neither run nor job`, async () => {
      const { deps, failAt } = await openTrip();
      const { configId } = await addQuConfig(deps, pos.url);
      // The queue is opened before: what fails is the request.
      await deps.queue();
      const failed = failAt(place);
      await expect(ask(deps, configId)).rejects.toThrow();
      await failed;
      expect((await deps.database.query('select from integration_sync_history')).rowCount).toBe(0);
      expect(await waitingJobs(deps, 'runs')).toEqual([]);
    });
  }

  it('whose job is lost is told to the queue again, and once', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    const run = await ask(deps, configId);
    await deps.database.query(`delete from tillsync_jobs.job where name = 'runs'`);
    expect(await tellUntoldRuns(deps)).toBe(0);
    await deps.database.query(`update integration_sync_history set told_at = now() - interval '1 minute'`);
    expect(await tellUntoldRuns(deps)).toBe(1);
    expect(await waitingJobs(deps, 'runs')).toEqual([{ runId: run.id }]);
    await deps.database.query(`update integration_sync_history set told_at = now() - interval '1 minute'`);
    expect(await tellUntoldRuns(deps)).toBe(1);
    expect(await waitingJobs(deps, 'runs')).toHaveLength(1);
    await openWorker(deps);
    expect((await ended(deps, run.id)).status).toBe('success');
  });

  it('for a company makes one parent and syncs each source below once; the parent is over when they are', async () => {
    const deps = await openEngine();
    const sites: string[] = [];
    for (const site of ['1', '2', '3']) {
      const params = { brand: 'acme', establishment: site, base_url: pos.url };
      const at = { level: 'site', site_id: Number(site), company_id: 7, concept_id: 1 } as const;
      const config = await addConfig(deps, { connectorId: 'qu', name: `Site ${site}`, params, secrets: {} });
      await deps.database.query(
        `update integration_source_configs set application_level = $2, site_id = $3, company_id = $4, concept_id = $5
          where id = $1`,
        [config.id, at.level, at.site_id, at.company_id, at.concept_id],
      );
      sites.push(config.id);
    }
    const busy = await ask(deps, sites[2] ?? '');
    const parent = await requestFanOut(deps, { level: 'company', id: 7, trigger: 'api', requestedBy: 'test' });
    expect(parent).toMatchObject({ status: 'in_progress', is_parent: true, source_id: null, source_name: 'company 7' });
    expect(parent.notes).toEqual([expect.stringContaining(busy.id)]);
    await openWorker(deps);
    const children = await until('two children', async () => {
      const { rows } = await deps.database.query<{ status: string }>(
        'select status from integration_sync_history where parent_id = $1',
        [parent.id],
      );
      return rows.every(({ status }) => status === 'success') ? rows : null;
    });
    expect(children).toHaveLength(2);
    await until('the parent', () => sweepRuns(deps).then(() => getRun(deps.database, parent.id).then(over)));
    const done = await getRun(deps.database, parent.id);
    expect(done).toMatchObject({ status: 'success', items_synced: 40, counts: { products: { created: 16 } } });
    expect(done?.notes.at(-1)).toBe('2 sources: 2 success.');
    await expect(
      requestFanOut(deps, { level: 'concept', id: 99, trigger: 'api', requestedBy: 'test' }),
    ).rejects.toMatchObject({ code: 'nothing_below' });
  });
});

describe('a worker', () => {
  it('says that it lives, takes what is queued, and takes itself out when it stops', async () => {
    const deps = await openEngine();
    const { configId, sourceId } = await addQuConfig(deps, pos.url);
    expect(await isSomeWorkerAlive(deps.database, 15)).toBe(false);
    const worker = await openWorker(deps);
    expect(await isSomeWorkerAlive(deps.database, 15)).toBe(true);
    const run = await ended(deps, (await ask(deps, configId)).id);
    expect([run.status, countsText(run)]).toEqual([
      'success',
      'products +8 ~0 =0 -0, modifiers +8 ~0 =0 -0, discounts +4 ~0 =0 -0',
    ]);
    expect((await ask(deps, configId)).id).not.toBe(run.id);
    await until('the second', async () => (await runsOf(deps, sourceId)).every(({ status }) => status === 'success'));
    await worker.stop();
    expect(await isSomeWorkerAlive(deps.database, 15)).toBe(false);
  });

  it('F55: that dies has its run interrupted and queued once more; a second death is the end of it', async () => {
    const deps = await openEngine();
    const { configId, sourceId } = await addQuConfig(deps, pos.url);
    await ask(deps, configId);
    const die = () =>
      deps.database.query(
        `update integration_sync_history set status = 'in_progress', worker = 'gone', started_at = now(),
                lease_token = gen_random_uuid(), lease_expires_at = now() - interval '1 second' where status = 'queued'`,
      );
    await die();
    expect(await sweepRuns(deps)).toBe(1);
    const [first, second] = await runsOf(deps, sourceId);
    expect(second).toEqual({ id: second?.id, status: 'queued', attempt: 2, retry_of_run_id: first?.id });
    await die();
    expect(await sweepRuns(deps)).toBe(1);
    expect((await runsOf(deps, sourceId)).map(({ status }) => status)).toEqual(['interrupted', 'interrupted']);
    await ask(deps, configId);
    await die();
    expect(await sweepRuns(deps)).toBe(1);
    await openWorker(deps, { deps: { leaseSeconds: 0.5 } });
    const last = await until('the run in its place', async () => (await runsOf(deps, sourceId)).at(-1));
    expect((await ended(deps, last.id)).status).toBe('success');
  });

  it('F70: that is told to stop lets runs end in its patience, and gives back what takes longer', async () => {
    const deps = await openEngine();
    const { configId, sourceId } = await addQuConfig(deps, pos.url);
    pos.answer('hang', 1);
    const asked = pos.requests.length;
    const impatient = await openWorker(deps, { drainSeconds: 0.1 });
    const run = await ask(deps, configId);
    await until('the POS was asked', () => pos.requests.length > asked);
    await impatient.stop();
    const given = await ended(deps, run.id);
    expect(given).toMatchObject({ status: 'interrupted', error: { code: 'worker_stopped' } });
    const again = (await runsOf(deps, sourceId)).at(-1);
    expect(again).toMatchObject({ status: 'queued', attempt: 1, retry_of_run_id: run.id });
    await openWorker(deps);
    expect((await ended(deps, again?.id ?? '')).status).toBe('success');
  });
});

describe('a cancel', () => {
  it('F71: ends a waiting run at once, and one that asks a hanging POS soon; both say so', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    const waiting = await ask(deps, configId);
    const cancelled = await cancelRun(deps, { runId: waiting.id, requestedBy: 'test' });
    expect(cancelled).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
    await expect(cancelRun(deps, { runId: waiting.id, requestedBy: 'test' })).rejects.toMatchObject({
      code: 'run_over',
    });
    await expect(cancelRun(deps, { runId: 'no id', requestedBy: 'test' })).rejects.toMatchObject({
      code: 'run_unknown',
    });
    await openWorker(deps);
    pos.answer('hang', 1);
    const asked = pos.requests.length;
    const hanging = await ask(deps, configId);
    await until('the POS was asked', () => pos.requests.length > asked);
    const told = await cancelRun(deps, { runId: hanging.id, requestedBy: 'test' });
    expect(told).toMatchObject({ status: 'in_progress', cancel_requested_at: expect.any(String) });
    const end = await ended(deps, hanging.id);
    expect([end.status, end.items_synced]).toEqual(['cancelled', 0]);
    expect((await syncNow(deps, configId)).status).toBe('success');
  });

  it('of a parent ends its children', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    await deps.database.query('update integration_source_configs set concept_id = 3 where id = $1', [configId]);
    const parent = await requestFanOut(deps, { level: 'concept', id: 3, trigger: 'api', requestedBy: 'test' });
    expect(await cancelRun(deps, { runId: parent.id, requestedBy: 'test' })).toMatchObject({ status: 'cancelled' });
    const { rows } = await deps.database.query('select status from integration_sync_history where parent_id = $1', [
      parent.id,
    ]);
    expect(rows).toEqual([{ status: 'cancelled' }]);
  });
});

describe('a failure', () => {
  it('that passes is tried again when its time comes, and one that needs a person is not', async () => {
    const deps = await openEngine();
    const { configId, sourceId } = await addQuConfig(deps, pos.url);
    await openWorker(deps);
    pos.answer('401', 1);
    await ended(deps, (await ask(deps, configId, { trigger: 'schedule' })).id);
    expect(await waitingJobs(deps, 'later-syncs')).toEqual([]);
    pos.answer('500', 50);
    const scheduled = await ended(deps, (await ask(deps, configId, { trigger: 'schedule' })).id);
    expect(await waitingJobs(deps, 'later-syncs')).toEqual([{ configId, retryOf: scheduled.id }]);
    pos.answer('catalog');
    // Its time comes.
    await deps.database.query(`update tillsync_jobs.job set start_after = now() where name = 'later-syncs'`);
    const retried = await until('the retry', async () => (await runsOf(deps, sourceId)).find((r) => r.attempt === 2));
    expect(await ended(deps, retried.id)).toMatchObject({
      status: 'success',
      trigger: 'retry',
      retry_of_run_id: scheduled.id,
    });
  });
});
