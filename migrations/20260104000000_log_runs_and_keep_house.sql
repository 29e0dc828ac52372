-- The log of every run, and what retention and the metrics find their rows by.

create table if not exists integration_sync_log (
  wand_source_id uuid not null,
  run_id uuid not null,
  -- order of the lines of a run
  seq integer not null,
  at timestamptz not null,
  -- info, warn or error
  level text not null,
  -- fetch, format, plan or save; null = before or after them
  phase text,
  -- claimed, phase_begin, phase_end, page, wait, retry, guard, unchanged, end, interrupted
  event text not null,
  message text not null,
  facts jsonb not null default '{}',
  primary key (wand_source_id, run_id, seq)
);
comment on table integration_sync_log is 'what happened in each run, line by line; written beside the save, so that it survives a rollback';
-- Retention takes the oldest lines first.
create index if not exists integration_sync_log_by_time on integration_sync_log (at);

-- The metrics count the runs that ended since they were last asked for.
create index if not exists integration_sync_history_by_end
  on integration_sync_history (completed_at) where completed_at is not null;
-- A run of many sources stays as long as one of its children does.
create index if not exists integration_sync_history_by_parent
  on integration_sync_history (parent_id) where parent_id is not null;

alter table integration_payloads add column if not exists unreferenced_since timestamptz;
comment on column integration_payloads.unreferenced_since is
  'since when retention knows that no run refers to it; it is deleted later than any run that had found it before can still be alive. An answer with the same content is stored anew in its place';
