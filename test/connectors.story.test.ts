// Every kind of POS through the engine: the first sync stores what its pretend POS has, the second changes nothing, a test of the connection says yes.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConnectorFake, StartFake } from '../src/connectors/connector-fake.ts';
import { checkToEnd } from '../src/sync/check/check-connection.ts';
import type { Deps } from '../src/sync/deps.ts';
import { addConfig } from '../src/sync/set-config.ts';
import { openEngine, syncNow } from './support/engine.ts';
import { readStored } from './support/stored-rows.ts';

const folder = join(import.meta.dirname, '../src/connectors');
const ids = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

async function startFake(
  id: string,
): Promise<
  ConnectorFake & { connector: Deps['connectors'] extends ReadonlyMap<string, infer One> ? One | undefined : never }
> {
  const module = await import(join(folder, id, 'fake.ts'));
  const start: StartFake = module.startFake;
  return Object.assign(await start({ products: 20, modifiers: 30, discounts: 5 }), { connector: module.connector });
}

describe.each(ids)('the connector %s', (id) => {
  it('stores each item once, changes nothing the second time, and passes its own test', async () => {
    const engine = await openEngine();
    const fake = await startFake(id);
    // The connector of the folder, but for recipes, of which the tests have their own; a pretend POS needs no sparing.
    const connector = fake.connector ?? engine.connectors.get(id);
    if (connector === undefined) throw new Error(`no connector ${id}`);
    const { rateBudget: _, ...unspared } = connector;
    const deps = { ...engine, connectors: new Map([...engine.connectors, [connector.id, unspared]]) };
    const { params, secrets } = fake.settings;
    const config = await addConfig(deps, {
      connectorId: connector.id,
      name: 'one',
      params: { ...params },
      secrets: { ...secrets },
    });
    const sourceId = config.source_id ?? '';
    expect(config.missing).toEqual([]);

    const report = await checkToEnd(deps, { target: { configId: config.id }, signal: new AbortController().signal });
    expect(report.steps.filter(({ ok }) => ok === false)).toEqual([]);
    expect(report.items.length).toBeGreaterThan(0);

    const first = await syncNow(deps, config.id);
    expect([first.error, first.status, first.complete]).toEqual([null, 'success', true]);
    const stored = await readStored(deps.database, sourceId);
    const { rows } = await deps.database.query<{ key: string }>(
      `select 'products ' || external_id as key from integration_products where removed_at is null
       union all select 'modifiers ' || external_id || coalesce(chr(1) || path_id, '') from integration_modifiers where removed_at is null
       union all select 'discounts ' || external_id from integration_discounts where removed_at is null order by 1`,
    );
    expect(rows.map(({ key }) => key).sort()).toEqual([...fake.expectedKeys()].sort());

    for (const compareAll of [false, true]) {
      const again = await syncNow(deps, config.id, { compareAll });
      expect([again.error, again.status]).toEqual([null, 'success']);
      for (const counts of Object.values(again.counts ?? {})) {
        expect(counts).toMatchObject({ created: 0, updated: 0, removed: 0, restored: 0, rejected: 0 });
      }
      const now = await readStored(deps.database, sourceId);
      for (const [key, row] of now)
        expect([key, row.updated, row.id]).toEqual([key, stored.get(key)?.updated, stored.get(key)?.id]);
    }
    await fake.stop();
  });
});
