// Another program that deletes rows while a sync is under way: the sync looks again, and ends well.
import { expect, it } from 'vitest';
import { startFakeQu } from '../src/connectors/qu/fake.ts';
import { changePrices } from '../src/connectors/qu/fake-catalog.ts';
import { openAgain } from './support/database.ts';
import { addQuConfig, countsText, syncNow } from './support/engine.ts';
import { readStored } from './support/stored-rows.ts';
import { openTrip } from './support/trip.ts';

for (const [what, statement, counts] of [
  ['compared', /r\.external_id as "key_external_id"/, 'products +1 ~1 =9 -0'],
  ['marked removed', /^update integration_products t set removed_at/, 'products +1 ~1 =9 -0'],
  // By then the removal is written and locked; only the row that is updated can still go.
  ['updated', /^update integration_products t set path_id/, 'products +1 ~1 =9 -1'],
] as const) {
  it(`F60: rows that vanish right before they are ${what} cost no run`, async () => {
    const pos = await startFakeQu({ products: 12, modifiers: 5, discounts: 3, repeated: 0 });
    const { deps, onStatement } = await openTrip();
    const { configId, sourceId } = await addQuConfig(deps, pos.url);
    await syncNow(deps, configId);
    const changed = changePrices(pos.catalog, 2)[0] ?? '';
    const [gone] = pos.catalog.menuItems.splice(-1, 1);
    const beside = await openAgain(deps.url);
    let met = 0;
    onStatement(async (text) => {
      if (!statement.test(text) || met++ > 0) return;
      const ids = what === 'updated' ? [changed] : [changed, gone?.pathId];
      await beside.query('delete from integration_products where external_id = any($1)', [ids]);
    });
    const run = await syncNow(deps, configId);
    expect([run.error, countsText(run).split(', ')[0]]).toEqual([null, counts]);
    expect(met).toBeGreaterThan(0);
    expect((await readStored(deps.database, sourceId)).has(JSON.stringify(['products', changed, null]))).toBe(true);
    await pos.stop();
  });
}
