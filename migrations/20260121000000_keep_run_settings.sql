-- With which settings a run read and judged: what a config says today need not be what it said then.
alter table integration_sync_history add column if not exists settings jsonb;
comment on column integration_sync_history.settings is 'the merged settings that the run used, without secrets, written when it began to read; null = it never began, or is older';

-- Which runs did a run over: few runs have this, so the index is small and most inserts do not touch it.
create index if not exists integration_sync_history_by_retry
  on integration_sync_history (retry_of_run_id) where retry_of_run_id is not null;
