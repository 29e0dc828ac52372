// Plans that wait while the tables move, and rows that another program wrote: approve says stale, the next sync sees them.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { changePrices, dropProducts, makeCatalog } from '../src/connectors/qu/fake-catalog.ts';
import { listChanges } from '../src/records/runs/read-changes.ts';
import { getRun } from '../src/records/runs/read-runs.ts';
import { approveRun, discardRun } from '../src/sync/approve-run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { addQuConfig, countsText, openEngine, syncNow } from './support/engine.ts';
import { readStored } from './support/stored-rows.ts';
import { until } from './support/until.ts';

let pos: FakeQu;
let deps: Deps;
let establishment = 0;
let configId = '';
let sourceId = '';
beforeAll(async () => {
  pos = await startFakeQu();
  deps = await openEngine();
});
beforeEach(async () => {
  pos.setCatalog(makeCatalog({ products: 12, modifiers: 10, discounts: 5, repeated: 1 }));
  pos.answer('catalog');
  establishment += 1;
  ({ configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: String(establishment) }));
  await syncNow(deps, configId);
});
afterAll(() => pos.stop());

const approve = (runId: string) => approveRun(deps, { runId, requestedBy: 'test' });

/** The upsert of the original's save function, which knows no session flag. */
async function saveFromOutside(
  column: 'source_id' | 'wand_source_id',
  externalId: string,
  name: string,
): Promise<void> {
  await deps.database.query(
    `insert into integration_products (${column}, external_id, name, price, last_synced_at) values ($1, $2, $3, 1.5, now())
     on conflict (${column}, external_id) do update set name = excluded.name, price = excluded.price`,
    [sourceId, externalId, name],
  );
}

async function removedIn(runId: string): Promise<string[]> {
  const { data } = await listChanges(deps.database, runId, { limit: 200 });
  return data.filter(({ operation }) => operation === 'removed').map(({ external_id }) => external_id);
}

describe('a plan that waits', () => {
  it('is stale when a row that it would change was changed by another program', async () => {
    const [changed = ''] = changePrices(pos.catalog, 2);
    const planned = await syncNow(deps, configId, { dryRun: true });
    await saveFromOutside('wand_source_id', changed, 'changed meanwhile');
    const before = await readStored(deps.database, sourceId);
    const refused = await approve(planned.id);
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'plan_stale' }, items_synced: 0 });
    expect(await readStored(deps.database, sourceId)).toEqual(before);
  });

  it('is stale when another program added, changed or revived a row that it leaves as it is', async () => {
    const [gone = ''] = dropProducts(pos.catalog, 1);
    await syncNow(deps, configId);
    changePrices(pos.catalog, 1);
    for (const externalId of ['of nobody', String(pos.catalog.menuItems[5]?.pathId), gone]) {
      const planned = await syncNow(deps, configId, { dryRun: true });
      await saveFromOutside('source_id', externalId, 'meanwhile');
      expect((await approve(planned.id)).error).toMatchObject({ code: 'plan_stale' });
      await syncNow(deps, configId, { dryRun: true });
    }
  });

  it('is stale after a sync that changed the same rows, and after one that removed them', async () => {
    changePrices(pos.catalog, 2);
    const planned = await syncNow(deps, configId, { dryRun: true });
    changePrices(pos.catalog, 3);
    await syncNow(deps, configId);
    await expect(approve(planned.id)).rejects.toMatchObject({ code: 'plan_stale' });
    pos.answer('empty', 1);
    const held = await syncNow(deps, configId);
    const { run } = await saveFormatted(deps, {
      configId,
      requestedBy: 'test',
      formattedData: { products: [{ mappingId: 'new', name: 'new' }] },
    });
    expect(run.counts?.products.created).toBe(1);
    const after = await readStored(deps.database, sourceId);
    const late = await approve(held.id).catch((error: { code: string }) => ({ error }));
    expect(late.error).toMatchObject({ code: 'plan_stale' });
    expect(await readStored(deps.database, sourceId)).toEqual(after);
  });

  it('applies exactly its plan when nothing moved, restores included, and leaves the hold closed', async () => {
    const dropped = dropProducts(pos.catalog, 7);
    const held = await syncNow(deps, configId);
    expect([held.status, (await removedIn(held.id)).sort()]).toEqual(['held', [...dropped].sort()]);
    const asked = pos.requests.length;
    const applied = await approve(held.id);
    expect([applied.status, applied.trigger, applied.applies_run_id]).toEqual(['success', 'approve', held.id]);
    expect(applied.counts).toEqual(held.counts);
    expect((await removedIn(applied.id)).sort()).toEqual([...dropped].sort());
    expect(pos.requests.length).toBe(asked);
    expect((await getRun(deps.database, held.id))?.hold).toMatchObject({
      resolution: 'approved',
      resolved_by: 'test',
      resolved_by_run: applied.id,
    });
    expect(countsText(await syncNow(deps, configId))).toContain('products +0 ~0 =5 -0');
    await expect(discardRun(deps, { runId: held.id, requestedBy: 'test' })).rejects.toMatchObject({
      code: 'plan_stale',
    });
  });

  it('of ten approvals at once exactly one applies', async () => {
    pos.answer('empty', 1);
    const held = await syncNow(deps, configId);
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => approve(held.id)));
    const applied = results.filter((result) => result.status === 'fulfilled' && result.value.status === 'success');
    expect(applied).toHaveLength(1);
    for (const result of results) {
      const code = result.status === 'rejected' ? result.reason.code : (result.value.error?.code ?? 'applied');
      expect(['applied', 'sync_running', 'plan_stale']).toContain(code);
    }
    expect([...(await readStored(deps.database, sourceId)).values()].every(({ removed }) => removed)).toBe(true);
  });

  it('only held and planned runs can be decided on', async () => {
    const done = await syncNow(deps, configId);
    await expect(approve(done.id)).rejects.toMatchObject({ code: 'run_not_waiting' });
    await expect(discardRun(deps, { runId: done.id, requestedBy: 'test' })).rejects.toMatchObject({
      code: 'run_not_waiting',
    });
    await expect(approve('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({ code: 'run_unknown' });
  });
});

describe('rows of another program', () => {
  it('F04: its upserts on either key are seen and put right by the next sync, with old and new in the diff', async () => {
    const [one, two] = pos.catalog.menuItems.map((item) => String(item.pathId));
    const before = await readStored(deps.database, sourceId);
    await saveFromOutside('source_id', one ?? '', 'theirs');
    await saveFromOutside('wand_source_id', two ?? '', 'theirs too');
    const run = await syncNow(deps, configId);
    expect(countsText(run)).toContain('products +0 ~2 =10 -0');
    const { data } = await listChanges(deps.database, run.id);
    expect(data.map(({ external_id, fields }) => [external_id, fields.name?.[0]]).sort()).toEqual(
      [
        [one, 'theirs'],
        [two, 'theirs too'],
      ].sort(),
    );
    const after = await readStored(deps.database, sourceId);
    for (const [key, row] of after) expect({ key, ...row.columns }).toEqual({ key, ...before.get(key)?.columns });
  });

  it('a write that changes nothing is unchanged, and does not move updated_at', async () => {
    const [item] = pos.catalog.menuItems;
    const key = JSON.stringify(['products', item?.pathId, null]);
    await deps.database.query('update integration_products set name = name where source_id = $1', [sourceId]);
    const before = await readStored(deps.database, sourceId);
    expect(countsText(await syncNow(deps, configId))).toContain('products +0 ~0 =12 -0');
    const after = await readStored(deps.database, sourceId);
    expect(after.get(key)?.updated).toBe(before.get(key)?.updated);
    expect(after.get(key)?.synced).not.toBe(before.get(key)?.synced);
  });

  it('an item that it brought back from removal, or added, is removed by the next full sync', async () => {
    const [gone = ''] = dropProducts(pos.catalog, 1);
    await syncNow(deps, configId);
    await saveFromOutside('source_id', gone, 'back');
    await saveFromOutside('wand_source_id', 'theirs alone', 'new');
    const { rows } = await deps.database.query<{ external_id: string }>(
      'select external_id from integration_products_current where source_id = $1 and external_id = any($2)',
      [sourceId, [gone, 'theirs alone']],
    );
    expect(rows).toHaveLength(2);
    const run = await syncNow(deps, configId);
    expect((await removedIn(run.id)).sort()).toEqual([gone, 'theirs alone'].sort());
  });

  it('F05, F04: one that saves the same new key while a sync is under way costs neither of the two a row', async () => {
    const body = { products: [{ mappingId: 'raced', name: 'ours', price: 2 }] };
    const theirs = await deps.database.withConnection(async (connection) => {
      await connection.query('begin');
      await connection.query(
        `insert into integration_products (source_id, external_id, name) values ($1, 'raced', 'theirs')`,
        [sourceId],
      );
      const saving = saveFormatted(deps, { configId, requestedBy: 'test', formattedData: body });
      await waitForLock();
      await connection.query('commit');
      return await saving;
    });
    expect(theirs.run.error).toBeNull();
    // A row that no run of ours had written is met for the first time: its name differs, and that is an update.
    expect(theirs.run.counts?.products).toMatchObject({ created: 0, updated: 1 });
    expect((await readStored(deps.database, sourceId)).get('["products","raced",null]')?.columns).toMatchObject({
      name: 'ours',
      price: '2',
    });
  });
});

async function waitForLock(): Promise<void> {
  await until('the save waits for the other writer', async () => {
    const { rows } = await deps.database.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'copy integration_products%'`,
    );
    return rows.length > 0;
  });
}

describe('a plan with a row that only the database refuses', () => {
  it('F38: is applied without that row, which is set aside, and is not called stale', async () => {
    const key = 'no_poison';
    await deps.database.query(`alter table integration_discounts add constraint ${key} check (name <> 'poison')`);
    const [refused] = pos.catalog.discounts;
    if (refused) refused.name = 'poison';
    const dropped = dropProducts(pos.catalog, 8);
    const held = await syncNow(deps, configId);
    expect([held.status, held.counts?.discounts.updated]).toEqual(['held', 1]);
    const applied = await approve(held.id);
    await deps.database.query(`alter table integration_discounts drop constraint ${key}`);
    expect([applied.error, applied.status, countsText(applied)]).toEqual([
      null,
      'partial',
      'products +0 ~0 =4 -8, modifiers +0 ~0 =10 -0 duplicates 1, discounts +0 ~0 =4 -0 rejected 1',
    ]);
    expect((await removedIn(applied.id)).sort()).toEqual([...dropped].sort());
    await expect(approve(held.id)).rejects.toMatchObject({ code: 'plan_stale' });
  });
});
