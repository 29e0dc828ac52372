-- Runs (Sync History), what they changed, what they set aside, and the raw answers they read.

create table if not exists integration_sync_history (
  id uuid primary key default tillsync_new_id(),
  wand_source_id uuid,
  source_name text,
  source_config_id uuid,
  site_id bigint,
  parent_id uuid,
  status text not null default 'queued',
  phase text,
  trigger text not null default 'manual',
  -- who asked: 'cli:<os user>', 'key:<name>', …
  requested_by text,
  dry_run boolean not null default false,
  mode text not null default 'full',
  -- the held or planned run whose plan this run applies
  applies_run_id uuid,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  fetch_started_at timestamptz,
  completed_at timestamptz,
  -- created + updated + unchanged + restored
  items_synced integer not null default 0,
  counts jsonb,
  -- whether the fetch proved itself complete; null = not fetched
  complete boolean,
  notes jsonb not null default '[]',
  -- {rules: [{rule, kind, message, …}], resolution: null | approved | discarded | superseded, resolved_by, resolved_at}
  hold jsonb,
  hold_open boolean not null default false,
  plan_digest bytea,
  error_message text,
  error jsonb,
  -- lease: who works on it until when (database time), and the fencing token every write of the run must carry
  worker text,
  lease_token uuid,
  lease_expires_at timestamptz,
  progress jsonb,
  constraint integration_sync_history_status_check check (status in
    ('queued', 'in_progress', 'success', 'partial', 'planned', 'held', 'failed', 'interrupted', 'cancelled')) not valid
);
create unique index if not exists integration_sync_history_one_active_per_source
  on integration_sync_history (wand_source_id) where status in ('queued', 'in_progress');
create unique index if not exists integration_sync_history_one_open_hold_per_source
  on integration_sync_history (wand_source_id) where hold_open;
-- Plans that wait for a person; a newer fetch closes them without reading the rest of the source's history.
create index if not exists integration_sync_history_waiting
  on integration_sync_history (wand_source_id) where hold_open or (status = 'planned' and (hold ->> 'resolution') is null);
create index if not exists integration_sync_history_by_time on integration_sync_history (created_at desc, id desc);
create index if not exists integration_sync_history_by_source on integration_sync_history (wand_source_id, created_at desc);

-- One row per source: what the last committed run proved.
create table if not exists integration_sync_state (
  wand_source_id uuid primary key,
  generation bigint not null default 0,
  -- start of the fetch behind the last committed run; an older fetch is refused as stale
  last_fetch_started_at timestamptz,
  last_synced_at timestamptz,
  last_complete_at timestamptz,
  last_run_id uuid,
  -- true between adoption and the first committed run: removals are guarded, prices are not
  adopted boolean not null default false
);

create table if not exists integration_item_changes (
  wand_source_id uuid not null,
  run_id uuid not null,
  kind text not null,
  external_id text not null,
  path_id text,
  operation text not null,
  name text,
  -- field -> [old, new]
  fields jsonb not null default '{}',
  old_hash bytea,
  new_hash bytea,
  created_at timestamptz not null,
  constraint integration_item_changes_key unique nulls not distinct (wand_source_id, run_id, kind, external_id, path_id),
  constraint integration_item_changes_operation_check check (operation in ('created', 'updated', 'removed', 'restored'))
);
create index if not exists integration_item_changes_by_item
  on integration_item_changes (wand_source_id, kind, external_id, created_at);

create table if not exists integration_rejected_items (
  wand_source_id uuid not null,
  run_id uuid not null,
  seq integer not null,
  kind text not null,
  external_id text,
  path_id text,
  reason text not null,
  message text not null,
  raw jsonb,
  created_at timestamptz not null,
  primary key (wand_source_id, run_id, seq)
);

create table if not exists integration_duplicate_items (
  wand_source_id uuid not null,
  run_id uuid not null,
  kind text not null,
  external_id text not null,
  path_id text,
  copies integer not null,
  -- whether all copies had the same content
  identical boolean not null,
  created_at timestamptz not null,
  constraint integration_duplicate_items_key unique nulls not distinct (wand_source_id, run_id, kind, external_id, path_id)
);

-- Payload vault: one row per distinct body of a source, addressed by its content without the connector's volatile
-- fields; chunks of at most 1 MiB; runs only reference it, so an unchanged answer costs no bytes.
create table if not exists integration_payloads (
  wand_source_id uuid not null,
  id uuid not null default tillsync_new_id(),
  content_hash bytea not null,
  raw_bytes bigint not null,
  stored_bytes bigint not null,
  chunks integer not null,
  created_at timestamptz not null default now(),
  primary key (wand_source_id, id),
  constraint integration_payloads_content unique (wand_source_id, content_hash)
);
create table if not exists integration_payload_chunks (
  wand_source_id uuid not null,
  payload_id uuid not null,
  seq integer not null,
  bytes bytea not null,
  primary key (wand_source_id, payload_id, seq)
);
-- bytes are compressed already
alter table integration_payload_chunks alter column bytes set storage external;
create table if not exists integration_run_payloads (
  wand_source_id uuid not null,
  run_id uuid not null,
  page integer not null,
  payload_id uuid not null,
  -- 'connector': a raw answer of the POS; 'formatted': a body of save-integration-data
  form text not null default 'connector',
  meta jsonb not null default '{}',
  -- the page's volatile fields as this run saw them
  fetched_at timestamptz not null,
  primary key (wand_source_id, run_id, page)
);

-- Rows that adoption set aside, each with its reason; `sources assign` brings unattributable ones back.
create table if not exists integration_items_archive (
  id uuid primary key default tillsync_new_id(),
  kind text not null,
  reason text not null,
  wand_source_id uuid,
  source_config_id uuid,
  external_id text,
  path_id text,
  item jsonb not null,
  archived_at timestamptz not null default now(),
  restored_at timestamptz
);

create table if not exists integration_api_keys (
  id uuid primary key default tillsync_new_id(),
  name text not null,
  -- first characters, to recognise a key in lists
  prefix text not null,
  key_hash bytea not null unique,
  created_at timestamptz not null default now(),
  created_by text,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
