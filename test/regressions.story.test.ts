// The defects of the original, each with its number: what went wrong there goes right here. O6 and O8 stand with the keys.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { makeCatalog } from '../src/connectors/qu/fake-catalog.ts';
import { fix } from '../src/db/verify/fix.ts';
import { verify } from '../src/db/verify/verify.ts';
import { getConfig } from '../src/records/configs/read-configs.ts';
import { listRejects } from '../src/records/runs/read-rejects.ts';
import type { Deps } from '../src/sync/deps.ts';
import { requestSync } from '../src/sync/request-sync.ts';
import { runSync } from '../src/sync/run-sync.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { freshDatabase } from './support/database.ts';
import { addQuConfig, countsText, openEngine, syncNow } from './support/engine.ts';
import { openTrip } from './support/trip.ts';

let pos: FakeQu;
beforeAll(async () => {
  pos = await startFakeQu();
});
beforeEach(() => {
  pos.setCatalog(makeCatalog({ products: 12, modifiers: 14, discounts: 6, repeated: 3 }));
  pos.answer('catalog');
});
afterAll(() => pos.stop());

/** How many rows stand in the three tables. */
async function rowsOf(deps: Deps): Promise<{ products: number; modifiers: number; discounts: number }> {
  const { rows } = await deps.database.query<{ products: number; modifiers: number; discounts: number }>(
    `select (select count(*) from integration_products)::int as products,
            (select count(*) from integration_modifiers)::int as modifiers,
            (select count(*) from integration_discounts)::int as discounts`,
  );
  return rows[0]!;
}

describe('the defects of the original', () => {
  it('O1: a run that fails while fetching, formatting or saving is failed in history, with its end and its sentence', async () => {
    const { deps, failAt } = await openTrip();
    const { configId } = await addQuConfig(deps, pos.url);
    pos.answer('401', 1);
    const fetching = await syncNow(deps, configId);
    pos.answer('hasError', 1);
    const formatting = await syncNow(deps, configId);
    const failed = failAt(/^copy integration_modifiers/);
    const saving = await syncNow(deps, configId);
    await failed;
    expect([fetching, formatting, saving].map((run) => [run.status, run.error?.step])).toEqual([
      ['failed', 'fetch'],
      ['failed', 'format'],
      ['failed', 'sync'],
    ]);
    const { rows } = await deps.database.query(
      `select status, completed_at is not null as ended, error_message is not null as said, phase, lease_expires_at
         from integration_sync_history`,
    );
    expect(rows).toEqual(
      Array(3).fill({ status: 'failed', ended: true, said: true, phase: null, lease_expires_at: null }),
    );
    expect(await getConfig(deps.database, configId)).toMatchObject({
      last_sync_status: 'failed',
      last_error: saving.error?.message,
      last_sync_at: null,
    });
  });

  it('O2, F63: a save that fails moves neither last_sync_at nor the state that tells how far the source is', async () => {
    const { deps, failAt } = await openTrip();
    const { configId } = await addQuConfig(deps, pos.url);
    const stateOf = async () => (await deps.database.query('select * from integration_sync_state')).rows;
    expect(await stateOf()).toEqual([]);
    await syncNow(deps, configId);
    const state = await stateOf();
    expect(state).toHaveLength(1);
    const before = await getConfig(deps.database, configId);
    expect(before?.last_sync_at).not.toBeNull();
    const failed = failAt(/insert into integration_sync_state/);
    expect((await syncNow(deps, configId)).status).toBe('failed');
    await failed;
    const after = await getConfig(deps.database, configId);
    expect(after).toMatchObject({ last_sync_status: 'failed', last_sync_at: before?.last_sync_at });
    expect(await stateOf()).toEqual(state);
  });

  it('O3: when one kind cannot be saved, none is', async () => {
    const { deps, failAt } = await openTrip();
    const { configId } = await addQuConfig(deps, pos.url);
    for (const table of ['integration_products', 'integration_modifiers', 'integration_discounts']) {
      const failed = failAt(new RegExp(`^copy ${table}`));
      const run = await syncNow(deps, configId);
      await failed;
      expect(run.status).toBe('failed');
      expect(await rowsOf(deps)).toEqual({ products: 0, modifiers: 0, discounts: 0 });
    }
    await syncNow(deps, configId);
    expect(await rowsOf(deps)).toEqual({ products: 12, modifiers: 14, discounts: 6 });
  });

  it('O4: sync_count and error_count count', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    const counted = async () => {
      const config = await getConfig(deps.database, configId);
      return [config?.sync_count, config?.error_count];
    };
    const seen = [await counted()];
    for (const answer of ['catalog', 'catalog', '401', 'catalog'] as const) {
      pos.answer(answer, 1);
      await syncNow(deps, configId);
      seen.push(await counted());
    }
    expect(seen).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
    ]);
    expect((await getConfig(deps.database, configId))?.last_error).toBeNull();
  });

  it('O5: the migration that adds the keys fails loudly over duplicates, and no migration swallows an error', async () => {
    const { database } = await freshDatabase();
    const folder = join(import.meta.dirname, '../migrations');
    const text = await readFile(
      join(folder, '20251101000200_add_unique_constraints_to_integration_tables.sql'),
      'utf8',
    );
    const key = 'integration_discounts_source_external_unique';
    await database.query(`alter table integration_discounts drop constraint ${key}`);
    const source = '11111111-1111-4111-8111-111111111111';
    const insert = `insert into integration_discounts (source_id, external_id) values ('${source}', 'twice')`;
    await database.query(insert);
    await database.query(insert);
    await expect(database.query(text)).rejects.toThrow();
    const report = await verify(database);
    expect(report.ok).toBe(false);
    expect(report.findings.map(({ rule }) => rule)).toEqual(['key_missing', 'key_duplicate']);
    expect((await fix(database)).after.ok).toBe(true);
    expect(text.replaceAll(/--.*$/gm, '')).not.toMatch(/when\s+others/i);
  });

  it('O7: two establishments with the same ids keep their own rows, prices and run counts', async () => {
    const other = await startFakeQu({ products: 12, modifiers: 14, discounts: 6, repeated: 3 });
    const deps = await openEngine();
    const first = await addQuConfig(deps, pos.url, { establishment: '1' });
    const second = await addQuConfig(deps, other.url, { establishment: '2' });
    other.edit((catalog) => {
      for (const item of catalog.menuItems) item.name = `second ${String(item.name)}`;
    });
    const nothing = 'products +0 ~0 =12 -0, modifiers +0 ~0 =14 -0 duplicates 3, discounts +0 ~0 =6 -0';
    for (const { configId } of [first, second])
      expect((await syncNow(deps, configId)).counts?.products.created).toBe(12);
    for (const { configId } of [first, second, second, first]) {
      expect(countsText(await syncNow(deps, configId))).toBe(nothing);
    }
    const { rows } = await deps.database.query(
      `select wand_source_id, source_config_id, count(*)::int as rows, bool_or(name like 'second %') as second
         from integration_products group by 1, 2 order by 4`,
    );
    expect(rows).toEqual([
      { wand_source_id: first.sourceId, source_config_id: first.configId, rows: 12, second: false },
      { wand_source_id: second.sourceId, source_config_id: second.configId, rows: 12, second: true },
    ]);
    await other.stop();
  });

  it('O9, F35: the id 0 is an id, an empty or missing id is a reject, and the first present name wins', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    const { run } = await saveFormatted(deps, {
      configId,
      requestedBy: 'test',
      formattedData: {
        products: [
          { mappingId: 0, id: 'never', name: 'zero' },
          { mappingId: '', id: 'never', name: 'empty' },
          { mappingId: null, id: 'null falls through', name: '' },
          { name: 'none' },
          { external_id: 'false', name: 'x', isAvailable: false, price: 0 },
        ],
      },
    });
    expect(run.counts?.products).toMatchObject({ received: 5, created: 3, rejected: 2 });
    const { rows } = await deps.database.query(
      'select external_id, name, price, is_available from integration_products order by external_id',
    );
    expect(rows).toEqual([
      { external_id: '0', name: 'zero', price: null, is_available: null },
      { external_id: 'false', name: 'x', price: '0', is_available: false },
      { external_id: 'null falls through', name: '', price: null, is_available: null },
    ]);
    const { data } = await listRejects(deps.database, run.id);
    expect(data.map(({ raw }) => (raw as { name: string }).name)).toEqual(['empty', 'none']);
  });

  it('O10: a key that comes twice in one batch costs neither the run nor a row', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    const item = { mappingId: 'twice', pathId: null, name: 'x', price: 1 };
    const { run } = await saveFormatted(deps, {
      configId,
      requestedBy: 'test',
      formattedData: { products: [item, item], modifiers: [item, item, { ...item, price: 2 }] },
    });
    expect(countsText(run)).toBe(
      'products +1 ~0 =0 -0 duplicates 1, modifiers +1 ~0 =0 -0 duplicates 2, discounts +0 ~0 =0 -0',
    );
    expect(await rowsOf(deps)).toEqual({ products: 1, modifiers: 1, discounts: 0 });
  });

  it('O11: an empty answer is held and never a success, and an item that left the POS is marked removed', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    await syncNow(deps, configId);
    pos.answer('empty', 1);
    expect(await syncNow(deps, configId)).toMatchObject({ status: 'held', items_synced: 0 });
    const [gone] = pos.catalog.menuItems.splice(3, 1);
    const run = await syncNow(deps, configId);
    expect(run.counts?.products).toMatchObject({ removed: 1, unchanged: 11 });
    const { rows } = await deps.database.query(
      'select external_id, is_available from integration_products where removed_at is not null',
    );
    expect(rows).toEqual([{ external_id: gone?.pathId, is_available: false }]);
  });

  it('O12, F34: a discount of 0 stays 0 and odd amounts are rejects with their raw value', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    const { run } = await saveFormatted(deps, {
      configId,
      requestedBy: 'test',
      formattedData: {
        discounts: [
          { id: 'zero', discountAmount: 0, price: 5 },
          { id: 'price', price: 5.5 },
          { id: 'absent', name: 'x' },
          { id: 'comma', discountAmount: '12,50' },
          { id: 'dollar', discountAmount: '$5' },
          { id: 'empty', discountAmount: '', price: 3 },
        ],
      },
    });
    const { rows } = await deps.database.query(
      'select external_id, discount_amount from integration_discounts order by external_id',
    );
    expect(rows).toEqual([
      { external_id: 'absent', discount_amount: null },
      { external_id: 'price', discount_amount: '5.5' },
      { external_id: 'zero', discount_amount: '0' },
    ]);
    const { data } = await listRejects(deps.database, run.id);
    expect(data.map(({ external_id, reason }) => [external_id, reason])).toEqual([
      ['comma', 'invalid_price'],
      ['dollar', 'invalid_price'],
      ['empty', 'invalid_price'],
    ]);
    expect(data[0]?.raw).toMatchObject({ discountAmount: '12,50' });
  });

  it('O15: a second Sync now gets the run that is under way, and the POS is asked once', async () => {
    const deps = await openEngine();
    const { configId } = await addQuConfig(deps, pos.url);
    const first = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
    const second = await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
    expect(second).toMatchObject({ alreadyActive: true, run: { id: first.run.id } });
    const asked = pos.requests.length;
    const [one, two] = await Promise.all([runSync(deps, first.run.id), runSync(deps, second.run.id)]);
    expect([one.status, two.status]).toContain('success');
    expect(pos.requests.length).toBe(asked + 1);
    await expect(
      saveFormatted(deps, { configId: await heldActive(deps, configId), requestedBy: 'test', formattedData: {} }),
    ).rejects.toMatchObject({ code: 'sync_running', status: 409 });
  });
});

/** Leaves a queued run behind, so that the source is busy. */
async function heldActive(deps: Deps, configId: string): Promise<string> {
  await requestSync(deps, { configId, trigger: 'manual', requestedBy: 'test' });
  return configId;
}
