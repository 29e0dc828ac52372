// Many at once: requests of one source, runs of many sources, and two processes on the same rows.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { seededRandom } from '../../src/connectors/seeded-random.ts';
import { requestSync } from '../../src/sync/request-sync.ts';
import { runSync } from '../../src/sync/run-sync.ts';
import { saveFormatted } from '../../src/sync/save-formatted.ts';
import { setConfig } from '../../src/sync/set-config.ts';
import { openAgain } from '../support/database.ts';
import { depsOver } from '../support/deps-over.ts';
import { addQuConfig, countsText, openEngine, syncNow } from '../support/engine.ts';

let pos: FakeQu;
beforeAll(async () => {
  pos = await startFakeQu({ products: 30, modifiers: 30, discounts: 6, repeated: 2 });
});
afterAll(() => pos.stop());

describe('many at once', () => {
  it('F58: a hundred requests of one source at once, from two processes, make exactly one run', async () => {
    const deps = await openEngine();
    const other = { ...deps, database: await openAgain(deps.url), worker: 'another' };
    const { configId } = await addQuConfig(deps, pos.url);
    const requests = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        requestSync(n % 2 === 0 ? deps : other, { configId, trigger: 'api', requestedBy: `caller ${n}` }),
      ),
    );
    expect(new Set(requests.map(({ run }) => run.id)).size).toBe(1);
    expect(requests.filter(({ alreadyActive }) => !alreadyActive)).toHaveLength(1);
    const { rows } = await deps.database.query('select count(*)::int as runs from integration_sync_history');
    expect(rows).toEqual([{ runs: 1 }]);
    // All of them may try to work it: one gets it.
    const asked = pos.requests.length;
    const runId = requests[0]?.run.id ?? '';
    await Promise.all(Array.from({ length: 8 }, (_, n) => runSync(n % 2 === 0 ? deps : other, runId)));
    expect(pos.requests.length).toBe(asked + 1);
    expect((await runSync(deps, runId)).status).toBe('success');
  });

  it('F58: requests that fall together with the end of a run get a run, never an error', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    let ended = false;
    const runs = new Set<string>();
    const asking = Array.from({ length: 4 }, async () => {
      while (!ended) {
        const { run } = await requestSync(deps, { configId, trigger: 'api', requestedBy: 'test' });
        runs.add(run.id);
      }
    });
    for (let n = 0; n < 12; n++) await syncNow(deps, configId);
    ended = true;
    await Promise.all(asking);
    expect(runs.size).toBeGreaterThan(1);
  });

  it('F05: twenty establishments with identical ids, synced all at once and again, keep their own rows', async () => {
    const deps = await openEngine();
    const configs: string[] = [];
    for (let n = 0; n < 20; n++) {
      configs.push((await addQuConfig(deps, pos.url, { establishment: `${n}` })).configId);
    }
    for (const expected of ['products +30 ~0 =0 -0', 'products +0 ~0 =30 -0']) {
      const runs = await Promise.all(configs.map((configId) => syncNow(deps, configId)));
      for (const run of runs) expect([run.error, countsText(run).split(', ')[0]]).toEqual([null, expected]);
    }
    const { rows } = await deps.database.query(
      `select count(distinct wand_source_id)::int as sources, count(*)::int as rows,
              count(*) filter (where source_config_id is distinct from
                (select c.id from integration_source_configs c where c.wand_source_id = p.wand_source_id))::int as foreign_rows
         from integration_products p`,
    );
    expect(rows).toEqual([{ sources: 20, rows: 600, foreign_rows: 0 }]);
  });

  it('F10: eight writers with overlapping keys in random orders, on the same and on other sources, meet no deadlock', async () => {
    const deps = await openEngine();
    const random = seededRandom(10);
    const processes = await Promise.all(
      [0, 1].map(async () => ({ ...(await depsOver(await openAgain(deps.url, { max: 12 }))), leaseSeconds: 60 })),
    );
    const configs: string[] = [];
    for (let n = 0; n < 4; n++) {
      const { configId } = await addQuConfig(deps, pos.url, { establishment: `w${n}` });
      await setConfig(deps, { configId, guard: { enabled: false } });
      configs.push(configId);
    }
    const outcomes = new Map<string, number>();
    const writer = async (own: (typeof processes)[number], configId: string) => {
      for (let round = 0; round < 8; round++) {
        const ids = Array.from({ length: 60 }, (_, id) => ({ id, at: random() })).sort((a, b) => a.at - b.at);
        const products = ids.slice(0, 40).map(({ id }) => ({ id, name: `n${id}`, price: Math.floor(random() * 100) }));
        const outcome = await saveFormatted(own, { configId, requestedBy: 'test', formattedData: { products } }).then(
          ({ run }) => (run.error === null ? run.status : run.error.code),
          (error: { code: string }) => error.code,
        );
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    };
    // Another program writes the same rows, in its own order and without our lock, but in short transactions.
    const foreign = async () => {
      for (let round = 0; round < 30; round++) {
        await deps.database.query('update integration_products set item_type = $1 where external_id = $2', [
          `round ${round}`,
          String(Math.floor(random() * 60)),
        ]);
      }
    };
    await Promise.all([...processes.flatMap((own) => configs.map((configId) => writer(own, configId))), foreign()]);
    expect([...outcomes.keys()].filter((outcome) => outcome !== 'success' && outcome !== 'sync_running')).toEqual([]);
    expect(outcomes.get('success')).toBeGreaterThanOrEqual(4);
    const { rows } = await deps.database.query(
      `select count(*)::int as active from integration_sync_history where status in ('queued', 'in_progress')`,
    );
    expect(rows).toEqual([{ active: 0 }]);
  });
});
