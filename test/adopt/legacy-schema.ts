// Databases as the original left them: its tables, the variants that installs have, and rows generated on the server.
import type { Database } from '../../src/db/database.ts';

/** A vendor row of the original, its configs, and an id that no table knows. */
export const ids = {
  vendor: '11111111-1111-4111-8111-111111111111',
  otherVendor: '22222222-2222-4222-8222-222222222222',
  retired: '33333333-3333-4333-8333-333333333333',
  config: 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
  otherConfig: 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb',
  thirdConfig: 'cccccccc-cccc-4ccc-8ccc-cccccccccccc',
  deletedConfig: 'dddddddd-dddd-4ddd-8ddd-dddddddddddd',
} as const;

export interface LegacySchemaOptions {
  /** Default 'rows'. */
  hierarchy?: 'rows' | 'empty' | 'none';
  /**
   * Which keys the install ended up with. plain: UNIQUE on source_id and on wand_source_id; nulls_not_distinct: the
   * original's last migration; none: its migration swallowed the error, so that saves fail with 42P10. Default plain.
   */
  keys?: 'plain' | 'nulls_not_distinct' | 'none';
  /** modifiers.path_id and products.path_id. Default true. */
  paths?: boolean;
  /** Only what the first version had. */
  oldColumns?: boolean;
  /** source_id references a table that nobody uses any more. */
  retiredSources?: boolean;
  /** updated_at triggers and row level security with USING (true). Default true. */
  triggers?: boolean;
}

/** Makes the original's tables. */
export async function createLegacySchema(database: Database, options: LegacySchemaOptions = {}): Promise<void> {
  const parts = [options.hierarchy === 'none' ? '' : hierarchySql(options.hierarchy !== 'empty'), sourcesSql];
  parts.push(options.retiredSources ? retiredSql : '', itemsSql(options), keysSql[options.keys ?? 'plain']);
  if (options.triggers ?? true) parts.push(triggersSql);
  await database.query(parts.join('\n'));
}

function hierarchySql(withRows: boolean): string {
  return `
create table concepts (id integer primary key, name text not null, privilege_level integer default 1,
  created_at timestamptz default now());
create table companies (id integer primary key, name text not null, concept_id integer references concepts (id));
create table stores (id integer primary key, name text not null, company_id integer references companies (id), city text);
${
  withRows
    ? `insert into concepts (id, name) values (7, 'Bistro');
insert into companies (id, name, concept_id) values (70, 'North', 7);
insert into stores (id, name, company_id) values (17, 'Harbour', 70), (18, 'Market', 70);`
    : ''
}`;
}

const sourcesSql = `
create table wand_integration_sources (
  id uuid primary key default gen_random_uuid(), name text not null unique, integration_type text not null unique,
  description text, base_url_template text not null, auth_method text default 'none', formatter_name text not null,
  is_active boolean default true, created_at timestamptz default now(), updated_at timestamptz default now());
create table integration_source_configs (
  id uuid primary key default gen_random_uuid(), wand_source_id uuid references wand_integration_sources (id) on delete cascade,
  config_name text not null, application_level text not null check (application_level in ('concept', 'company', 'site')),
  concept_id integer, company_id integer, site_id integer, config_params jsonb default '{}', credentials jsonb default '{}',
  sync_frequency_minutes integer, sync_schedule text, is_active boolean default true, last_sync_at timestamptz,
  last_sync_status text check (last_sync_status in ('success', 'error', 'in_progress')), sync_count integer default 0,
  error_count integer default 0, last_error text, created_at timestamptz default now(), updated_at timestamptz default now());
create table integration_sync_history (
  id uuid primary key default gen_random_uuid(), source_name text, source_config_id uuid references integration_source_configs (id),
  status text check (status in ('in_progress', 'success', 'error')), started_at timestamptz default now(),
  completed_at timestamptz, items_synced integer default 0, error_message text);
insert into wand_integration_sources (id, name, integration_type, base_url_template, formatter_name) values
  ('${ids.vendor}', 'Qu POS', 'qu', 'https://qu-{wand_domain}/integration?id={establishment}&concept={brand}', 'formatQu'),
  ('${ids.otherVendor}', 'Revel POS', 'revel', 'https://revel-{wand_domain}/integration', 'formatRevel');`;

const retiredSql = `
create table integration_sources (id uuid primary key, name text not null, type text not null);
insert into integration_sources values ('${ids.retired}', 'Old Qu', 'qu');`;

function itemsSql(options: LegacySchemaOptions): string {
  const path = (options.paths ?? true) ? 'path_id text,' : '';
  const wand = options.oldColumns ? '' : 'wand_source_id uuid, source_config_id uuid,';
  const owner = options.retiredSources
    ? 'source_id uuid references integration_sources (id) on delete cascade'
    : 'source_id uuid';
  const late = options.oldColumns
    ? ''
    : 'concept_id integer, company_id integer, site_id integer, is_active boolean default true,';
  const times = options.oldColumns
    ? 'created_at timestamptz default now()'
    : 'last_synced_at timestamptz default now(), created_at timestamptz default now(), updated_at timestamptz default now()';
  const common = `id uuid primary key default gen_random_uuid(), ${owner}, ${wand} external_id text, name text not null,`;
  const data = options.oldColumns ? '' : `data jsonb not null default '{}',`;
  return `
create table integration_products (${common} ${path} item_type integer, price numeric(10, 2), ${data} ${late} ${times});
create table integration_modifiers (${common} ${path} modifier_group_id text, modifier_group_name text,
  price numeric(10, 2), ${data} ${late} ${times});
create table integration_discounts (${common} discount_amount numeric(10, 2), ${data} ${late} ${times});
create index idx_integration_products_external_id on integration_products (external_id);
create index idx_integration_products_wand_source on integration_products (source_id);`;
}

const keysSql = {
  none: '',
  plain: `
alter table integration_products add constraint integration_products_source_external_unique unique (source_id, external_id);
alter table integration_products add constraint integration_products_wand_source_external_unique unique (wand_source_id, external_id);
alter table integration_modifiers add constraint integration_modifiers_source_external_path_unique unique (source_id, external_id, path_id);
alter table integration_discounts add constraint integration_discounts_source_id_external_id_key unique (source_id, external_id);`,
  nulls_not_distinct: `
alter table integration_products add constraint integration_products_wand_source_external_unique
  unique nulls not distinct (wand_source_id, external_id);
alter table integration_modifiers add constraint integration_modifiers_source_external_path_unique
  unique nulls not distinct (wand_source_id, external_id, path_id);
alter table integration_discounts add constraint integration_discounts_source_external_unique
  unique nulls not distinct (wand_source_id, external_id);`,
} as const;

const triggersSql = `
create function touch_updated_at() returns trigger language plpgsql as 'begin new.updated_at = now(); return new; end';
create trigger touch_products before update on integration_products for each row execute function touch_updated_at();
create trigger touch_modifiers before update on integration_modifiers for each row
  when (old.name is distinct from new.name or true) execute function touch_updated_at();
alter table integration_products enable row level security;
create policy "Anyone can view" on integration_products for select using (true);`;

export interface ConfigSeed {
  id: string;
  brand?: string;
  establishment?: string;
  vendor?: string | null;
  level?: 'concept' | 'company' | 'site';
  site?: number | null;
  concept?: number | null;
  active?: boolean;
  credentials?: Record<string, unknown>;
}

/** Adds a config as the original's screens did. */
export async function addLegacyConfig(database: Database, seed: ConfigSeed): Promise<void> {
  const params = { brand: seed.brand ?? '', establishment: seed.establishment ?? '', wand_domain: 'api.wand.test' };
  await database.query(
    `insert into integration_source_configs (id, wand_source_id, config_name, application_level, concept_id, site_id,
       config_params, credentials, is_active, last_sync_status, sync_count)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'success', 1)`,
    [
      seed.id,
      seed.vendor === undefined ? ids.vendor : seed.vendor,
      `Config ${seed.id.slice(0, 1)}`,
      seed.level ?? 'site',
      seed.concept ?? null,
      seed.site ?? null,
      JSON.stringify(params),
      JSON.stringify(seed.credentials ?? {}),
      seed.active ?? true,
    ],
  );
}

export interface ItemSeed {
  products?: number;
  modifiers?: number;
  discounts?: number;
  /** SQL for source_id, wand_source_id and source_config_id over n = 1, 2, …; default the vendor, NULL, the first config. */
  source?: string;
  wand?: string;
  config?: string;
  /** SQL for path_id of modifiers; default as the item's data has it. */
  path?: string;
  /** Rows of each external id. Default 1. */
  copies?: number;
}

/** Adds generated rows; ids are made from table and n, so that each shape is the same in every run. */
export async function addLegacyItems(database: Database, seed: ItemSeed): Promise<void> {
  const { copies = 1 } = seed;
  const owners = [seed.source ?? `'${ids.vendor}'`, seed.wand ?? 'null', seed.config ?? `'${ids.config}'`].map(
    (sql) => `(${sql})::uuid`,
  );
  const id = (table: string) => `md5('${table}' || n || ' ' || (select count(*) from integration_${table}))::uuid`;
  const key = `((n - 1) / ${copies} + 1)`;
  const time = `timestamptz '2025-10-01Z' + n * interval '1 second'`;
  const add = async (
    table: string,
    rows: number | undefined,
    extra: { columns: string; values: string; data: string },
  ) => {
    if (!rows) return;
    await database.query(
      `insert into integration_${table} (id, source_id, wand_source_id, source_config_id, external_id, name, data,
         last_synced_at, created_at, updated_at ${extra.columns})
       select ${id(table)}, ${owners.join(', ')}, '${table.slice(0, 1)}-' || ${key}, '${table} ' || ${key}, ${extra.data},
         ${time}, ${time}, ${time} ${extra.values} from generate_series(1, ${rows * copies}) n`,
    );
  };
  const price = `(${key} % 500) + 0.25`;
  const data = (letter: string) =>
    `jsonb_build_object('id', ${key}, 'pathId', '${letter}-' || ${key}, 'price', ${price})`;
  await add('products', seed.products, { columns: ', price', values: `, ${price}`, data: data('p') });
  const path = seed.path === undefined ? '' : ', path_id';
  await add('modifiers', seed.modifiers, {
    columns: `, price, modifier_group_id ${path}`,
    values: `, ${price}, '9' ${seed.path === undefined ? '' : `, ${seed.path}`}`,
    data: data('m'),
  });
  await add('discounts', seed.discounts, { columns: ', discount_amount', values: `, ${key}`, data: data('d') });
}

/** The three upserts of the original's save function, in its words; `arbiter` is the column that it names. */
export async function oldSave(
  database: Database,
  item: {
    arbiter: 'source_id' | 'wand_source_id';
    sourceId: string;
    externalId: string;
    price: string;
    configId?: string;
  },
): Promise<void> {
  const { arbiter, sourceId, externalId, price, configId = null } = item;
  await database.query(
    `insert into integration_products (${arbiter}, source_config_id, external_id, name, price, data, last_synced_at, updated_at)
     values ($1, $2, $3, 'from the old function', $4, '{}', now(), now())
     on conflict (${arbiter}, external_id) do update set price = excluded.price, name = excluded.name,
       last_synced_at = excluded.last_synced_at, updated_at = excluded.updated_at`,
    [sourceId, configId, externalId, price],
  );
  await database.query(
    `insert into integration_modifiers (${arbiter}, source_config_id, external_id, path_id, name, price, data, last_synced_at)
     values ($1, $2, $3, $3, 'from the old function', $4, '{}', now())
     on conflict (${arbiter}, external_id, path_id) do update set price = excluded.price, last_synced_at = excluded.last_synced_at`,
    [sourceId, configId, externalId, price],
  );
  await database.query(
    `insert into integration_discounts (${arbiter}, source_config_id, external_id, name, discount_amount, data, last_synced_at)
     values ($1, $2, $3, 'from the old function', $4, '{}', now())
     on conflict (${arbiter}, external_id) do update set discount_amount = excluded.discount_amount`,
    [sourceId, configId, externalId, price],
  );
}
