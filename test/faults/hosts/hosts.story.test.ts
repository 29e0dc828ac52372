// Two workers on machines of their own, one of whose cable is cut while it syncs: the other goes on, and nothing is lost.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getRun } from '../../../src/records/runs/read-runs.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { setConfig } from '../../../src/sync/set-config.ts';
import { openEngine, syncNow } from '../../support/engine.ts';
import { endOf } from '../../support/faults/after-death.ts';
import { checkHistory } from '../../support/faults/check-history.ts';
import { insideCopy } from '../../support/faults/choose-points.ts';
import { socketOfPostgres } from '../../support/faults/fault-proxy.ts';
import type { Point } from '../../support/faults/points.ts';
import { printCount, slowMachine } from '../../support/faults/print-count.ts';
import { startWorkerProcess } from '../../support/faults/start-worker-process.ts';
import { stopAt } from '../../support/faults/stop-at.ts';
import { readStored } from '../../support/stored-rows.ts';
import { openTwoCatalogs, type TwoCatalogs } from '../two-catalogs.ts';
import { openHosts } from './open-hosts.ts';

let deps: Deps & { url: string };
let source: TwoCatalogs;
beforeAll(async () => {
  deps = await openEngine();
  source = await openTwoCatalogs(deps);
});
afterAll(() => source.pos.stop());

const points: readonly Point[] = [
  { name: 'fetch: before the POS is asked', nth: 1 },
  { name: 'fetch: inside the body', nth: 1 },
  ...insideCopy,
  // The first one is that of the look at the keys.
  { name: 'commit', nth: 2 },
];

it(
  'F44, F57: a worker whose cable is cut ends its run as interrupted, and commits nothing when the cable is mended',
  async () => {
    const machines = await openHosts(2);
    if (machines === null) {
      process.stdout.write('no network namespaces here: several hosts were not tried, only several processes\n');
      return;
    }
    const { hosts, serve } = machines;
    const [cut, other] = [hosts[0]!, hosts[1]!];
    const reached = new URL(deps.url);
    reached.search = '';
    reached.host = await serve(socketOfPostgres(deps.url));
    const pos = new URL(source.pos.url);
    const base = `http://${await serve({ host: pos.hostname, port: Number(pos.port) })}`;
    await setConfig(deps, { configId: source.configId, params: { base_url: base }, move: true });
    const there = await startWorkerProcess(reached.href, other.prefix);
    const told = new Map<string, number>();
    for (const point of points) {
      const worker = await startWorkerProcess(reached.href, cut.prefix);
      const late = await stopAt(deps, { worker, source, point });
      cut.cutCable();
      worker.signal('SIGCONT');
      expect([late.name, await endOf(deps, late)]).toEqual([late.name, 'interrupted']);
      // Nobody told it: it still waits for answers, or has given itself up by its own clock.
      there.order({ configId: source.configId, point: null, leaseSeconds: 15 });
      const taken = await there.report();
      // One of the two catalogs has an item that cannot be read.
      const status = taken.is === 'ended' ? taken.status : taken.is;
      expect([late.name, ['success', 'partial'].includes(status)]).toEqual([late.name, true]);
      expect([late.name, await source.isLive(deps.database, late.after)]).toEqual([late.name, true]);
      const saved = await readStored(deps.database, source.sourceId);
      cut.mendCable();
      const report = await worker.report();
      const end = report.is === 'ended' ? report.status : report.is;
      told.set(end, (told.get(end) ?? 0) + 1);
      expect([late.name, ['interrupted', 'thrown'].includes(end)]).toEqual([late.name, true]);
      expect([late.name, (await getRun(deps.database, late.runId))?.status]).toEqual([late.name, 'interrupted']);
      expect([late.name, await readStored(deps.database, source.sourceId)]).toEqual([late.name, saved]);
      await worker.kill();
    }
    // From here the hosts' network is not to be reached.
    await setConfig(deps, { configId: source.configId, params: { base_url: source.pos.url }, move: true });
    const again = await syncNow(deps, source.configId);
    const changed = Object.values(again.counts ?? {}).map((of) => of.created + of.updated + of.removed + of.restored);
    expect([again.error, changed]).toEqual([null, [0, 0, 0]]);
    expect(await checkHistory(deps.database)).toEqual([]);
    printCount('cables cut', { cuts: points.length, ...Object.fromEntries(told) });
  },
  slowMachine,
);
