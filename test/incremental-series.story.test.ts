// Random series of edits at a POS that is asked for changes only, with runs that die before their commit: the end is a whole read's.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deps } from '../src/sync/deps.ts';
import { syncNow } from './support/engine.ts';
import type { TillItem, TillPos } from './support/till-pos.ts';
import { openTillShop, type TillShop } from './support/till-shop.ts';

let shop: TillShop;
let deps: Deps;
let pos: TillPos;
beforeAll(async () => {
  shop = await openTillShop();
  ({ deps, pos } = shop);
});
afterAll(() => pos.stop());

describe('thirty random series of edits', () => {
  interface Step {
    edits: { what: 'put' | 'late' | 'drop'; item: TillItem }[];
    fails: boolean;
  }
  const item: fc.Arbitrary<TillItem> = fc.record({
    kind: fc.constantFrom('products', 'products', 'modifiers', 'discounts'),
    id: fc.constantFrom('a', 'b', 'c', 'd', 'é', '0'),
    path: fc.constantFrom(null, 'p', 'q'),
    price: fc.constantFrom('0', '1.5', '20'),
  });
  const step: fc.Arbitrary<Step> = fc.record({
    edits: fc.array(fc.record({ what: fc.constantFrom('put', 'put', 'late', 'drop'), item }), { maxLength: 6 }),
    fails: fc.constantFrom(false, false, true),
  });

  it('F62: end in the tables of a whole read, read as changes and with runs that died before their commit', async () => {
    const { id, sourceId } = await shop.add();
    await syncNow(deps, id);
    const whole = await shop.add();
    const reads = new Map<string, number>();
    let series = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 2 }), async (steps) => {
        for (const { edits, fails } of [...steps, { edits: [], fails: false }]) {
          for (const { what, item: one } of edits) {
            if (what === 'drop') pos.drop(one);
            else pos.put(one, what === 'late');
          }
          const died = fails ? shop.trip.failAt(/insert into integration_sync_state/) : null;
          const run = await syncNow(deps, id);
          await died;
          expect(run.status).toBe(fails ? 'failed' : 'success');
          if (!fails) reads.set(String(run.reads), (reads.get(String(run.reads)) ?? 0) + 1);
        }
        series += 1;
        await syncNow({ ...deps, fullReadHours: 0 }, whole.id);
        expect(await shop.live(sourceId)).toEqual(await shop.live(whole.sourceId));
      }),
      { numRuns: 30, seed: 20_260_106, endOnFailure: true },
    );
    expect(series).toBeGreaterThanOrEqual(30);
    // It was a test of reading changes: no run after the first read everything.
    expect([reads.get('all'), (reads.get('changes') ?? 0) > 30]).toEqual([undefined, true]);
  });
});
