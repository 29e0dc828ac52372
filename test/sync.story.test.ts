// The life of a sync against a pretend POS: creates, changes nothing, shows the diff, holds, approves, restores.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { addProducts, changePrices, dropProducts } from '../src/connectors/qu/fake-catalog.ts';
import { listChanges } from '../src/records/runs/read-changes.ts';
import { approveRun, discardRun } from '../src/sync/approve-run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { addQuConfig, countsText, openEngine, syncNow } from './support/engine.ts';

let pos: FakeQu;
beforeAll(async () => {
  pos = await startFakeQu();
});
afterAll(() => pos.stop());

interface Times {
  updated: string;
  synced: string;
}

async function timesOf(deps: Deps): Promise<Map<string, Times>> {
  const { rows } = await deps.database.query<{ id: string; updated: string; synced: string }>(
    `select id, updated_at::text as updated, last_synced_at::text as synced from integration_products
     union all select id, updated_at::text, last_synced_at::text from integration_modifiers
     union all select id, updated_at::text, last_synced_at::text from integration_discounts`,
  );
  return new Map(rows.map((row) => [row.id, { updated: row.updated, synced: row.synced }]));
}

/** What is in the tables, as text that changes when anything but last_synced_at does. */
async function contentOf(deps: Deps): Promise<string> {
  const { rows } = await deps.database.query<{ text: string }>(
    `select md5(string_agg(t, '|' order by t)) as text from (
       select (to_jsonb(p) - 'last_synced_at')::text as t from integration_products p
       union all select (to_jsonb(m) - 'last_synced_at')::text from integration_modifiers m
       union all select (to_jsonb(d) - 'last_synced_at')::text from integration_discounts d) as all_rows`,
  );
  return rows[0]?.text ?? '';
}

describe('a sync', () => {
  it('creates on the first run, changes nothing on the second, and moves every last_synced_at but no updated_at', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    const first = await syncNow(deps, configId);
    expect(first.error).toBeNull();
    expect(first.status).toBe('success');
    const expected = pos.expectation();
    expect(first.counts?.products).toMatchObject({ received: expected.products.received, created: 425, duplicates: 0 });
    expect(first.counts?.modifiers).toMatchObject({
      received: expected.modifiers.received,
      created: 685,
      duplicates: expected.modifiers.duplicates,
    });
    expect(first.counts?.discounts).toMatchObject({ received: 10, created: 10 });
    expect(first.items_synced).toBe(1_120);
    const before = await timesOf(deps);
    expect(before.size).toBe(1_120);

    const second = await syncNow(deps, configId);
    expect(countsText(second)).toBe(
      `products +0 ~0 =425 -0, modifiers +0 ~0 =685 -0 duplicates ${expected.modifiers.duplicates}, discounts +0 ~0 =10 -0`,
    );
    const after = await timesOf(deps);
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [id, times] of after) {
      expect(times.updated).toBe(before.get(id)?.updated);
      expect(times.synced > (before.get(id)?.synced ?? '')).toBe(true);
    }
  });

  it('changes nothing when the POS sends the same rows in another order', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    await syncNow(deps, configId);
    const before = await contentOf(deps);
    pos.answer('reorder', 1);
    const run = await syncNow(deps, configId);
    expect(run.counts?.products).toMatchObject({ created: 0, updated: 0, removed: 0, unchanged: 425 });
    expect(run.counts?.modifiers).toMatchObject({ created: 0, updated: 0, removed: 0, unchanged: 685 });
    expect(await contentOf(deps)).toBe(before);
  });

  it('stores an unchanged answer only once', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    await syncNow(deps, configId);
    pos.edit((catalog) => {
      catalog.lastModified = '2031-01-01T00:00:00.000';
    });
    await syncNow(deps, configId);
    const { rows } = await deps.database.query<{ payloads: string; refs: string }>(
      `select (select count(*) from integration_payloads) as payloads, (select count(*) from integration_run_payloads) as refs`,
    );
    expect(rows[0]).toEqual({ payloads: '1', refs: '2' });
  });

  it('shows exactly what changed, with old and new, and brings a removed item back when it returns', async () => {
    const own = await startFakeQu({ seed: 7 });
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, own.url);
    await syncNow(deps, configId);
    const kept = structuredClone(own.catalog.menuItems);
    const changed = changePrices(own.catalog, 12);
    const added = addProducts(own.catalog, 3);
    const dropped = dropProducts(own.catalog, 5, [...changed, ...added]);
    const run = await syncNow(deps, configId);
    expect(run.counts?.products).toMatchObject({ created: 3, updated: 12, removed: 5, unchanged: 425 - 17 });
    const { data } = await listChanges(deps.database, run.id, { limit: 100 });
    expect(
      data
        .filter(({ operation }) => operation === 'removed')
        .map((change) => change.external_id)
        .sort(),
    ).toEqual([...dropped].sort());
    const updated = data.filter(({ operation }) => operation === 'updated');
    expect(updated.map((change) => change.external_id).sort()).toEqual([...changed].sort());
    for (const change of updated) {
      const [old, isNew] = change.fields.price ?? [];
      expect(old).not.toBeUndefined();
      expect(isNew).not.toBe(old);
    }
    own.edit((catalog) => {
      catalog.menuItems = kept;
    });
    const back = await syncNow(deps, configId);
    expect(back.counts?.products).toMatchObject({ created: 0, restored: 5, removed: 3, updated: 12 });
    const { rows } = await deps.database.query<{ live: string }>(
      'select count(*) as live from integration_products_current',
    );
    expect(rows[0]?.live).toBe('425');
    await own.stop();
  });

  it('F65: rows that others refer to are marked removed and come back as themselves, with their history', async () => {
    const own = await startFakeQu({ products: 12, modifiers: 3, discounts: 1, repeated: 0 });
    const deps = await openEngine();
    const { configId, sourceId } = await addQuConfig(deps, own.url, { establishment: 'referenced' });
    await syncNow(deps, configId);
    await deps.database.query(`create table menu_rows (item_id uuid references integration_products (id));
      insert into menu_rows select id from integration_products where wand_source_id = '${sourceId}'`);
    const [gone] = structuredClone(own.catalog.menuItems);
    for (let turn = 0; turn < 2; turn++) {
      own.edit((catalog) => void catalog.menuItems.shift());
      expect((await syncNow(deps, configId)).counts?.products).toMatchObject({ removed: 1 });
      own.edit((catalog) => void catalog.menuItems.unshift(structuredClone(gone!)));
      expect((await syncNow(deps, configId)).counts?.products).toMatchObject({ created: 0, restored: 1 });
    }
    const { rows } = await deps.database.query<{ referring: number; operations: string[] }>(
      `select (select count(*)::int from menu_rows m join integration_products p on p.id = m.item_id
                where p.removed_at is null) as referring,
              array(select operation from integration_item_changes where wand_source_id = $1 order by created_at) as operations`,
      [sourceId],
    );
    expect(rows).toEqual([{ referring: 12, operations: ['removed', 'restored', 'removed', 'restored'] }]);
    await own.stop();
  });

  it('F13: holds an empty answer, writes nothing, lists what would have gone; approve applies it and a second approve is stale', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    await syncNow(deps, configId);
    const before = await contentOf(deps);
    pos.answer('empty', 1);
    const held = await syncNow(deps, configId);
    expect(held.status).toBe('held');
    expect(held.items_synced).toBe(0);
    expect(held.counts?.products.removed).toBe(425);
    expect(held.hold?.rules.map(({ rule }) => rule)).toEqual([
      'removes_whole_kind',
      'removes_whole_kind',
      'removes_whole_kind',
    ]);
    expect(await contentOf(deps)).toBe(before);
    const { data, next } = await listChanges(deps.database, held.id, { limit: 1_000 });
    const rest = await listChanges(deps.database, held.id, { limit: 1_000, cursor: next ?? '' });
    const listed = [...data, ...rest.data];
    expect(listed).toHaveLength(1_120);
    expect(new Set(listed.map(({ operation }) => operation))).toEqual(new Set(['removed']));

    const approved = await approveRun(deps, { runId: held.id, requestedBy: 'test' });
    expect(approved.error).toBeNull();
    expect(approved.status).toBe('success');
    expect(approved.counts?.products.removed).toBe(425);
    const { rows } = await deps.database.query<{ live: string }>(
      'select count(*) as live from integration_products_current',
    );
    expect(rows[0]?.live).toBe('0');
    await expect(approveRun(deps, { runId: held.id, requestedBy: 'test' })).rejects.toMatchObject({
      code: 'plan_stale',
    });
  });

  it('F24: fetches an answer again that breaks off in its body, and fails truthfully when it keeps breaking off', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    const asked = pos.requests.length;
    pos.answer('truncated', 1);
    const run = await syncNow(deps, configId);
    expect(run.error).toBeNull();
    expect(run.counts?.products.created).toBe(425);
    expect(pos.requests.length - asked).toBe(2);
    const before = await contentOf(deps);
    pos.answer('truncated', 3);
    const failed = await syncNow(deps, configId);
    expect(failed).toMatchObject({ status: 'failed', counts: null, error: { code: 'upstream_truncated' } });
    expect(await contentOf(deps)).toBe(before);
  });

  it('a newer complete fetch supersedes an open hold, and a discarded hold cannot be approved', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    await syncNow(deps, configId);
    pos.answer('empty', 1);
    const superseded = await syncNow(deps, configId);
    await syncNow(deps, configId);
    await expect(approveRun(deps, { runId: superseded.id, requestedBy: 'test' })).rejects.toThrow(/superseded/);
    pos.answer('empty', 1);
    const discarded = await syncNow(deps, configId);
    await discardRun(deps, { runId: discarded.id, requestedBy: 'test' });
    await expect(approveRun(deps, { runId: discarded.id, requestedBy: 'test' })).rejects.toThrow(/discarded/);
  });

  it('a dry run plans without writing, and its plan can be approved until the tables move', async () => {
    const own = await startFakeQu({ seed: 9 });
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, own.url);
    await syncNow(deps, configId);
    changePrices(own.catalog, 2);
    const before = await contentOf(deps);
    const planned = await syncNow(deps, configId, { dryRun: true });
    expect(planned.status).toBe('planned');
    expect(await contentOf(deps)).toBe(before);
    const applied = await approveRun(deps, { runId: planned.id, requestedBy: 'test' });
    expect(applied.counts?.products.updated).toBe(2);

    changePrices(own.catalog, 3);
    const stale = await syncNow(deps, configId, { dryRun: true });
    await syncNow(deps, configId);
    await expect(approveRun(deps, { runId: stale.id, requestedBy: 'test' })).rejects.toMatchObject({
      code: 'plan_stale',
    });
    await own.stop();
  });

  it('streams the payload a second time when the changes do not fit into memory, with the same result', async () => {
    const own = await startFakeQu({ seed: 11 });
    const small = await openEngine({ deps: { planMemoryChanges: 20 } });
    const large = await openEngine();
    for (const deps of [small, large]) {
      const { configId } = await addQuConfig(deps, own.url);
      const first = await syncNow(deps, configId);
      expect(first.error).toBeNull();
      expect(first.counts?.modifiers.created).toBe(685);
    }
    changePrices(own.catalog, 60);
    const texts: string[] = [];
    for (const deps of [small, large]) {
      const { rows } = await deps.database.query<{ id: string }>('select id from integration_source_configs');
      const run = await syncNow(deps, rows[0]?.id ?? '');
      expect(run.counts?.products.updated).toBe(60);
      const { data } = await listChanges(deps.database, run.id, { limit: 200 });
      texts.push(JSON.stringify(data.sort((a, b) => (a.external_id < b.external_id ? -1 : 1))));
    }
    expect(texts[0]).toBe(texts[1]);
    await own.stop();
  });
});
