// Runs whose worker is gone: which backend the sweep ends, and which transactions it leaves alone.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { freshDatabase, openAgain } from '../../../test/support/database.ts';
import { superuserOf } from '../../../test/support/superuser.ts';
import { until } from '../../../test/support/until.ts';
import type { Connection, Database } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';
import { createRun, type NewRun } from '../runs/create-run.ts';
import { lockSource } from '../sources/lock-source.ts';
import { interruptExpiredRuns } from './interrupt-runs.ts';

/** Runs `work` in a transaction that holds the lock of the source and then stands still until `goOn` is called. */
async function hold(database: Database, sourceId: string, work: (connection: Connection) => Promise<unknown>) {
  const { promise: stopped, resolve: goOn } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const ended = database
    .transaction(async (connection) => {
      await lockSource(connection, sourceId);
      await work(connection);
      reach();
      await stopped;
    })
    .then(
      () => 'committed',
      (error: unknown) => (error instanceof TillsyncError ? error.code : String(error)),
    );
  await reached;
  return { goOn, ended };
}

const nothing = async () => undefined;

function newRun(sourceId: string): NewRun {
  return {
    sourceId,
    sourceName: 'source',
    configId: randomUUID(),
    siteId: null,
    trigger: 'manual',
    requestedBy: 'test',
    dryRun: false,
    mode: 'full',
    appliesRunId: null,
    leaseSeconds: 600,
  };
}

async function openSource() {
  const statements: string[] = [];
  const { database, url } = await freshDatabase({ onStatement: (statement) => void statements.push(statement) });
  const worker = await openAgain(url);
  const sourceId = randomUUID();
  const { runId } = await createRun(database, newRun(sourceId));
  const setRun = async (assignments: string) => {
    await database.query(`update integration_sync_history set ${assignments} where id = $1`, [runId]);
  };
  return { database, url, statements, worker, sourceId, runId, setRun };
}

const claimed = `status = 'in_progress', started_at = clock_timestamp()`;

describe('the sweep', () => {
  it('F57: ends a worker that stopped before its commit, when its row is locked and its lease is over', async () => {
    const { database, worker, sourceId, runId, setRun } = await openSource();
    await setRun(`${claimed}, lease_expires_at = clock_timestamp() + interval '2 seconds'`);
    const held = await hold(worker, sourceId, (connection) =>
      connection.query(`update integration_sync_history set status = 'success' where id = $1`, [runId]),
    );
    expect(await interruptExpiredRuns(database)).toBe(0);
    expect(await until('the sweep', () => interruptExpiredRuns(database))).toBe(1);
    held.goOn();
    expect(await held.ended).toMatch(/^database_un/);
    const { rows } = await database.query('select status from integration_sync_history');
    expect(rows).toEqual([{ status: 'interrupted' }]);
  });

  it('leaves a transaction alone that has the lock of the source but is not the work of the run', async () => {
    const { database, worker, sourceId, setRun } = await openSource();
    await setRun(`${claimed}, lease_expires_at = clock_timestamp()`);
    const begunLater = await hold(worker, sourceId, nothing);
    expect(await interruptExpiredRuns(database)).toBe(1);
    begunLater.goOn();
    expect(await begunLater.ended).toBe('committed');
    await setRun(`status = 'queued', started_at = null, lease_expires_at = clock_timestamp() + interval '2 seconds'`);
    const begunEarlier = await hold(worker, sourceId, nothing);
    expect(await until('the sweep', () => interruptExpiredRuns(database))).toBe(1);
    begunEarlier.goOn();
    expect(await begunEarlier.ended).toBe('committed');
  });

  it('asks to end a backend only where a run is late', async () => {
    const { database, statements, sourceId, setRun } = await openSource();
    const asked = () => statements.filter((statement) => statement.includes('pg_terminate_backend')).length;
    await setRun(claimed);
    expect(await interruptExpiredRuns(database)).toBe(0);
    expect((await createRun(database, newRun(sourceId))).alreadyActive).toBe(true);
    expect(asked()).toBe(0);
    await setRun(`lease_expires_at = clock_timestamp()`);
    expect(await interruptExpiredRuns(database)).toBe(1);
    expect(asked()).toBe(1);
  });

  it('F73: pages through all late runs, and leaves those alone that are in time', async () => {
    const { database } = await openSource();
    await database.query(
      `insert into integration_sync_history (wand_source_id, source_name, status, trigger, started_at, lease_expires_at)
       select gen_random_uuid(), 'source ' || n, 'in_progress', 'schedule', now(),
              now() + case when n % 10 = 0 then interval '1 hour' else interval '-1 hour' end
         from generate_series(1, 1300) n`,
    );
    expect(await interruptExpiredRuns(database)).toBe(1170);
    const { rows } = await database.query(
      `select status, count(*)::int as count from integration_sync_history where trigger = 'schedule' group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { status: 'in_progress', count: 130 },
      { status: 'interrupted', count: 1170 },
    ]);
  });

  it('still ends runs, and makes the next one, where our role may not end a backend', async () => {
    const { database, url, worker, sourceId, runId, setRun } = await openSource();
    await superuserOf(url, 'revoke execute on function pg_terminate_backend(integer, bigint) from public');
    await expect(database.query('select pg_terminate_backend(0)')).rejects.toMatchObject({ code: 'privilege_missing' });
    await setRun(claimed);
    const left = await hold(worker, sourceId, nothing);
    await setRun(`lease_expires_at = clock_timestamp()`);
    const next = await createRun(database, newRun(sourceId));
    expect(next).toMatchObject({ alreadyActive: false });
    await setRun(`status = 'success'`);
    await database.query('update integration_sync_history set lease_expires_at = clock_timestamp() where id = $1', [
      next.runId,
    ]);
    expect(await interruptExpiredRuns(database)).toBe(1);
    const { rows } = await database.query('select status from integration_sync_history where id <> $1', [runId]);
    expect(rows).toEqual([{ status: 'interrupted' }]);
    left.goOn();
    expect(await left.ended).toBe('committed');
  });
});
