// The first syncs after adoption: the same catalog creates, moves and removes nothing, whatever state the install was in.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateApp } from '../src/app.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import type { Database } from '../src/db/database.ts';
import { verify } from '../src/db/verify/verify.ts';
import type { Deps } from '../src/sync/deps.ts';
import { emptyInstalls, firstColumns, installs } from './adopt/installs.ts';
import { createLegacySchema, ids, oldSave } from './adopt/legacy-schema.ts';
import { type Install, saveAsTheOriginal } from './adopt/save-as-the-original.ts';
import { freshDatabase, testMajor } from './support/database.ts';
import { depsOver } from './support/deps-over.ts';
import { countsText, syncNow } from './support/engine.ts';

let pos: FakeQu;
beforeAll(async () => {
  // What an install was in does not depend on its size; the adoption of 425, 685 and 10 rows is test/adopt's.
  pos = await startFakeQu({ seed: 5, products: 60, modifiers: 80, discounts: 10, repeated: 4 });
});
afterAll(() => pos.stop());

/** The upsert of the first version, which knew no config, no data and no time. */
async function firstSave(database: Database, externalId: string, price: string): Promise<void> {
  await database.query(
    `insert into integration_products (source_id, external_id, name, price) values ($1, $2, 'from the first function', $3)
     on conflict (source_id, external_id) do update set name = excluded.name, price = excluded.price`,
    [ids.vendor, externalId, price],
  );
}

async function adoptedInstall(install: Install): Promise<Deps> {
  const { database } = await freshDatabase({ migrated: false });
  await createLegacySchema(database, install.schema);
  await saveAsTheOriginal(database, pos, install);
  await install.extra?.(database);
  const deps = await depsOver(database);
  await migrateApp({ database, deps });
  return deps;
}

async function stampsOf(database: Database): Promise<Record<string, string>> {
  const { rows } = await database.query<{ id: string; stamp: string }>(
    `select id::text, updated_at::text || coalesce(removed_at::text, '') as stamp from integration_products
     union all select id::text, updated_at::text || coalesce(removed_at::text, '') from integration_modifiers
     union all select id::text, updated_at::text || coalesce(removed_at::text, '') from integration_discounts`,
  );
  return Object.fromEntries(rows.map(({ id, stamp }) => [id, stamp]));
}

// What a major changes it changes for all of them.
const tried = (all: readonly Install[]) => (testMajor === 15 ? all.filter((_install, n) => n % 3 === 0) : all);

describe('an adopted install', () => {
  it.each(tried(installs))('is ready, and a sync of the same catalog changes nothing: $name', async (install) => {
    const deps = await adoptedInstall(install);
    const report = await verify(deps.database);
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.ok).toBe(true);
    const before = await stampsOf(deps.database);

    const first = await syncNow(deps, ids.config);
    expect(first.error).toBeNull();
    expect(first.status).toBe('success');
    for (const counts of Object.values(first.counts ?? {})) {
      expect(counts).toMatchObject({ created: 0, removed: 0, restored: 0, rejected: 0 });
      expect(counts.received).toBe(counts.updated + counts.unchanged + counts.duplicates + counts.filtered);
    }
    // Rows that had no path get it: that is an update of the key, not of the content.
    const withoutPath = install.data === 'none';
    expect(first.counts?.modifiers[withoutPath ? 'unchanged' : 'updated']).toBe(0);
    expect(first.counts?.modifiers[withoutPath ? 'updated' : 'unchanged']).toBeGreaterThan(70);
    expect(first.counts?.products.updated).toBe(0);
    expect(first.counts?.discounts.updated).toBe(0);
    expect(await stampsOf(deps.database)).toEqual(before);
    if (install.twoConfigs) {
      const other = await syncNow(deps, ids.otherConfig);
      expect(other.source_id).not.toBe(first.source_id);
      expect(other.counts).toEqual(first.counts);
      expect(await stampsOf(deps.database)).toEqual(before);
    }

    const second = await syncNow(deps, ids.config);
    expect(countsText(second)).toMatch(/products \+0 ~0 =\d+ -0.*modifiers \+0 ~0 =\d+ -0.*discounts \+0 ~0 =10 -0/);
    expect(await stampsOf(deps.database)).toEqual(before);
  });

  it('takes the truth about a failed and about a held run into the original columns', async () => {
    const deps = await adoptedInstall(installs[0] as Install);
    pos.answer('500', 10);
    const failed = await syncNow(deps, ids.config);
    pos.answer('catalog');
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'upstream_status' } });
    pos.answer('empty', 1);
    const held = await syncNow(deps, ids.config);
    expect(held.status).toBe('held');
    const { rows } = await deps.database.query(
      `select c.last_sync_status, c.sync_count, c.error_count, array_agg(h.status order by h.created_at) as runs
         from integration_source_configs c join integration_sync_history h on h.source_config_id = c.id group by c.id`,
    );
    expect(rows).toEqual([{ last_sync_status: 'held', sync_count: 2, error_count: 1, runs: ['failed', 'held'] }]);
  });

  it('keeps the amount that the POS does not give as unknown, without calling the row changed', async () => {
    const install = installs[0] as Install;
    const deps = await adoptedInstall(install);
    const { rows: before } = await deps.database.query<{ zero: string }>(
      'select count(*) as zero from integration_discounts where discount_amount = 0',
    );
    await syncNow(deps, ids.config);
    const { rows: after } = await deps.database.query<{ zero: string; unknown: string }>(
      `select count(*) filter (where discount_amount = 0) as zero, count(*) filter (where discount_amount is null) as unknown
         from integration_discounts`,
    );
    const missing = pos.catalog.discounts.filter((discount) => discount.discountAmount == null).length;
    expect(missing).toBeGreaterThan(0);
    expect(Number(before[0]?.zero)).toBeGreaterThanOrEqual(missing);
    expect(after[0]).toEqual({ zero: String(Number(before[0]?.zero) - missing), unknown: String(missing) });
  });

  it.each(tried(emptyInstalls))(
    'with empty tables gets each item once, and nothing the second time: $name',
    async (install) => {
      const deps = await adoptedInstall(install);
      const report = await verify(deps.database);
      expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(report.ok).toBe(true);
      expect(await stampsOf(deps.database)).toEqual({});

      const first = await syncNow(deps, ids.config);
      expect(first.error).toBeNull();
      expect(first.status).toBe('success');
      const { counts } = first;
      const created = (kind: 'products' | 'modifiers' | 'discounts') => {
        const { distinct, received } = pos.expectation()[kind];
        expect(counts?.[kind]).toMatchObject({
          received,
          updated: 0,
          unchanged: 0,
          removed: 0,
          restored: 0,
          rejected: 0,
        });
        expect(counts?.[kind].created).toBe(distinct - (counts?.[kind].filtered ?? 0));
        return counts?.[kind].created;
      };
      const { rows } = await deps.database.query(
        `select (select count(*)::int from integration_products) as products,
         (select count(*)::int from integration_modifiers) as modifiers,
         (select count(*)::int from integration_discounts) as discounts`,
      );
      expect(rows).toEqual([
        { products: created('products'), modifiers: created('modifiers'), discounts: created('discounts') },
      ]);
      expect(rows[0]).toMatchObject({ modifiers: 80, discounts: 10 });

      const before = await stampsOf(deps.database);
      const second = await syncNow(deps, ids.config);
      expect(countsText(second)).toMatch(/products \+0 ~0 =\d+ -0.*modifiers \+0 ~0 =80 -0.*discounts \+0 ~0 =10 -0/);
      expect(second.counts?.products.unchanged).toBe(counts?.products.created);
      expect(await stampsOf(deps.database)).toEqual(before);
    },
  );

  it.each(tried(firstColumns))(
    'with $name keeps the time of its rows and gets what it never stored',
    async (install) => {
      const deps = await adoptedInstall(install);
      const tables = ['integration_products', 'integration_modifiers', 'integration_discounts'];
      const facts = async () => {
        const found = [];
        for (const table of tables) {
          const { rows } = await deps.database.query(
            `select count(*) filter (where updated_at = created_at and updated_at < '2025-10-03Z')::int as kept,
             count(*) filter (where data ->> 'name' = name)::int as with_data,
             count(*) filter (where last_synced_at is not null and source_config_id = $1)::int as seen,
             count(*)::int as rows from ${table}`,
            [ids.config],
          );
          found.push(rows[0]);
        }
        return found as Record<'kept' | 'with_data' | 'seen' | 'rows', number>[];
      };
      const adopted = await facts();
      expect(adopted.map(({ rows }) => rows)).toEqual([expect.any(Number), 80, 10]);
      expect(adopted).toEqual(adopted.map(({ rows }) => ({ kept: rows, with_data: 0, seen: 0, rows })));
      await syncNow(deps, ids.config);
      expect(await facts()).toEqual(adopted.map(({ rows }) => ({ kept: rows, with_data: rows, seen: rows, rows })));
    },
  );

  it.each(tried(firstColumns))(
    'with $name shows a price that the POS has changed since, and only that',
    async (install) => {
      const key = String(pos.catalog.menuItems[0]?.pathId);
      const outdated = async (database: Database) => {
        await install.extra?.(database);
        await database.query('update integration_products set price = 999.99 where external_id = $1', [key]);
      };
      const deps = await adoptedInstall({ ...install, extra: outdated });
      const run = await syncNow(deps, ids.config);
      expect(run.counts?.products).toMatchObject({ created: 0, updated: 1, removed: 0 });
      const { rows } = await deps.database.query(
        `select external_id, operation, array(select jsonb_object_keys(fields)) as fields,
         (select array_agg(external_id) from integration_products where updated_at <> created_at) as moved
         from integration_item_changes where run_id = $1 and kind = 'products'`,
        [run.id],
      );
      expect(rows).toEqual([{ external_id: key, operation: 'updated', fields: ['price'], moved: [key] }]);
    },
  );

  it.each(tried([...firstColumns, ...emptyInstalls.slice(-1)]))(
    'with $name takes the upsert of the first version, and the next sync sees what it did',
    async (install) => {
      const deps = await adoptedInstall(install);
      await syncNow(deps, ids.config);
      const known = await stampsOf(deps.database);
      const key = String(pos.catalog.menuItems[0]?.pathId);
      await firstSave(deps.database, key, '77.25');
      await firstSave(deps.database, 'only-there', '1');
      await firstSave(deps.database, 'only-there', '2');
      expect(Object.keys(await stampsOf(deps.database))).toHaveLength(Object.keys(known).length + 1);
      const run = await syncNow(deps, ids.config);
      expect(run.error).toBeNull();
      expect(run.counts?.products).toMatchObject({ created: 0, updated: 1, removed: 1, restored: 0 });
      const { rows } = await deps.database.query(
        `select external_id, price = 77.25 as old, removed_at is not null as removed from integration_products
          where external_id = any ($1) order by 3`,
        [[key, 'only-there']],
      );
      expect(rows).toEqual([
        { external_id: key, old: false, removed: false },
        { external_id: 'only-there', old: false, removed: true },
      ]);
    },
  );

  const savedInto = [installs[0] as Install, ...firstColumns, ...emptyInstalls];
  it.each(tried(savedInto))(
    'the original save function still works, by either id, and the next sync sees what it did: $name',
    async (install) => {
      const deps = await adoptedInstall(install);
      await syncNow(deps, ids.config);
      for (const arbiter of ['source_id', 'wand_source_id'] as const) {
        const key = String(pos.catalog.menuItems[arbiter === 'source_id' ? 0 : 1]?.pathId);
        await oldSave(deps.database, {
          arbiter,
          sourceId: ids.vendor,
          externalId: key,
          price: '77.25',
          configId: ids.config,
        });
        const { rows } = await deps.database.query<{ rows: string; price: string; hash: Buffer | null }>(
          `select count(*) over () as rows, price, content_hash as hash from integration_products where external_id = $1`,
          [key],
        );
        expect(rows).toEqual([{ rows: '1', price: '77.25', hash: null }]);
        const run = await syncNow(deps, ids.config);
        expect(run.error).toBeNull();
        // The product is the POS's again; the modifier and the discount of that id, which only the old function made, go.
        expect(run.counts?.products).toMatchObject({ updated: 1, created: 0 });
        expect(run.counts?.modifiers).toMatchObject({ removed: 1 });
        expect(run.counts?.discounts).toMatchObject({ removed: 1 });
      }
    },
  );
});
