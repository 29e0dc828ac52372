// What the original's save function left in its tables after a fetch of a pretend POS's catalog, in each state of an install.
import type { FakeQu } from '../../src/connectors/qu/fake.ts';
import type { Database } from '../../src/db/database.ts';
import type { Json } from '../../src/json.ts';
import { ids, type LegacySchemaOptions } from './legacy-schema.ts';

export interface Install {
  name: string;
  schema: LegacySchemaOptions;
  /** What wand_source_id holds, where there is one. */
  wand: 'null' | 'vendor' | 'mixed' | 'other';
  /** The form in which the original kept the item, where it kept one. */
  data: 'raw' | 'formatted' | 'none';
  /** Rows of each key; 0 = the tables are empty. Default 1. */
  copies?: number;
  /** The second copy belongs to a config of another establishment on the same source. */
  twoConfigs?: boolean;
  /** What else stands in the tables. */
  extra?: (database: Database) => Promise<void>;
}

type Raw = { [key: string]: Json } & { pathId?: string; name?: string };

/** Adds the config of the catalog, ids.config, and fills the original's tables with the catalog as the install has it. */
export async function saveAsTheOriginal(database: Database, pos: FakeQu, install: Install): Promise<void> {
  await addConfigs(database, pos, install);
  const { menuItems, modifiers, discounts } = pos.catalog as unknown as Record<string, Raw[]>;
  const paths = (item: Raw) => (install.schema.paths === false ? {} : { path_id: item.pathId });
  await addRows(database, install, {
    table: 'integration_products',
    rows: unique(menuItems ?? []).filter(([, item]) => isKept(item)),
    columns: (item) => ({ price: priceOf(item), item_type: item.itemType, ...paths(item) }),
  });
  await addRows(database, install, {
    table: 'integration_modifiers',
    rows: unique(modifiers ?? []).filter(([, item]) => isKept(item)),
    columns: (item) => ({
      price: priceOf(item),
      modifier_group_id: String((item.modifierGroup as { id?: number })?.id ?? ''),
      modifier_group_name:
        (item.menuCategory as { name?: string })?.name ?? (item.modifierGroup as { name?: string })?.name,
      ...(install.data === 'none' ? {} : paths(item)),
    }),
  });
  await addRows(database, install, {
    table: 'integration_discounts',
    rows: (discounts ?? []).map((item) => [String(item.id), item]),
    columns: (item) => ({ discount_amount: item.discountAmount ?? 0 }),
  });
}

async function addConfigs(database: Database, pos: FakeQu, install: Install): Promise<void> {
  await database.query(
    `insert into integration_source_configs (id, wand_source_id, config_name, application_level, config_params, credentials)
     values ($1, $2, 'QU POS', 'site', $3, '{"api_key": "legacy-secret"}')`,
    [ids.config, ids.vendor, JSON.stringify({ brand: 'acme', establishment: '17', base_url: pos.url })],
  );
  if (!install.twoConfigs) return;
  await database.query(
    `insert into integration_source_configs (id, wand_source_id, config_name, application_level, config_params)
     select $1, wand_source_id, 'Other', 'site', config_params || '{"establishment": "18"}' from integration_source_configs`,
    [ids.otherConfig],
  );
}

interface Rows {
  table: string;
  rows: [string, Raw][];
  columns: (item: Raw) => Record<string, unknown>;
}

async function addRows(database: Database, install: Install, { table, rows, columns }: Rows): Promise<void> {
  const old = install.schema.oldColumns === true;
  const list = rows.map(([key, item], n) => ({
    external_id: key,
    name: item.name,
    ...(old ? {} : { data: dataOf(install, key, item), wand_source_id: wandOf(install, n) }),
    ...columns(item),
  }));
  const names = Object.keys(list[0] ?? {});
  const source = install.schema.retiredSources ? ids.retired : ids.vendor;
  const config = install.twoConfigs
    ? `case copy when 1 then '${ids.otherConfig}' else '${ids.config}' end::uuid`
    : `'${ids.config}'`;
  const owner = old
    ? { created_at: `timestamptz '2025-10-01Z'` }
    : {
        source_config_id: config,
        last_synced_at: `timestamptz '2025-10-01Z' + copy * interval '1 day'`,
        updated_at: `timestamptz '2025-10-01Z'`,
      };
  await database.query(
    `insert into ${table} (source_id, ${[...Object.keys(owner), ...names].join(', ')})
     select $1, ${[...Object.values(owner), ...names.map((name) => `r.${name}`)].join(', ')}
       from generate_series(0, $3::int - 1) copy cross join jsonb_populate_recordset(null::${table}, $2) r`,
    [source, JSON.stringify(list), install.copies ?? 1],
  );
}

/** One item per key: of a repeated one the dearest. */
function unique(items: readonly Raw[]): [string, Raw][] {
  const cheapestFirst = items.toSorted((a, b) => Number(priceOf(a)) - Number(priceOf(b)));
  return [...new Map(cheapestFirst.map((item) => [String(item.pathId ?? item.id), item]))];
}

function priceOf(item: Raw): string {
  const price = (item.prices as { prices?: { price?: number }[] } | undefined)?.prices?.[0]?.price;
  // The original wrote 0 where the POS has no amount.
  return String(price ?? 0);
}

/** The original left these categories out. */
function isKept(item: Raw): boolean {
  return !/OLO|3PD|3PO|All Items/.test(String((item.menuCategory as { name?: string })?.name ?? ''));
}

function dataOf(install: Install, key: string, item: Raw): Json {
  if (install.data === 'none') return {};
  return install.data === 'raw' ? item : { mappingId: key, pathId: key, name: item.name ?? null };
}

function wandOf(install: Install, n: number): string | null {
  if (install.wand === 'other') return ids.otherVendor;
  return install.wand === 'vendor' || (install.wand === 'mixed' && n % 2 === 0) ? ids.vendor : null;
}
