// A database that is locked, read-only or busy: clear failures that say what to do, no half state, and no open transaction.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { makeCatalog } from '../../src/connectors/qu/fake-catalog.ts';
import { getRun } from '../../src/records/runs/read-runs.ts';
import { requestSync } from '../../src/sync/request-sync.ts';
import { runSync } from '../../src/sync/run-sync.ts';
import { sweepRuns } from '../../src/sync/upkeep/sweep-runs.ts';
import { clusterSuperuserUrl, openAgain } from '../support/database.ts';
import { addQuConfig, countsText, openEngine, syncNow } from '../support/engine.ts';
import { readStored } from '../support/stored-rows.ts';
import { superuserOf } from '../support/superuser.ts';
import { openTrip } from '../support/trip.ts';
import { until } from '../support/until.ts';

let pos: FakeQu;
beforeAll(async () => {
  pos = await startFakeQu();
  pos.setCatalog(makeCatalog({ products: 9, modifiers: 9, discounts: 4, repeated: 0 }));
});
afterAll(() => pos.stop());

const nothingNew = 'products +0 ~0 =9 -0, modifiers +0 ~0 =9 -0, discounts +0 ~0 =4 -0';

describe('the database', () => {
  it('F46: has no transaction open while the POS takes its time', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    const watch = await openAgain(deps.url);
    for (const answer of ['hang', 'hang-body', 'drip'] as const) {
      pos.answer(answer, 1);
      const asked = pos.requests.length;
      const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
      const giveUp = new AbortController();
      const running = runSync(deps, run.id, { signal: giveUp.signal });
      await until('the POS was asked', () => pos.requests.length > asked);
      const open = async () => {
        const { rows } = await watch.query(
          `select state, query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
              and backend_type = 'client backend' and state like 'idle in transaction%'`,
        );
        return rows;
      };
      await until('what was open for the request is closed', async () => (await open()).length === 0);
      for (let look = 0; look < 20; look++) expect([answer, await open()]).toEqual([answer, []]);
      giveUp.abort();
      expect((await running).status).toBe('cancelled');
    }
    expect((await syncNow(deps, configId)).status).toBe('success');
  });

  it('F47: locked by somebody else, fails the run after a stated time with “try again later”, and nothing is written', async () => {
    const deps = await openEngine();
    const { configId, sourceId } = await addQuConfig(deps, pos.url);
    await syncNow(deps, configId);
    const before = await readStored(deps.database, sourceId);
    const run = await deps.database.withConnection(async (connection) => {
      await connection.query('begin');
      await connection.query('lock table integration_modifiers in access exclusive mode');
      const failed = await syncNow(deps, configId);
      await connection.query('rollback');
      return failed;
    });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'lock_timeout', retry: 'later', step: 'save' } });
    expect(run.error?.message).not.toContain('55P03');
    expect(await readStored(deps.database, sourceId)).toEqual(before);
    expect(countsText(await syncNow(deps, configId))).toBe(nothingNew);
  });

  it('F48: slower than a statement may be, fails the run with the step and the size, and nothing is written', async () => {
    const deps = await openEngine({ deps: { saveStatementSeconds: 1 } });
    const { configId, sourceId } = await addQuConfig(deps, pos.url);
    await syncNow(deps, configId);
    const before = await readStored(deps.database, sourceId);
    await deps.database.query(`create function sleeps() returns trigger language plpgsql as $$
        begin perform pg_sleep(30); return null; end $$;
      create trigger sleeps before update on integration_modifiers for each statement execute function sleeps()`);
    const run = await syncNow(deps, configId, { compareAll: true });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'statement_timeout', retry: 'later', step: 'save' } });
    const received = Object.values(pos.expectation()).reduce((sum, kind) => sum + kind.received, 0);
    expect(run.error?.message).toBe(
      `A statement took longer than 1 s, or was cancelled, in the save of ${received} items.`,
    );
    expect(await readStored(deps.database, sourceId)).toEqual(before);
    await deps.database.query('drop trigger sleeps on integration_modifiers');
    expect(countsText(await syncNow(deps, configId))).toBe(nothingNew);
    // What is short has a limit of its own, so that no lease is lost by waiting for it.
    const limit = (query: Parameters<typeof deps.database.transaction>[1]) =>
      deps.database.transaction(
        async (q) => (await q.query<{ limit: string }>(`select current_setting('statement_timeout') as limit`)).rows[0],
        query,
      );
    expect([await limit({ isShort: true }), await limit({})]).toEqual([{ limit: '30s' }, { limit: '0' }]);
  });

  it('F53: read-only, is named before anything is fetched, and in the middle of a run leaves no half state', async () => {
    const { deps, onStatement } = await openTrip({ leaseSeconds: 60 });
    const { configId, sourceId } = await addQuConfig(deps, pos.url);
    await syncNow(deps, configId);
    const stored = await readStored(deps.database, sourceId);
    const name = new URL(deps.url).pathname.slice(1);
    const readOnly = async (on: boolean) => {
      await superuserOf(
        clusterSuperuserUrl(),
        `alter database ${name} set default_transaction_read_only = ${on ? 'on' : 'off'}`,
      );
      // The setting is read by new sessions: end those that are there, as a switch to a standby does.
      await superuserOf(
        deps.url,
        'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      // The pool hears of it by its sockets: a connection that it took before would only tell that it is gone.
      await until('the pool knows', () => deps.database.poolUse().idle === 0);
    };
    const asked = pos.requests.length;
    await readOnly(true);
    await expect(syncNow(deps, configId)).rejects.toMatchObject({
      code: 'database_read_only',
      hint: expect.stringContaining('primary'),
    });
    expect(pos.requests.length).toBe(asked);
    await readOnly(false);

    // Between fetch and save.
    let isSwitched = false;
    onStatement(async (statement) => {
      if (isSwitched || !statement.includes('pg_advisory_xact_lock')) return;
      isSwitched = true;
      await readOnly(true);
    });
    await expect(syncNow(deps, configId)).rejects.toMatchObject({ code: 'database_read_only' });
    expect(isSwitched).toBe(true);
    onStatement(null);
    await readOnly(false);
    expect(await readStored(deps.database, sourceId)).toEqual(stored);
    const active = await deps.database.query<{ id: string }>(
      `update integration_sync_history set lease_expires_at = now() - interval '1 second'
        where status = 'in_progress' returning id`,
    );
    expect(active.rows).toHaveLength(1);
    expect(await sweepRuns(deps)).toBe(1);
    expect((await getRun(deps.database, active.rows[0]?.id ?? ''))?.status).toBe('interrupted');
    expect(countsText(await syncNow(deps, configId))).toBe(nothingNew);
  });

  it('F11: is written to by a sync that changes nothing only to say when each row was last seen', async () => {
    const own = await startFakeQu({ products: 300, modifiers: 300, discounts: 20 });
    const statements: string[] = [];
    const deps = await openEngine({ onStatement: (statement) => void statements.push(statement) });
    const { configId, sourceId } = await addQuConfig(deps, own.url);
    await syncNow(deps, configId);
    const before = await readStored(deps.database, sourceId);
    statements.length = 0;
    await syncNow(deps, configId);
    const writes = statements.filter((statement) =>
      /^\s*(update|insert|delete|copy \w+ .*from stdin)/is.test(statement),
    );
    const onItems = writes.filter((statement) =>
      /integration_(products|modifiers|discounts|item_changes)\b/.test(statement),
    );
    // One statement per kind, whatever the number of rows.
    expect(onItems.map((statement) => statement.trim().split(/\s+/).slice(0, 5).join(' '))).toEqual([
      'update integration_products set last_synced_at =',
      'update integration_modifiers set last_synced_at =',
      'update integration_discounts set last_synced_at =',
    ]);
    expect(writes.some((statement) => statement.includes('integration_payload_chunks ('))).toBe(false);
    const after = await readStored(deps.database, sourceId);
    expect(after.size).toBe(620);
    for (const [key, row] of after) {
      expect({ key, updated: row.updated }).toEqual({ key, updated: before.get(key)?.updated });
    }
    await own.stop();
  });
});
