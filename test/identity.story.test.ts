// A source stands for one catalog: what was read for another is neither saved nor approved into it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { changePrices } from '../src/connectors/qu/fake-catalog.ts';
import { approveRun } from '../src/sync/approve-run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { addConfig, setConfig } from '../src/sync/set-config.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';

let pos: FakeQu;
let deps: Deps;
let configId: string;
let sourceId: string;
beforeAll(async () => {
  pos = await startFakeQu({ products: 20, modifiers: 10, discounts: 3 });
});
afterAll(() => pos.stop());
beforeEach(async () => {
  deps = await openEngine();
  ({ configId, sourceId } = await addQuConfig(deps, pos.url));
});

async function productsOf(source: string): Promise<number> {
  const { rows } = await deps.database.query<{ count: number }>(
    'select count(*)::int as count from integration_products where wand_source_id = $1',
    [source],
  );
  return rows[0]?.count ?? 0;
}

describe('a config that is told to read another catalog', () => {
  it('between the request and the run: the run fails and neither source gets a row', async () => {
    const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
    const changed = await setConfig(deps, { configId, params: { establishment: '18' }, newSource: true });
    const ended = await runSync(deps, run.id);
    expect(ended).toMatchObject({ status: 'failed', source_id: sourceId, error: { code: 'config_changed' } });
    expect([await productsOf(sourceId), await productsOf(changed.source_id ?? '')]).toEqual([0, 0]);
  });

  it('while the run is under way: a move waits for its end, a new source is not written by it', async () => {
    const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
    let moved: Promise<unknown> | undefined;
    const ended = await runSync(deps, run.id, {
      onProgress({ phase }) {
        if (phase !== 'format' || moved !== undefined) return;
        moved = setConfig(deps, { configId, params: { establishment: '99' }, move: true }).catch((error) => error);
      },
    });
    expect(await moved).toMatchObject({ code: 'source_busy' });
    expect(ended.status).toBe('success');
    const { rows } = await deps.database.query('select identity from wand_integration_sources where id = $1', [
      sourceId,
    ]);
    expect(rows[0]).toEqual({ identity: { brand: 'acme', establishment: '17' } });
  });

  it('by a move: holds and plans of the old catalog cannot be approved into the new one', async () => {
    await syncNow(deps, configId);
    changePrices(pos.catalog, 2);
    const planned = await syncNow(deps, configId, { dryRun: true });
    pos.answer('empty', 1);
    const held = await syncNow(deps, configId);
    await setConfig(deps, { configId, params: { establishment: '99' }, move: true });
    for (const waiting of [planned, held]) {
      await expect(approveRun(deps, { runId: waiting.id, requestedBy: 'test' })).rejects.toThrow(/superseded/);
    }
  });

  it('by a new source: what waits for the old one is not applied to the new one', async () => {
    await syncNow(deps, configId);
    pos.answer('empty', 1);
    const held = await syncNow(deps, configId);
    const { source_id: other } = await setConfig(deps, { configId, params: { establishment: '99' }, newSource: true });
    await syncNow(deps, configId);
    expect(await approveRun(deps, { runId: held.id, requestedBy: 'test' })).toMatchObject({
      status: 'failed',
      error: { code: 'config_changed' },
    });
    expect(await productsOf(other ?? '')).toBe(20);
  });
});

describe('a config that is switched off', () => {
  it('neither syncs nor saves over the rows of the one that is on', async () => {
    await syncNow(deps, configId);
    await setConfig(deps, { configId, isActive: false });
    const params = { brand: 'acme', establishment: '17', base_url: pos.url };
    const active = await addConfig(deps, { connectorId: 'qu', name: 'Other', siteId: 5, params, secrets: {} });
    await expect(syncNow(deps, configId)).rejects.toMatchObject({ code: 'config_inactive' });
    const save = saveFormatted(deps, { configId, requestedBy: 'test', formattedData: { products: [{ id: 'x' }] } });
    await expect(save).rejects.toMatchObject({ code: 'config_inactive' });
    const run = await syncNow(deps, active.id);
    expect(run.counts?.products).toMatchObject({ unchanged: 20, created: 0 });
    const { rows } = await deps.database.query(
      `select count(*)::int as items, count(*) filter (where updated_at <> created_at)::int as updated
         from integration_products where source_config_id = $1 and site_id = 5`,
      [active.id],
    );
    // Rows follow the config that saw them, without being called changed.
    expect(rows[0]).toEqual({ items: 20, updated: 0 });
  });
});

describe('what waits for approval', () => {
  it('is stale when a foreign program wrote a row twice, though its fingerprint is unknown both times', async () => {
    await syncNow(deps, configId);
    const foreign = (price: number) => deps.database.query('update integration_products set price = $1', [price]);
    await foreign(1000);
    const planned = await syncNow(deps, configId, { dryRun: true });
    expect(planned.counts?.products.updated).toBe(20);
    await foreign(777);
    const late = await approveRun(deps, { runId: planned.id, requestedBy: 'test' });
    expect(late).toMatchObject({ status: 'failed', error: { code: 'plan_stale' } });
    const { rows } = await deps.database.query<{ price: string }>('select distinct price from integration_products');
    expect(rows).toEqual([{ price: '777' }]);
  });

  it('survives a merge save, which is no complete answer, and a dry run, but no newer complete sync', async () => {
    await syncNow(deps, configId);
    pos.answer('empty', 1);
    const held = await syncNow(deps, configId);
    const discount = { id: String(pos.catalog.discounts[0]?.id), name: 'x' };
    const merge = { configId, requestedBy: 'test', formattedData: { discounts: [discount] } };
    const { run: merged } = await saveFormatted(deps, merge);
    expect([merged.status, merged.complete, merged.notes]).toEqual(['success', null, []]);
    const open = async () =>
      (await deps.database.query('select hold_open from integration_sync_history where id = $1', [held.id])).rows[0];
    expect(await open()).toEqual({ hold_open: true });
    const planned = await syncNow(deps, configId, { dryRun: true });
    expect(await open()).toEqual({ hold_open: true });
    await syncNow(deps, configId);
    expect(await open()).toEqual({ hold_open: false });
    await expect(approveRun(deps, { runId: planned.id, requestedBy: 'test' })).rejects.toThrow(/superseded/);
  });
});
