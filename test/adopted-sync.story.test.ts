// The first syncs after adoption: the same catalog creates, moves and removes nothing, whatever state the install was in.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateApp } from '../src/app.ts';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import type { Database } from '../src/db/database.ts';
import { verify } from '../src/db/verify/verify.ts';
import type { Json } from '../src/json.ts';
import type { Deps } from '../src/sync/deps.ts';
import { createLegacySchema, ids, type LegacySchemaOptions, oldSave } from './adopt/legacy-schema.ts';
import { freshDatabase } from './support/database.ts';
import { countsText, depsOver, syncNow } from './support/engine.ts';

let pos: FakeQu;
beforeAll(async () => {
  pos = await startFakeQu({ seed: 5 });
});
afterAll(() => pos.stop());

interface Install {
  name: string;
  schema: LegacySchemaOptions;
  /** What wand_source_id holds. */
  wand: 'null' | 'vendor' | 'mixed' | 'other';
  /** The form in which the original kept the item. */
  data: 'raw' | 'formatted' | 'none';
  /** Rows of each key. */
  copies?: number;
  /** The second copy belongs to a config of another establishment on the same source. */
  twoConfigs?: boolean;
  /** What else stands in the tables. */
  extra?: (database: Database) => Promise<void>;
}

const installs: Install[] = [
  { name: 'every wand_source_id NULL', schema: {}, wand: 'null', data: 'raw' },
  { name: 'the 42P10 state: no keys at all, NULL beside filled', schema: { keys: 'none' }, wand: 'mixed', data: 'raw' },
  { name: 'keys NULLS NOT DISTINCT', schema: { keys: 'nulls_not_distinct' }, wand: 'vendor', data: 'formatted' },
  {
    name: 'no path_id column, data that names no path',
    schema: { paths: false, keys: 'none' },
    wand: 'null',
    data: 'none',
  },
  { name: 'no hierarchy tables', schema: { hierarchy: 'none' }, wand: 'vendor', data: 'raw' },
  { name: 'sources in a retired table too', schema: { retiredSources: true }, wand: 'vendor', data: 'raw' },
  {
    name: 'hierarchy without rows, no triggers',
    schema: { hierarchy: 'empty', triggers: false },
    wand: 'mixed',
    data: 'raw',
  },
  { name: 'source_id and wand_source_id differ', schema: { keys: 'none' }, wand: 'other', data: 'raw' },
  {
    name: 'an invalid index left behind, and rows that nothing attributes',
    schema: { keys: 'none' },
    wand: 'null',
    data: 'raw',
    extra: async (database) => {
      const key = 'create unique index concurrently integration_products_wand_source_external_unique';
      await expect(database.query(`${key} on integration_products (source_id)`)).rejects.toThrow();
      await database.query(
        `insert into integration_products (external_id, name) values ('lost', 'one'), ('lost', 'two'), ('gone', 'three')`,
      );
    },
  },
  { name: 'every row a hundred times', schema: { keys: 'none' }, wand: 'null', data: 'raw', copies: 100 },
  {
    name: 'two identities on one source',
    schema: { keys: 'none' },
    wand: 'vendor',
    data: 'raw',
    copies: 2,
    twoConfigs: true,
  },
  { name: 'every row twice', schema: { keys: 'none' }, wand: 'null', data: 'raw', copies: 2 },
];

type Raw = { [key: string]: Json } & { pathId?: string; name?: string };

function priceOf(item: Raw): string {
  const price = (item.prices as { prices?: { price?: number }[] } | undefined)?.prices?.[0]?.price;
  // The original wrote 0 where the POS has no amount.
  return String(price ?? 0);
}

/** Fills the original's tables as its save function did after a fetch of the pretend POS's catalog. */
async function saveAsTheOriginal(database: Database, install: Install): Promise<void> {
  const { menuItems, modifiers, discounts } = pos.catalog as unknown as Record<string, Raw[]>;
  await database.query(
    `insert into integration_source_configs (id, wand_source_id, config_name, application_level, config_params, credentials)
     values ($1, $2, 'QU POS', 'site', $3, '{"api_key": "legacy-secret"}')`,
    [ids.config, ids.vendor, JSON.stringify({ brand: 'acme', establishment: '17', base_url: pos.url })],
  );
  if (install.twoConfigs) {
    await database.query(
      `insert into integration_source_configs (id, wand_source_id, config_name, application_level, config_params)
       select $1, wand_source_id, 'Other', 'site', config_params || '{"establishment": "18"}' from integration_source_configs`,
      [ids.otherConfig],
    );
  }
  const unique = (items: readonly Raw[]) => [
    ...new Map(
      items
        .toSorted((a, b) => Number(priceOf(a)) - Number(priceOf(b)))
        .map((item) => [String(item.pathId ?? item.id), item]),
    ),
  ];
  const dataOf = (key: string, item: Raw): Json =>
    install.data === 'raw'
      ? item
      : install.data === 'none'
        ? {}
        : { mappingId: key, pathId: key, name: item.name ?? null };
  const add = async (table: string, rows: [string, Raw][], extra: (item: Raw) => Record<string, unknown>) => {
    const list = rows.map(([key, item], n) => ({
      external_id: key,
      name: item.name,
      data: dataOf(key, item),
      wand_source_id:
        install.wand === 'other'
          ? ids.otherVendor
          : install.wand === 'vendor' || (install.wand === 'mixed' && n % 2 === 0)
            ? ids.vendor
            : null,
      ...extra(item),
    }));
    const columns = Object.keys(list[0] ?? {});
    for (let copy = 0; copy < (install.copies ?? 1); copy++) {
      await database.query(
        `insert into integration_${table} (source_id, source_config_id, last_synced_at, updated_at, ${columns.join(', ')})
         select $1, $2, timestamptz '2025-10-01Z' + $4 * interval '1 day', '2025-10-01Z', ${columns.map((column) => `r.${column}`).join(', ')}
           from jsonb_populate_recordset(null::integration_${table}, $3) r`,
        [
          install.schema.retiredSources ? ids.retired : ids.vendor,
          install.twoConfigs && copy === 1 ? ids.otherConfig : ids.config,
          JSON.stringify(list),
          copy,
        ],
      );
    }
  };
  const categoriesKept = (item: Raw) =>
    !/OLO|3PD|3PO|All Items/.test(String((item.menuCategory as { name?: string })?.name ?? ''));
  const paths = (item: Raw) => (install.schema.paths === false ? {} : { path_id: item.pathId });
  await add(
    'products',
    unique(menuItems ?? []).filter(([, item]) => categoriesKept(item)),
    (item) => ({
      price: priceOf(item),
      item_type: item.itemType,
      ...paths(item),
    }),
  );
  await add(
    'modifiers',
    unique(modifiers ?? []).filter(([, item]) => categoriesKept(item)),
    (item) => ({
      price: priceOf(item),
      modifier_group_id: String((item.modifierGroup as { id?: number })?.id ?? ''),
      modifier_group_name:
        (item.menuCategory as { name?: string })?.name ?? (item.modifierGroup as { name?: string })?.name,
      ...(install.data === 'none' ? {} : paths(item)),
    }),
  );
  await add(
    'discounts',
    (discounts ?? []).map((item) => [String(item.id), item]),
    (item) => ({
      discount_amount: item.discountAmount ?? 0,
    }),
  );
}

async function adoptedInstall(install: Install): Promise<Deps> {
  const { database } = await freshDatabase({ migrated: false });
  await createLegacySchema(database, install.schema);
  await saveAsTheOriginal(database, install);
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

describe('an adopted install', () => {
  it.each(installs)('is ready, and a sync of the same catalog changes nothing: $name', async (install) => {
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
    expect(first.counts?.modifiers[withoutPath ? 'updated' : 'unchanged']).toBeGreaterThan(500);
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

  it.each(['source_id', 'wand_source_id'] as const)(
    'the original save function still works, by %s, and the next sync sees what it did',
    async (arbiter) => {
      const deps = await adoptedInstall(installs[0] as Install);
      await syncNow(deps, ids.config);
      const key = String(pos.catalog.menuItems[0]?.pathId);
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
    },
  );
});
