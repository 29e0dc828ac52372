// A run done over: retry asks the POS again, replay saves the stored answer again and asks nobody.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connector } from '../src/connectors/connector.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { connector as qu } from '../src/connectors/qu/index.ts';
import type { Run } from '../src/records/runs/run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { requestReplayOf, requestRetryOf } from '../src/sync/requests/redo-run.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { addQuConfig, countsText, openEngine, syncNow } from './support/engine.ts';

let deps: Deps;
let pos: FakeQu;
let establishment = 0;
beforeAll(async () => {
  deps = await openEngine();
  pos = await startFakeQu({ products: 12, modifiers: 9, discounts: 2, etags: true });
});
afterAll(() => pos.stop());

async function add(): Promise<string> {
  establishment++;
  const { configId } = await addQuConfig(deps, pos.url, { establishment: String(establishment) });
  return configId;
}
async function redo(ask: typeof requestRetryOf, runId: string, { dryRun = false, over = deps } = {}): Promise<Run> {
  const { run } = await ask(over, { runId, requestedBy: 'test', ...(dryRun ? { dryRun } : {}) });
  return await runSync(over, run.id);
}
const replay = (runId: string, how: { dryRun?: boolean; over?: Deps } = {}) => redo(requestReplayOf, runId, how);
/** Deps whose Qu connector maps prices otherwise than it did. */
function withMapping(change: Partial<Connector>): Deps {
  return { ...deps, connectors: new Map([[qu.id, { ...qu, ...change }]]) };
}

describe('a retry', () => {
  test('asks the POS again, as the failed run did, and names it', async () => {
    const configId = await add();
    pos.answer('html', 1);
    const failed = await syncNow(deps, configId, { dryRun: true });
    expect(failed.status).toBe('failed');
    const again = await redo(requestRetryOf, failed.id);
    expect(again).toMatchObject({ status: 'planned', trigger: 'retry', retry_of_run_id: failed.id, attempt: 1 });
    await expect(requestRetryOf(deps, { runId: again.id, requestedBy: 'test' })).rejects.toMatchObject({
      code: 'run_not_redoable',
    });
  });

  test('is refused for a run that asked no POS', async () => {
    const configId = await add();
    const { run } = await saveFormatted(deps, {
      configId,
      formattedData: { products: [] },
      mode: 'full',
      requestedBy: 'test',
      signal: AbortSignal.abort(new Error('gone')),
    });
    expect(run.status).toBe('cancelled');
    const asked = requestRetryOf(deps, { runId: run.id, requestedBy: 'test' });
    await expect(asked).rejects.toMatchObject({ hint: expect.stringContaining('runs replay') });
  });
});

describe('a replay', () => {
  test("saves the stored answer with today's mapping and asks nobody", async () => {
    const configId = await add();
    const first = await syncNow(deps, configId);
    const asked = pos.requests.length;
    const same = await replay(first.id);
    expect(same).toMatchObject({ status: 'success', trigger: 'replay', retry_of_run_id: first.id, complete: true });
    expect(countsText(same)).toContain('products +0 ~0 =12 -0');
    const over = withMapping({
      version: qu.version + 1,
      async *format(body, context) {
        const formatting = qu.format(body, context);
        let next = await formatting.next();
        for (; !next.done; next = await formatting.next()) {
          yield next.value.map((each) =>
            each.type === 'item' ? { ...each, item: { ...each.item, name: `${each.item.name}!` } } : each,
          );
        }
        return next.value;
      },
    });
    const planned = await replay(same.id, { dryRun: true, over });
    expect(planned).toMatchObject({ status: 'planned', dry_run: true });
    const mapped = await replay(first.id, { over });
    expect(countsText(mapped)).toBe(countsText(planned));
    expect(countsText(mapped)).toContain('products +0 ~12 =0 -0');
    expect(pos.requests.length).toBe(asked);
  });

  test('of an older answer goes back to it, past a newer fetch, and the next sync reads everything', async () => {
    const configId = await add();
    const older = await syncNow(deps, configId);
    pos.edit((catalog) => void catalog.menuItems.pop());
    expect(countsText(await syncNow(deps, configId))).toContain('-1');
    expect(countsText(await replay(older.id))).toContain('restored 1');
    expect(countsText(await syncNow(deps, configId))).toContain('-1');
  });

  test('is held by the guard like any run', async () => {
    const configId = await add();
    await syncNow(deps, configId);
    pos.answer('empty', 1);
    const held = await syncNow(deps, configId);
    expect(held.status).toBe('held');
    expect((await replay(held.id)).status).toBe('held');
  });

  test('of a run that could not be formatted removes nothing, since nobody wrote down that it is whole', async () => {
    const configId = await add();
    await syncNow(deps, configId);
    pos.edit((catalog) => void catalog.menuItems.pop());
    const broken = withMapping({
      version: qu.version + 1,
      // biome-ignore lint/correctness/useYield: it fails before its first item.
      async *format() {
        throw new Error('a bug of the mapping');
      },
    });
    const failed = await syncNow(broken, configId);
    expect(failed.status).toBe('failed');
    const mended = await replay(failed.id);
    expect(mended).toMatchObject({ status: 'success', complete: false });
    expect(countsText(mended)).toContain('-0');
    expect(mended.notes.join()).toContain('did not prove that it is whole');
  });

  test('of items that a caller brought saves them again', async () => {
    const configId = await add();
    const formattedData = { products: [{ id: '1', name: 'Tea', price: '2.50' }] };
    const { run } = await saveFormatted(deps, { configId, formattedData, requestedBy: 'test' });
    expect(countsText(await replay(run.id))).toContain('products +0 ~0 =1 -0');
  });

  test('is refused in one sentence when the answer is gone, or is of another catalog', async () => {
    const configId = await add();
    const { id: runId, source_id: sourceId } = await syncNow(deps, configId);
    establishment++;
    await setConfig(deps, { configId, params: { establishment: String(establishment) }, move: true });
    const asked = () => requestReplayOf(deps, { runId, requestedBy: 'test' });
    await expect(asked()).rejects.toMatchObject({ code: 'config_changed' });
    await deps.database.query('delete from integration_run_payloads where wand_source_id = $1', [sourceId]);
    await expect(asked()).rejects.toMatchObject({ code: 'payload_gone', message: expect.stringContaining(runId) });
  });
});
