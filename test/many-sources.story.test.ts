// Many syncs at once in one process: each source gets its own rows, and none waits for a connection for ever.
import { expect, it } from 'vitest';
import { startFakeQu } from '../src/connectors/qu/fake.ts';
import { addConfig } from '../src/sync/set-config.ts';
import { openEngine, syncNow } from './support/engine.ts';

it('F05, F49: thirty sources with the same ids sync at once over a pool of six, and keep their own rows', async () => {
  const pos = await startFakeQu({ products: 40, modifiers: 60, discounts: 3 });
  const deps = await openEngine({ max: 6 });
  const configIds: string[] = [];
  for (let site = 0; site < 30; site++) {
    const params = { brand: 'acme', establishment: String(site), base_url: pos.url };
    configIds.push((await addConfig(deps, { connectorId: 'qu', name: `Site ${site}`, params, secrets: {} })).id);
  }
  for (const created of [40, 0]) {
    const runs = await Promise.all(configIds.map((configId) => syncNow(deps, configId)));
    expect(runs.map(({ status, error }) => error?.message ?? status)).toEqual(runs.map(() => 'success'));
    expect(runs.map(({ counts }) => counts?.products.created)).toEqual(runs.map(() => created));
  }
  const { rows } = await deps.database.query(
    `select count(*)::int as rows, count(distinct wand_source_id)::int as sources, count(distinct external_id)::int as ids
       from integration_products`,
  );
  expect(rows).toEqual([{ rows: 1_200, sources: 30, ids: 40 }]);
  await pos.stop();
});
