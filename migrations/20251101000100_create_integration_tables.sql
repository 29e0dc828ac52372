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

create index if not exists idx_integration_products_wand_source on integration_products using brin (wand_source_id);
create index if not exists idx_integration_products_external_id on integration_products (external_id);
create index if not exists idx_integration_products_last_synced on integration_products using brin (last_synced_at);
create index if not exists idx_integration_modifiers_wand_source on integration_modifiers using brin (wand_source_id);
create index if not exists idx_integration_modifiers_external_id on integration_modifiers (external_id);
create index if not exists idx_integration_discounts_wand_source on integration_discounts using brin (wand_source_id);
create index if not exists idx_integration_discounts_external_id on integration_discounts (external_id);
