// Connections that end in the middle of something: at the commit, sent or answered, and inside a COPY.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/connectors/seeded-random.ts';
import { listChanges } from '../../src/records/runs/read-changes.ts';
import { getRun } from '../../src/records/runs/read-runs.ts';
import { requestSync } from '../../src/sync/request-sync.ts';
import { runSync } from '../../src/sync/run-sync.ts';
import { saveFormatted } from '../../src/sync/save-formatted.ts';
import { openAgain } from '../support/database.ts';
import { addQuConfig, countsText, syncNow } from '../support/engine.ts';
import { openTrip, type Trip } from '../support/trip.ts';
import { openPgProxy, type PgProxy } from './pg-proxy.ts';
import { endWhatDied, openTwoCatalogs, type TwoCatalogs } from './two-catalogs.ts';

let trip: Trip;
let source: TwoCatalogs;
let proxy: PgProxy;
beforeEach(async () => {
  trip = await openTrip({ leaseSeconds: 60 });
  source = await openTwoCatalogs(trip.deps);
  proxy = await openPgProxy(trip.deps.url);
});
afterEach(async () => {
  await source.pos.stop();
  await proxy.close();
});

describe('a connection that ends', () => {
  it('F42: at the commit, before it or after it was sent or done, ends in a run that says what the tables say', async () => {
    const through = { ...trip.deps, database: await openAgain(proxy.url) };
    const seen = new Set<string>();
    for (let round = 0; round < 18; round++) {
      const after = source.turn();
      const { run } = await requestSync(trip.deps, {
        configId: source.configId,
        trigger: 'manual',
        requestedBy: 'test',
      });
      const cut = proxy.cutCommit((['before', 'sent', 'answered'] as const)[round % 3]!);
      const ended = await runSync(through, run.id).catch(() => null);
      await cut;
      const told = ended ?? (await getRun(trip.deps.database, run.id));
      const isAfter = await source.isLive(trip.deps.database, after);
      seen.add(`${round % 3} ${told?.status}`);
      expect([round, told?.status === 'partial' || told?.status === 'success']).toEqual([round, isAfter]);
      await endWhatDied(trip.deps);
      const { data } = await listChanges(trip.deps.database, told?.id ?? '');
      expect([round, data.length > 0]).toEqual([round, isAfter]);
      const healed = await syncNow(trip.deps, source.configId);
      expect([round, await source.isLive(trip.deps.database, after)]).toEqual([round, true]);
      const again = await listChanges(trip.deps.database, healed.id);
      expect([round, again.data.length > 0]).toEqual([round, !isAfter]);
    }
    expect(seen).toContain('0 failed');
    expect([...seen].some((end) => /^2 (success|partial)$/.test(end))).toBe(true);
  });

  it('F45: in the middle of a COPY leaves nothing of it, whether little or nearly all had passed', async () => {
    const through = { ...trip.deps, database: await openAgain(proxy.url) };
    const random = seededRandom(45);
    const products = Array.from({ length: 3_000 }, (_, n) => ({ id: `n${n}`, name: `name ${random()}`, price: n }));
    const { configId } = await addQuConfig(trip.deps, source.pos.url, { establishment: 'copy' });
    const whole = 3_000 * 250;
    for (const bytes of [1, 5_000, whole / 4, whole / 2, (whole * 3) / 4, whole - 10_000]) {
      const cut = proxy.cutCopy('integration_products', bytes);
      const { run } = await saveFormatted(through, { configId, requestedBy: 'test', formattedData: { products } });
      await cut;
      expect([bytes, run.status, run.error?.retry]).toEqual([bytes, 'failed', 'later']);
      const { rows } = await trip.deps.database.query(
        'select count(*)::int as rows from integration_products where source_config_id = $1',
        [configId],
      );
      expect([bytes, rows]).toEqual([bytes, [{ rows: 0 }]]);
    }
    const { run } = await saveFormatted(through, { configId, requestedBy: 'test', formattedData: { products } });
    expect(countsText(run)).toContain('products +3000 ~0 =0 -0');
  });
});
