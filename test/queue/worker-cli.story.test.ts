// Workers through the front door: who works on what `tillsync sync` asks for, how it is cancelled, and how a worker stops.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import type { Run } from '../../src/records/runs/run.ts';
import { addConfig, openStory } from '../support/cli-story.ts';
import { until } from '../support/until.ts';

let pos: FakeQu;
beforeAll(async () => {
  pos = await startFakeQu({ products: 8, modifiers: 8, discounts: 4, repeated: 0 });
});
afterAll(() => pos.stop());

describe('tillsync worker', () => {
  it('takes what `sync` asks for; `runs cancel` ends it; SIGTERM gives back what takes too long', async () => {
    const { cli, database } = await openStory({ env: { TILLSYNC_DRAIN_SECONDS: '0' } });
    const { id: configId } = await addConfig(cli, pos.url);
    const worker = cli.start(['worker', '--slots', '2']);
    await until('the worker says that it is there', () => worker.stdout().includes('takes up to 2 syncs at once'));

    const waited = await cli.json<Run>(['sync', 'QU POS', '--wait']);
    expect([waited.code, waited.answer.status, waited.answer.enqueued]).toEqual([0, 'success', true]);
    expect(waited.stderr).toContain('is queued; a worker takes it');

    pos.answer('hang', 1);
    const asked = pos.requests.length;
    const left = await cli.json<Run>(['sync', 'QU POS']);
    expect([left.code, left.answer.status]).toEqual([0, 'queued']);
    await until('the POS was asked', () => pos.requests.length > asked);
    const cancel = await cli.run(['runs', 'cancel', left.answer.id]);
    // Its worker may have looked before the command says how the run stands.
    expect([cancel.code, cancel.stdout]).toEqual([0, expect.stringMatching(/^(Asked|Cancelled) run/)]);
    const statusOf = async (condition: string) => {
      const { rows } = await database.query<{ status: string }>(
        `select status from integration_sync_history where ${condition}`,
      );
      return rows[0]?.status;
    };
    await until('the run is cancelled', async () => (await statusOf(`id = '${left.answer.id}'`)) === 'cancelled');

    pos.answer('hang', 1);
    const again = pos.requests.length;
    const { answer: long } = await cli.json<Run>(['sync', configId]);
    await until('the POS was asked again', () => pos.requests.length > again);
    worker.child.kill('SIGTERM');
    expect((await worker.ended).code).toBe(0);
    expect(await statusOf(`id = '${long.id}'`)).toBe('interrupted');
    expect(await statusOf(`retry_of_run_id = '${long.id}'`)).toBe('queued');
    expect((await database.query('select from integration_workers')).rowCount).toBe(0);
  });

  it('is not needed: without one, `sync --company` works on every source below in its own process', async () => {
    const { cli, database } = await openStory();
    await addConfig(cli, pos.url);
    await database.query('update integration_source_configs set company_id = 12');
    const { code, answer } = await cli.json<Run>(['sync', '--company', '12']);
    expect([code, answer.status, answer.is_parent, answer.items_synced]).toEqual([0, 'success', true, 20]);
    const wrong = await cli.run(['sync', '--company', '13']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('No config of company 13 can be synced.')]);
  });
});
