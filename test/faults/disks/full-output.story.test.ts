// The worker's own disk is full: what it says is lost, and nothing else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../../../src/connectors/qu/fake.ts';
import type { Run } from '../../../src/records/runs/run.ts';
import { addConfig, openStory } from '../../support/cli-story.ts';
import { until } from '../../support/until.ts';

let pos: FakeQu;
beforeAll(async () => {
  pos = await startFakeQu({ products: 8, modifiers: 8, discounts: 4, repeated: 0 });
});
afterAll(() => pos.stop());

describe('on a full disk', () => {
  it('F52: a worker works on, and stops when it is told to; a sync saves, and its exit code says that its words were lost', async () => {
    const { cli, database } = await openStory({ env: { TILLSYNC_LOG_LEVEL: 'debug' } });
    await addConfig(cli, pos.url);
    const saved = async () => {
      const { rows } = await database.query<{ status: string; worker: string }>(
        'select status, worker from integration_sync_history order by created_at',
      );
      return rows;
    };
    expect((await cli.start(['sync', 'QU POS', '--wait'], '', { diskFull: true }).ended).code).toBe(1);
    expect(await saved()).toMatchObject([{ status: 'success' }]);

    const worker = cli.start(['worker'], '', { diskFull: true });
    const isThere = async () => (await database.query('select from integration_workers')).rowCount === 1;
    await until('the worker is there', isThere, 60_000);
    const { code, answer } = await cli.json<Run>(['sync', 'QU POS', '--wait']);
    expect([code, answer.status, answer.enqueued]).toEqual([0, 'success', true]);
    worker.child.kill('SIGTERM');
    await worker.ended;
    expect(await isThere()).toBe(false);
    const [first, second] = await saved();
    expect(second?.worker).not.toBe(first?.worker);
  });

  it('F55: when the worker dies before it took the run, `sync --wait` works it itself', async () => {
    const { cli, database } = await openStory();
    await addConfig(cli, pos.url);
    // A worker that is there when the sync is asked for, and then no more.
    await database.query(
      `insert into integration_workers (worker, slots, seen_at) values ('gone:1', 1, now() + interval '1 day')`,
    );
    const syncing = cli.json<Run>(['sync', 'QU POS', '--wait']);
    const isQueued = async () =>
      (await database.query(`select from integration_sync_history where status = 'queued'`)).rowCount === 1;
    await until('the run is queued', isQueued, 60_000);
    await database.query('delete from integration_workers');
    const { code, answer, stderr } = await syncing;
    expect([code, answer.status, answer.enqueued]).toEqual([0, 'success', true]);
    expect(stderr).toContain('No worker lives any more; the sync runs in this process.');
  });
});
