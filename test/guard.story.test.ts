// The guard through the whole engine: which edits of a catalog are held, which are not, and that a hold writes no row.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import type { FakeItem } from '../src/connectors/qu/fake-catalog.ts';
import { listRejects } from '../src/records/runs/read-rejects.ts';
import type { Run } from '../src/records/runs/run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';
import { readStored } from './support/stored-rows.ts';

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
  establishment += 1;
  ({ configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: String(establishment) }));
});
afterAll(() => pos.stop());

function items(count: number, change: (item: FakeItem, index: number) => FakeItem | null = (item) => item): FakeItem[] {
  return Array.from({ length: count }, (_, index) =>
    change({ id: index, name: `item ${index}`, prices: { prices: [{ price: 10 }] }, isOutOfStock: false }, index),
  ).filter((item) => item !== null);
}

async function syncWith(menuItems: FakeItem[], rest: object = {}): Promise<Run> {
  pos.answer({ body: JSON.stringify({ menuItems, modifiers: [], discounts: [], ...rest }) }, 1);
  return await syncNow(deps, configId);
}

/** Syncs the change and says whether it was held, and by which rules; a hold must not have moved a row. */
async function rulesAfter(menuItems: FakeItem[], rest: object = {}): Promise<string[]> {
  const before = await readStored(deps.database, sourceId);
  const run = await syncWith(menuItems, rest);
  expect(run.error).toBeNull();
  if (run.status !== 'held') return [];
  expect(await readStored(deps.database, sourceId)).toEqual(before);
  expect(run.items_synced).toBe(0);
  return run.hold?.rules.map(({ rule, kind }) => `${kind} ${rule}`) ?? [];
}

const priced = (price: number | null) => ({ prices: price === null ? [] : [{ price }] });

describe('the guard', () => {
  it('lets half of a kind go, and holds one more', async () => {
    await syncWith(items(12));
    expect(await rulesAfter(items(12).slice(7))).toEqual(['products removes_most_of_kind']);
    expect(await rulesAfter(items(12).slice(6))).toEqual([]);
    expect((await readStored(deps.database, sourceId)).size).toBe(12);
  });

  it('holds 51 of 250, and lets 50 of 250 go', async () => {
    await syncWith(items(250));
    expect(await rulesAfter(items(250).slice(51))).toEqual(['products removes_many']);
    expect(await rulesAfter(items(250).slice(50))).toEqual([]);
  });

  it('holds the last three items of a kind, and lets the last two go', async () => {
    const [three, two] = [items(3), items(2)];
    await syncWith(items(10), { modifiers: three, discounts: two });
    expect(await rulesAfter(items(10), { discounts: two })).toEqual(['modifiers removes_whole_kind']);
    expect(await rulesAfter(items(10), { modifiers: three })).toEqual([]);
  });

  it('counts only live rows: what was removed before is in no share', async () => {
    await syncWith(items(10));
    expect(await rulesAfter(items(5))).toEqual([]);
    expect(await rulesAfter(items(2))).toEqual(['products removes_most_of_kind']);
    expect(await rulesAfter(items(10))).toEqual([]);
    expect(await rulesAfter(items(5))).toEqual([]);
  });

  it('holds when prices move by more than half: up, down, or away; exactly half is no such move', async () => {
    await syncWith(items(10));
    const move = (count: number, price: number | null) =>
      items(10, (item, index) => (index < count ? { ...item, prices: priced(price) } : item));
    for (const price of [15.01, 4.99, null, 1_000]) {
      expect(await rulesAfter(move(4, price))).toEqual(['products prices_move']);
    }
    expect(await rulesAfter(move(10, 15))).toEqual([]);
    expect(await rulesAfter(move(10, 10))).toEqual([]);
    expect(await rulesAfter(move(3, 100))).toEqual([]);
  });

  it('holds when more than a fifth of the prices go to zero', async () => {
    await syncWith(items(10));
    const zero = (count: number) => items(10, (item, index) => (index < count ? { ...item, prices: priced(0) } : item));
    expect(await rulesAfter(zero(3))).toEqual(['products prices_go_to_zero']);
    expect(await rulesAfter(zero(2))).toEqual([]);
  });

  it('looks at the amounts of discounts, and at nothing that had no price before', async () => {
    const discounts = (amount: number | undefined) =>
      Array.from({ length: 6 }, (_, id) => ({ id, discountAmount: amount }));
    await syncWith(items(1), { discounts: discounts(5) });
    expect(await rulesAfter(items(1), { discounts: discounts(0) })).toEqual([
      'discounts prices_go_to_zero',
      'discounts prices_move',
    ]);
    await syncWith(
      items(6, (item) => ({ ...item, prices: priced(null) })),
      { discounts: discounts(5) },
    );
    expect(await rulesAfter(items(6), { discounts: discounts(5) })).toEqual([]);
  });

  it('holds when most of a kind turns unavailable', async () => {
    await syncWith(items(20));
    const out = (count: number) => items(20, (item, index) => ({ ...item, isOutOfStock: index < count }));
    expect(await rulesAfter(out(11))).toEqual(['products turns_unavailable']);
    expect(await rulesAfter(out(10))).toEqual([]);
  });

  it('holds when many cannot be read, but not on the first sync of a source', async () => {
    const unreadable = (count: number) =>
      items(20, (item, index) => (index < count ? { ...item, prices: { prices: [{ price: '$5' }] } } : item));
    const first = await syncWith(unreadable(20));
    expect([first.status, first.error?.code, first.counts?.products.rejected]).toEqual(['failed', 'all_rejected', 20]);
    expect((await listRejects(deps.database, first.id, { limit: 100 })).data).toHaveLength(20);
    await syncWith(items(20));
    expect(await rulesAfter(unreadable(5))).toEqual(['products rejects_many']);
    expect((await syncWith(unreadable(4))).status).toBe('partial');
  });

  it('counts every row that would change, also when the plan is too large for memory', async () => {
    await syncWith(items(40));
    const moved = items(40, (item, index) => (index < 13 ? { ...item, prices: priced(99) } : item));
    pos.answer({ body: JSON.stringify({ menuItems: moved, modifiers: [], discounts: [] }) }, 1);
    const run = await syncNow({ ...deps, planMemoryChanges: 3 }, configId);
    expect(run.hold?.rules).toMatchObject([{ rule: 'prices_move', moved: 13, priced: 40 }]);
    const calm = items(40, (item, index) => (index < 12 ? { ...item, prices: priced(99) } : item));
    expect(await rulesAfter(calm)).toEqual([]);
  });

  it('takes its limits from the config, and is off where the config says so', async () => {
    await syncWith(items(10));
    await setConfig(deps, { configId, guard: { removed_kind_share: 0.1 } });
    expect(await rulesAfter(items(8))).toEqual(['products removes_most_of_kind']);
    await setConfig(deps, { configId, guard: { enabled: false } });
    expect(await rulesAfter([])).toEqual([]);
    expect([...(await readStored(deps.database, sourceId)).values()].every(({ removed }) => removed)).toBe(true);
    expect((await syncWith([])).status).toBe('success');
  });
});
