// The engine as tillsync_worker, with which servers and workers run: a whole life of a catalog, and no row of another source.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeQu, startFakeQu } from '../../src/connectors/qu/fake.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { approveRun } from '../../src/sync/approve-run.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { saveFormatted } from '../../src/sync/save-formatted.ts';
import { setConfig } from '../../src/sync/set-config.ts';
import { sweepRuns } from '../../src/sync/upkeep/sweep-runs.ts';
import { freshDatabase } from '../support/database.ts';
import { depsOver } from '../support/deps-over.ts';
import { addQuConfig, countsText, syncNow } from '../support/engine.ts';
import { claimsOf, tenants } from './tenant-rows.ts';

let pos: FakeQu;
let owner: Database;
let database: Database;
let deps: Deps;

beforeAll(async () => {
  pos = await startFakeQu({ products: 8, modifiers: 6, discounts: 2, repeated: 1 });
  const fresh = await freshDatabase();
  owner = fresh.database;
  database = await openDatabase({ url: fresh.url, max: 8, role: 'tillsync_worker' });
  deps = await depsOver(database);
});
afterAll(async () => {
  await database.close();
  await pos.stop();
});

/** Every row that says that it belongs to a source, in all tables. */
async function rowsOf(sourceId: string): Promise<Record<string, string | null>> {
  const { rows: tables } = await owner.query<{ name: string }>(
    `select c.relname::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'wand_source_id' order by 1`,
  );
  const found: Record<string, string | null> = {};
  for (const { name } of tables) {
    const { rows } = await owner.query<{ hash: string | null }>(
      `select md5(string_agg(t::text, '|' order by t::text)) as hash from ${name} t where t.wand_source_id = $1`,
      [sourceId],
    );
    found[name] = rows[0]?.hash ?? null;
  }
  return found;
}

describe('the engine as tillsync_worker', () => {
  test('S51: syncs, records changes, rejects and repeated keys, holds and approves, and sweeps', async () => {
    const { configId } = await addQuConfig(deps, pos.url);
    const first = await syncNow(deps, configId);
    expect([first.status, countsText(first)]).toEqual(['success', expect.stringContaining('products +')]);
    pos.edit((catalog) => {
      catalog.menuItems[0] = { ...catalog.menuItems[0], name: 'another name' };
    });
    const second = await syncNow(deps, configId);
    expect(countsText(second)).toContain('~1');
    const changes = await owner.query('select from integration_item_changes where run_id = $1', [second.id]);
    expect(changes.rowCount).toBe(1);
    pos.edit((catalog) => {
      catalog.menuItems = [];
    });
    const held = await syncNow(deps, configId);
    expect(held.status).toBe('held');
    const approved = await approveRun(deps, { runId: held.id, requestedBy: 'test' });
    expect(approved.status).toBe('success');
    await sweepRuns(deps);
    const { rows } = await database.query<{ role: string }>('select current_user as role');
    expect(rows).toEqual([{ role: 'tillsync_worker' }]);
  });

  test('S16: a save writes rows of its run’s source only, whatever the items say', async () => {
    const mine = await addQuConfig(deps, pos.url, { establishment: 'mine' });
    const foreign = await addQuConfig(deps, pos.url, { establishment: 'foreign' });
    await setConfig(deps, { configId: mine.configId, guard: { enabled: false } });
    const items = (extra: object, name: string) =>
      Array.from({ length: 3 }, (_, i) => ({ id: `i${i}`, pathId: 'p', name, price: 1, ...extra }));
    const save = (configId: string, extra: object, name: string) => {
      const all = items(extra, name);
      return saveFormatted(deps, {
        configId,
        requestedBy: 'test',
        mode: 'full',
        formattedData: { products: all, modifiers: all, discounts: all },
      });
    };
    await save(foreign.configId, {}, 'theirs');
    const before = await rowsOf(foreign.sourceId);
    const { rows: ids } = await owner.query<{ id: string }>(
      'select id from integration_products where wand_source_id = $1',
      [foreign.sourceId],
    );
    const lies = {
      wand_source_id: foreign.sourceId,
      wandSourceId: foreign.sourceId,
      source_id: foreign.sourceId,
      source_config_id: foreign.configId,
      uuid: ids[0]?.id,
      site_id: 1,
      removed_at: null,
    };
    const { run } = await save(mine.configId, lies, 'mine');
    expect([run.status, countsText(run)]).toEqual(['success', expect.stringContaining('products +3')]);
    await save(mine.configId, lies, 'mine, renamed');
    await saveFormatted(deps, {
      configId: mine.configId,
      requestedBy: 'test',
      mode: 'full',
      formattedData: { products: [], modifiers: [], discounts: [] },
    });
    expect(await rowsOf(foreign.sourceId)).toEqual(before);
    // And a caller's claims bind none of the engine's work.
    const told = { ...deps, database: database.telling(claimsOf(tenants[0]!)) };
    expect((await syncNow(told, mine.configId)).status).toBe('success');
  });
});
