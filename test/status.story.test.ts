// The status of a run is derived from what happened: a matrix of facts, and the two that only a person or time brings.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import type { FakeAnswer } from '../src/connectors/qu/fake-answers.ts';
import type { FakeItem } from '../src/connectors/qu/fake-catalog.ts';
import { getConfig } from '../src/records/configs/read-configs.ts';
import { listRuns } from '../src/records/runs/read-runs.ts';
import type { Run } from '../src/records/runs/run.ts';
import type { Deps } from '../src/sync/deps.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { openVault } from '../src/vault/open-vault.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';
import { withPages } from './support/paged-connector.ts';
import { readStored } from './support/stored-rows.ts';
import { until } from './support/until.ts';

let pos: FakeQu;
let deps: Deps;
let establishment = 0;
beforeAll(async () => {
  pos = await startFakeQu();
  deps = await openEngine();
});
afterAll(() => pos.stop());

const catalog = (menuItems: FakeItem[]) => ({ menuItems, modifiers: [], discounts: [] });
const items = (count: number, from = 0): FakeItem[] =>
  Array.from({ length: count }, (_, index) => ({ id: from + index, name: `item ${from + index}` }));
const odd: FakeItem = { id: 'odd', isOutOfStock: 'perhaps' };
const keyless: FakeItem = { name: 'nobody' };

/** What comes first, what comes then, and what the second run is called. Ten products stand in between. */
const matrix: [what: string, body: FakeItem[] | FakeAnswer, status: Run['status'], synced: number][] = [
  ['nothing changed', items(10), 'success', 10],
  ['one more', items(11), 'success', 11],
  ['one less', items(9), 'success', 9],
  ['one changed', [...items(9), { id: 9, name: 'other' }], 'success', 10],
  ['one repeated', [...items(10), ...items(1)], 'success', 10],
  ['one that cannot be read', [...items(10), odd], 'partial', 10],
  ['one without a key', [...items(9), keyless], 'partial', 9],
  ['most gone', items(4), 'held', 0],
  ['all gone', [], 'held', 0],
  ['most that cannot be read', [...items(10), ...Array(6).fill(odd)], 'held', 0],
  ['cut off', 'truncated', 'failed', 0],
  ['throttled', { status: 429, headers: { 'retry-after': '0' }, body: '{}' }, 'failed', 0],
  ['refused', '401', 'failed', 0],
  ['no content', '204', 'failed', 0],
  ['a login page', 'html', 'failed', 0],
  ['an error as 200', 'error200', 'failed', 0],
  ['another document', { body: '{"data":[]}' }, 'failed', 0],
];

describe('the status of a run', () => {
  for (const [what, body, status, synced] of matrix) {
    it(`F61: ${what}: ${status}`, async () => {
      establishment += 1;
      const { configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: String(establishment) });
      expect((await syncNow(withPages(deps, [catalog(items(10))]), configId)).status).toBe('success');
      const before = await readStored(deps.database, sourceId);
      if (!Array.isArray(body)) pos.answer(body);
      const run = await syncNow(Array.isArray(body) ? withPages(deps, [catalog(body)]) : deps, configId);
      expect([run.status, run.items_synced]).toEqual([status, synced]);
      expect([run.error === null, run.hold === null]).toEqual([status !== 'failed', status !== 'held']);
      expect(run.phase).toBeNull();
      expect(run.finished_at).not.toBeNull();
      const config = await getConfig(deps.database, configId);
      expect(config?.last_sync_status).toBe(status);
      const isSaved = status === 'success' || status === 'partial';
      if (!isSaved) expect(await readStored(deps.database, sourceId)).toEqual(before);
      const [first, second] = [...before.values()].map(({ synced: time }) => time);
      expect(first).toBe(second);
      const after = [...(await readStored(deps.database, sourceId)).values()];
      expect(after.some(({ synced: time }) => time !== first)).toBe(isSaved);
    });
  }

  it('F61: a sync that finds the POS empty from the start is a success with nothing, and says zero', async () => {
    const { configId } = await addQuConfig(deps, pos.url, { establishment: 'empty' });
    const run = await syncNow(withPages(deps, [catalog([])]), configId);
    expect([run.status, run.items_synced, run.counts?.products.received]).toEqual(['success', 0, 0]);
  });

  it('F61, F71: given up while the POS is asked it is cancelled, and nothing is written', async () => {
    const { configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: 'given up' });
    pos.answer('drip', 1);
    const asked = pos.requests.length;
    const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
    const giveUp = new AbortController();
    const running = runSync(deps, run.id, { signal: giveUp.signal });
    await until('the POS was asked', () => pos.requests.length > asked);
    giveUp.abort();
    expect(await running).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' }, items_synced: 0 });
    expect((await readStored(deps.database, sourceId)).size).toBe(0);
  });

  it('F61, F71: given up while it saves it is cancelled as a whole, or saved as a whole', async () => {
    pos.answer('catalog');
    for (const phase of ['format', 'plan', 'save'] as const) {
      const { configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: `given up in ${phase}` });
      const { run } = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
      const giveUp = new AbortController();
      const ended = await runSync(deps, run.id, {
        signal: giveUp.signal,
        onProgress: (progress) => {
          if (progress.phase === phase) giveUp.abort();
        },
      });
      const rows = (await readStored(deps.database, sourceId)).size;
      expect([phase, ended.status, rows]).toEqual([phase, 'cancelled', 0]);
    }
  });

  it('F61: history shows every run once, newest first, and none of them is active', async () => {
    const { data } = await listRuns(deps.database, { limit: 200 });
    expect(data.length).toBeGreaterThan(matrix.length * 2);
    expect(data.filter(({ status }) => status === 'queued' || status === 'in_progress')).toEqual([]);
    const times = data.map(({ created_at }) => created_at);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('a sync or a save whose secret cannot be opened is failed in history, with its code, and nobody is asked', async () => {
    establishment += 1;
    const { configId, sourceId } = await addQuConfig(deps, pos.url, { establishment: String(establishment) });
    await setConfig(deps, { configId, params: { auth: 'api_key' }, secrets: { api_key: 'k-1234567890' } });
    const asked = pos.requests.length;
    const other: Deps = { ...deps, vault: openVault({ active: randomBytes(32).toString('base64') }) };
    const synced = await syncNow(other, configId);
    const formattedData = { products: [{ id: 'a' }] };
    const saved = await saveFormatted(other, { configId, formattedData, requestedBy: 'test' });
    await deps.database.query(
      `update integration_source_configs set credentials_encrypted = '{"api_key": "changed"}' where id = $1`,
      [configId],
    );
    const unreadable = await syncNow(deps, configId);
    const { data } = await listRuns(deps.database, { sourceId });
    expect(data.map(({ id, status, error }) => [id, status, error?.code])).toEqual([
      [unreadable.id, 'failed', 'credential_unreadable'],
      [saved.run.id, 'failed', 'encryption_key_unknown'],
      [synced.id, 'failed', 'encryption_key_unknown'],
    ]);
    expect(await getConfig(deps.database, configId)).toMatchObject({ last_sync_status: 'failed', error_count: 3 });
    expect(pos.requests.length).toBe(asked);
  });
});
