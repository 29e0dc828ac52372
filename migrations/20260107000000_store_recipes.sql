-- Recipes: integrations that are data. A connector in code has no row.

create table if not exists integration_connectors (
  id text primary key,
  title text not null,
  -- as it was written: YAML or JSON, comments and order kept
  recipe text not null,
  -- raised with every change, so that equal answers are formatted again
  version integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  updated_by text
);
comment on table integration_connectors is
  'stored recipes; the id is what a config says as connector_id. Those that tillsync brings are files, and have no row';
