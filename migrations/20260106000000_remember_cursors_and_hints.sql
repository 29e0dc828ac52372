-- What the next fetch of a source begins from (cursors and probes that the POS issued), and webhooks that hint at a sync.

alter table integration_sync_state add column if not exists remembered jsonb;
alter table integration_sync_state add column if not exists full_read_at timestamptz;
comment on column integration_sync_state.remembered is
  'what the connector gave to remember, {key, cursor, probe}; key = connector version and settings that it is bound to. Moved by the save transaction of the run that fetched it, by no other';
comment on column integration_sync_state.full_read_at is
  'when a committed run last read the whole catalog and proved it complete; too long ago = the next run reads all';
comment on column integration_sync_state.last_complete_at is 'when removals were last checked';
comment on column integration_sync_state.item_rows is
  'live rows of the source after the last committed run, if all of them then had a fingerprint. A foreign write takes the fingerprint (trigger), adds or deletes a row: either number then differs';

alter table integration_sync_history add column if not exists reads text;
alter table integration_sync_history add column if not exists remember jsonb;
comment on column integration_sync_history.reads is
  'what the fetch brought: all (the catalog), changes (since the remembered cursor), nothing (the POS says that nothing changed); null = nothing was fetched, or not yet';
comment on column integration_sync_history.remember is
  'what becomes the source''s "remembered" when this run, or the approval of its plan, is saved';

-- Where a POS sends its webhooks: /hooks/<connector>/<id>.
create table if not exists integration_webhook_endpoints (
  id uuid primary key default tillsync_new_id(),
  connector_id text not null,
  -- field name -> v1.<key id>.<nonce>.<ciphertext>, AES-256-GCM, AAD = endpoint id + field name
  secrets_encrypted jsonb not null default '{}',
  -- scheme and host under which the POS reaches it, where its signature covers the URL; null = as the request says
  public_origin text,
  created_at timestamptz not null default now(),
  created_by text,
  last_received_at timestamptz,
  accepted bigint not null default 0,
  -- a bad signature, or a time outside the window
  refused bigint not null default 0,
  -- an event that came before
  replayed bigint not null default 0,
  -- accepted, but of an account that no active config reads
  unknown bigint not null default 0
);

-- Events that came, for twice the time window: the same one again is not noted twice.
create table if not exists integration_webhook_events (
  endpoint_id uuid not null,
  event_id text not null,
  expires_at timestamptz not null,
  primary key (endpoint_id, event_id)
);
create index if not exists integration_webhook_events_by_expiry on integration_webhook_events (expires_at);

-- One row per config that should be synced soon, because its POS said that something changed.
create table if not exists integration_sync_hints (
  source_config_id uuid primary key,
  wand_source_id uuid not null,
  -- the endpoint that the first of them came to
  endpoint_id uuid,
  hints integer not null default 1,
  first_at timestamptz not null,
  last_at timestamptz not null,
  due_at timestamptz not null
);
create index if not exists integration_sync_hints_due on integration_sync_hints (due_at);
