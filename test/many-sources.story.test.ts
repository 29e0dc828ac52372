// Many syncs at once in one process: each source gets its own rows, and none waits for a connection for ever.
import { expect, it } from 'vitest';
import { startFakeQu } from '../src/connectors/qu/fake.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
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

it('F71: a save that waits for its turn ends at once when it is cancelled', async () => {
  const pos = await startFakeQu({ products: 5, modifiers: 5, discounts: 1 });
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let entered: () => void = () => undefined;
  const inSave = new Promise<void>((resolve) => {
    entered = resolve;
  });
  // A pool of four has room for one save: the first one is held inside its transaction.
  const deps = await openEngine({
    max: 4,
    async onStatement(statement) {
      if (!statement.startsWith('copy integration_products')) return;
      entered();
      await released;
    },
  });
  const runs: string[] = [];
  for (const site of ['1', '2']) {
    const params = { brand: 'acme', establishment: site, base_url: pos.url };
    const config = await addConfig(deps, { connectorId: 'qu', name: site, params, secrets: {} });
    runs.push((await requestSync(deps, { configId: config.id, trigger: 'manual', requestedBy: 'test' })).run.id);
  }
  const first = runSync(deps, runs[0] ?? '');
  await inSave;
  const stop = new AbortController();
  const second = runSync(deps, runs[1] ?? '', {
    signal: stop.signal,
    onProgress: ({ phase }) => {
      if (phase === 'waiting') stop.abort();
    },
  });
  expect((await second).status).toBe('cancelled');
  release();
  expect((await first).status).toBe('success');
  await pos.stop();
});
