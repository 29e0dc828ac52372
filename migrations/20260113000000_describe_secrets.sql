-- What may be shown of a secret: when it was set and how it ends. Never the secret itself.

alter table integration_source_configs add column if not exists secrets_described jsonb not null default '{}';
alter table integration_webhook_endpoints add column if not exists secrets_described jsonb not null default '{}';

comment on column integration_source_configs.secrets_described is
  'per secret {set_at, ends_in}: ends_in = its last 4 characters where it has 12 or more, else null; set_at null = not known. A secret without an entry was stored before this column';
comment on column integration_webhook_endpoints.secrets_described is 'as integration_source_configs.secrets_described';
