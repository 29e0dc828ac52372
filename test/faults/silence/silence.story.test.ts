// A database that falls silent without closing: the run gives itself up by its own clock, and its process goes on.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/db/database.ts';
import { getRun } from '../../../src/records/runs/read-runs.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { requestSync } from '../../../src/sync/request-sync.ts';
import { startLeaseClock } from '../../../src/sync/run/lease-clock.ts';
import { runSync } from '../../../src/sync/run-sync.ts';
import { openEngine, syncNow } from '../../support/engine.ts';
import { type Death, endOf } from '../../support/faults/after-death.ts';
import { type FaultProxy, openFaultProxy, socketOfPostgres, throughProxy } from '../../support/faults/fault-proxy.ts';
import { printCount } from '../../support/faults/print-count.ts';
import { readStored } from '../../support/stored-rows.ts';
import { openTwoCatalogs, type TwoCatalogs } from '../two-catalogs.ts';

let deps: Deps & { url: string };
let source: TwoCatalogs;
let proxy: FaultProxy;
beforeAll(async () => {
  deps = await openEngine();
  source = await openTwoCatalogs(deps);
  proxy = await openFaultProxy(socketOfPostgres(deps.url));
});
afterAll(async () => {
  await source.pos.stop();
  await proxy.close();
});

const places = [
  /^select pg_advisory_xact_lock/,
  /^copy \(select/,
  /^insert into integration_rejected_items/,
  /^update integration_products t set/,
  /^insert into integration_item_changes/,
  /insert into integration_sync_state/,
  /^commit/,
];

describe('a database that falls silent', () => {
  it('F44: at any place of the save, is given up within the lease, the save is whole or not at all, and the process syncs on', async () => {
    let strike: ((statement: string) => Promise<void>) | null = null;
    let isInSave = false;
    const database = await openDatabase({
      url: throughProxy(deps.url, proxy),
      max: 4,
      queryTimeout: 1_000,
      onStatement: async (statement) => {
        if (/^select pg_advisory_xact_lock/.test(statement)) isInSave = true;
        if (isInSave) await strike?.(statement);
      },
    });
    const through: Deps = { ...deps, database, worker: 'cut off', leaseSeconds: 1 };
    const counts = { places: places.length, 'sockets destroyed': 0, interrupted: 0 };
    const waiting = [...places];
    for (let turns = 0; turns < 3 * places.length && waiting.length > 0; turns++) {
      const place = waiting[0] as RegExp;
      const name = String(place);
      const before = await readStored(deps.database, source.sourceId);
      const after = source.turn();
      const request = { configId: source.configId, trigger: 'manual', requestedBy: 'test' } as const;
      const { run } = await requestSync(deps, request);
      isInSave = false;
      const struck = new Promise<'struck'>((resolve) => {
        strike = async (statement) => {
          if (!place.test(statement)) return;
          strike = null;
          await proxy.strike('black hole');
          resolve('struck');
        };
      });
      const working = runSync(through, run.id).then(
        (ended) => ended.status as string,
        (error: Error & { code?: string }) => error.code ?? error.message,
      );
      if ((await Promise.race([struck, working])) !== 'struck') {
        // The first catalog sets nothing aside; and on a busy machine a lease may be over before the save.
        if (!(await source.isLive(deps.database, after))) source.turn();
        continue;
      }
      // Nothing but its own clock tells it: the heartbeat hears nothing, and the server neither.
      await proxy.abandoned();
      waiting.shift();
      counts['sockets destroyed'] += 1;
      proxy.heal();
      expect([name, await working]).toEqual([
        name,
        expect.stringMatching(/^(failed|interrupted|database_|connections_)/),
      ]);
      const death: Death = { name, source, runId: run.id, before, after };
      const end = await endOf(deps, death);
      if (end === 'interrupted') counts.interrupted += 1;
      // The same process, the same pool: neither a connection nor a turn to save was lost.
      expect([name, (await syncNow({ ...through, leaseSeconds: 15 }, source.configId)).error]).toEqual([name, null]);
      expect([name, await source.isLive(deps.database, after)]).toEqual([name, true]);
      expect((await getRun(deps.database, run.id))?.status).toBe(end);
    }
    await database.close();
    expect(counts['sockets destroyed']).toBe(places.length);
    printCount('silent database', counts);
  });

  it('F44: does not hold a statement outside a transaction, or the begin of one, for ever', async () => {
    const database = await openDatabase({ url: throughProxy(deps.url, proxy), max: 2, queryTimeout: 300 });
    await proxy.strike('black hole');
    await expect(database.query('select 1')).rejects.toMatchObject({ code: 'database_unreachable', retry: 'later' });
    proxy.heal();
    // It went out of the pool with its statement.
    expect((await database.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
    const giveUp = new AbortController();
    const within = database.transaction(
      async (connection) => {
        await proxy.strike('black hole');
        setImmediate(() => giveUp.abort(new Error('given up')));
        await connection.query('select 2');
      },
      { signal: giveUp.signal },
    );
    await expect(within).rejects.toThrow('given up');
    proxy.heal();
    await expect(database.transaction(async () => 1, { signal: giveUp.signal })).rejects.toThrow('given up');
    expect(await database.transaction(async () => 1)).toBe(1);
    await database.close();
  });

  it('a cancel by the caller is no lost lease: the run says cancelled, and its rollback is awaited', async () => {
    source.turn();
    const giveUp = new AbortController();
    const { run } = await requestSync(deps, { configId: source.configId, trigger: 'manual', requestedBy: 'test' });
    const ended = await runSync(deps, run.id, {
      signal: giveUp.signal,
      onProgress: ({ phase }) => {
        if (phase === 'plan') giveUp.abort();
      },
    });
    expect([ended.status, ended.error?.code]).toEqual(['cancelled', 'cancelled']);
    expect((await syncNow(deps, source.configId)).error).toBeNull();
  });
});

describe('the clock of a lease', () => {
  it('is moved by confirmed renewals only, and counts from when they were asked for', async () => {
    const lateAlready = startLeaseClock(1, performance.now() - 2_000);
    await new Promise((resolve) => lateAlready.signal.addEventListener('abort', resolve));
    expect(lateAlready.signal.reason).toMatchObject({ code: 'lease_lost' });
    const alive = startLeaseClock(0.05, performance.now());
    alive.confirm(performance.now() + 60_000);
    const other = startLeaseClock(0.1, performance.now());
    await new Promise((resolve) => other.signal.addEventListener('abort', resolve));
    expect(alive.signal.aborted).toBe(false);
    alive.lose();
    expect(alive.signal.aborted).toBe(true);
    for (const clock of [lateAlready, alive, other]) clock.stop();
  });
});
