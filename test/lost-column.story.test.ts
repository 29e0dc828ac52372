// A content column that somebody dropped: once it is mended, the next sync fills it and tells so.
import { expect, it } from 'vitest';
import { startFakeQu } from '../src/connectors/qu/fake.ts';
import { dropProducts } from '../src/connectors/qu/fake-catalog.ts';
import { fix } from '../src/db/verify/fix.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';

it('gets its values back with the next sync after verify --fix, and removed items stay removed', async () => {
  const pos = await startFakeQu({ products: 30, modifiers: 5, discounts: 2 });
  const deps = await openEngine();
  const { configId } = await addQuConfig(deps, pos.url);
  await syncNow(deps, configId);
  dropProducts(pos.catalog, 2);
  await syncNow(deps, configId);
  const state = async () => {
    const { rows } = await deps.database.query<{ live: number; priced: number; removed: number }>(
      `select count(*) filter (where removed_at is null)::int as live, count(price)::int as priced,
              count(removed_at)::int as removed from integration_products`,
    );
    return rows[0];
  };
  const before = await state();
  expect(before).toMatchObject({ live: 28, removed: 2 });
  await deps.database.query('alter table integration_products drop column price cascade');
  const broken = await syncNow(deps, configId);
  expect(broken).toMatchObject({ status: 'failed', error: { code: 'key_unusable' } });
  expect(broken.error?.message).toBe('The column price of integration_products is missing.');
  expect((await fix(deps.database)).after.ok).toBe(true);
  expect(await state()).toEqual({ live: 28, priced: 0, removed: 2 });
  const mended = await syncNow(deps, configId);
  const after = await state();
  expect(mended.counts?.products).toMatchObject({ updated: after?.priced, created: 0, restored: 0, removed: 0 });
  expect(after).toMatchObject({ live: 28, removed: 2 });
  expect(after?.priced).toBeGreaterThan(20);
  await pos.stop();
});
