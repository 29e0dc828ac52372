// Nine faults of a network × the POS or the database behind it: each run ends with the truth, and the tables are the model's.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../../../src/connectors/seeded-random.ts';
import { type Database, openDatabase } from '../../../src/db/database.ts';
import { openHttp } from '../../../src/net/http-client.ts';
import { getRun } from '../../../src/records/runs/read-runs.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { requestSync } from '../../../src/sync/request-sync.ts';
import { runSync } from '../../../src/sync/run-sync.ts';
import { sweepRuns } from '../../../src/sync/upkeep/sweep-runs.ts';
import { openEngine, syncNow } from '../../support/engine.ts';
import { atOnce } from '../../support/faults/at-once.ts';
import { checkHistory } from '../../support/faults/check-history.ts';
import {
  type FaultKind,
  type FaultProxy,
  faultKinds,
  openFaultProxy,
  socketOfPostgres,
  throughProxy,
} from '../../support/faults/fault-proxy.ts';
import { makeMenu } from '../../support/faults/menu.ts';
import { type MenuSource, nextMenu, openMenuSource } from '../../support/faults/menu-source.ts';
import { printCount, slowMachine } from '../../support/faults/print-count.ts';
import { until } from '../../support/until.ts';

const seeds = 3;
const queryTimeout = 2_000;
const sides = ['upstream', 'database'] as const;
// These only take time: the run must come through.
const harmless = new Set<FaultKind>(['delay', 'jitter', 'throttle']);

let deps: Deps & { url: string };
/** For those whose fault is at the POS: their connections stay whole, and serve the next one, too. */
let unharmed: Database;
const sources: MenuSource[] = [];
beforeAll(async () => {
  deps = await openEngine({ max: 20 });
  unharmed = await openDatabase({ url: deps.url, max: 20, queryTimeout });
});
afterAll(async () => {
  await unharmed.close();
  await Promise.all(sources.map(({ pos }) => pos.stop()));
});

interface Wires {
  source: MenuSource;
  /** The one that is struck. */
  proxy: FaultProxy;
  /** Goes through it. */
  through: Deps;
  close(): Promise<void>;
}

async function openWires(establishment: string, side: (typeof sides)[number]): Promise<Wires> {
  let upstream: FaultProxy | null = null;
  const source = await openMenuSource(deps, {
    establishment,
    baseUrl: async (pos) => {
      upstream = await openFaultProxy({ host: '127.0.0.1', port: Number(new URL(pos.url).port) });
      return `http://127.0.0.1:${upstream.port}`;
    },
  });
  sources.push(source);
  const toDatabase = side === 'database' ? await openFaultProxy(socketOfPostgres(deps.url)) : null;
  const database =
    toDatabase === null
      ? unharmed
      : await openDatabase({ url: throughProxy(deps.url, toDatabase), max: 4, queryTimeout });
  const through: Deps = {
    ...deps,
    database,
    leaseSeconds: 5,
    // What is lost on the way must be given up at some time.
    saveStatementSeconds: 10,
    openHttp: () =>
      openHttp({ allowPrivateHosts: true, connectSeconds: 2, totalSeconds: 2, idleSeconds: 2, maxBytes: 1_000_000 }),
  };
  const toUpstream = upstream as unknown as FaultProxy;
  return {
    source,
    proxy: toDatabase ?? toUpstream,
    through,
    async close() {
      if (database !== unharmed) await database.close();
      await toUpstream.close();
      await toDatabase?.close();
    },
  };
}

it(
  'F22, F44: a run that meets one says in history what the tables say, and the next one brings them up to date',
  async () => {
    const cases = faultKinds.flatMap((kind) =>
      sides.flatMap((side) => Array.from({ length: seeds }, (_, seed) => ({ kind, side, seed }))),
    );
    const ends: Record<string, number> = {};
    // Those that wait for deadlines come first.
    cases.sort((a, b) => faultKinds.indexOf(b.kind) - faultKinds.indexOf(a.kind));
    await atOnce(18, cases, async ({ kind, side, seed }, index) => {
      const name = `${kind}, ${side}, seed ${seed}`;
      const { source, proxy, through, close } = await openWires(`x${index}`, side);
      const menu = makeMenu(index, { products: 12, modifiers: 10, discounts: 6 });
      source.serve(menu);
      const from = proxy.bytes();
      expect([name, (await syncNow(through, source.configId)).error]).toEqual([name, null]);
      source.model = source.expect(menu).rows;
      const size = proxy.bytes() - from;
      const next = nextMenu(menu, seed);
      source.serve(next);
      const { run } = await requestSync(deps, { configId: source.configId, trigger: 'manual', requestedBy: 'test' });
      // The next sync says less to the database than the first one did: beyond its end nothing would be struck.
      void proxy.strike(kind, Math.floor(seededRandom(index)() * size * (side === 'database' ? 0.5 : 0.9)));
      const outcome = await runSync(through, run.id).then(
        (ended) => ended.status as string,
        () => 'thrown',
      );
      proxy.heal();
      const ended = await until(`the end of ${name}`, async () => {
        await sweepRuns(deps);
        const found = await getRun(deps.database, run.id);
        return found?.status === 'in_progress' || found?.status === 'queued' ? null : found;
      });
      const isSaved = ended.status === 'success';
      if (outcome !== 'thrown') expect([name, ended.status]).toEqual([name, outcome]);
      if (harmless.has(kind)) expect([name, isSaved]).toEqual([name, true]);
      const after = source.expect(next).rows;
      expect([name, ended.status, await source.differences(isSaved ? after : source.model)]).toEqual([
        name,
        ended.status,
        [],
      ]);
      if (!isSaved) expect([name, ended.error === null, ended.items_synced]).toEqual([name, false, 0]);
      const healed = await syncNow({ ...through, leaseSeconds: 15 }, source.configId);
      expect([name, healed.error, await source.differences(after)]).toEqual([name, null, []]);
      ends[`${side} ${ended.status}`] = (ends[`${side} ${ended.status}`] ?? 0) + 1;
      await close();
    });
    expect(await checkHistory(deps.database)).toEqual([]);
    // A fault that always passes unseen would prove nothing.
    expect(ends['upstream failed']).toBeGreaterThan(3);
    expect((ends['database failed'] ?? 0) + (ends['database interrupted'] ?? 0)).toBeGreaterThan(3);
    printCount('proxy faults', { kinds: faultKinds.length, cases: cases.length, ...ends });
  },
  slowMachine,
);
