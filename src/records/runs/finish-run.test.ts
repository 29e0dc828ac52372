// What the end of a run says of its config: a dry run nothing, a cancelled one no error.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addQuConfig, openEngine, syncNow } from '../../../test/support/engine.ts';
import { type FakeQu, startFakeQu } from '../../connectors/qu/fake.ts';
import type { Deps } from '../../sync/deps.ts';
import { requestSync } from '../../sync/request-sync.ts';
import { runSync } from '../../sync/run-sync.ts';
import { sweepRuns } from '../../sync/upkeep/sweep-runs.ts';

let pos: FakeQu;
let deps: Deps;
beforeAll(async () => {
  pos = await startFakeQu({ products: 5, modifiers: 5, discounts: 1 });
  deps = await openEngine();
});
afterAll(() => pos.stop());

async function fared(configId: string) {
  const { rows } = await deps.database.query(
    `select last_sync_status as status, last_error as error, error_count as errors, sync_count as syncs
       from integration_source_configs where id = $1`,
    [configId],
  );
  return rows[0];
}

it('a dry run, planned, failed, without a usable item or dead, says nothing of how its config fares', async () => {
  const { configId } = await addQuConfig(deps, pos.url, { establishment: 'dry' });
  pos.answer('401', 1);
  await syncNow(deps, configId);
  const before = await fared(configId);
  expect(before).toEqual({ status: 'failed', error: expect.stringContaining('credentials'), errors: 1, syncs: 1 });
  expect((await syncNow(deps, configId, { dryRun: true })).status).toBe('planned');
  pos.answer('401', 1);
  expect((await syncNow(deps, configId, { dryRun: true })).status).toBe('failed');
  pos.answer({ body: '{"menuItems":[{}],"modifiers":[],"discounts":[],"error":""}' }, 1);
  expect((await syncNow(deps, configId, { dryRun: true })).counts?.products.rejected).toBe(1);
  const dead = { ...deps, leaseSeconds: -1 };
  await requestSync(dead, { configId, trigger: 'manual', requestedBy: 'test', dryRun: true });
  expect(await sweepRuns(deps)).toBe(1);
  expect(await fared(configId)).toEqual({ ...before, syncs: 5 });
});

it('a cancelled run is told as cancelled and counts as no error', async () => {
  const { configId } = await addQuConfig(deps, pos.url, { establishment: 'cancelled' });
  const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
  const ended = await runSync(deps, run.id, { signal: AbortSignal.abort(new Error('stop')) });
  expect(ended).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
  expect(await fared(configId)).toMatchObject({ status: 'cancelled', errors: 0, syncs: 1 });
});
