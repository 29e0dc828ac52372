-- Runs that wait in the queue for a worker, what is retried, cancelled and fanned out, and which workers are alive.
alter table integration_sync_history add column if not exists attempt integer not null default 1;
alter table integration_sync_history add column if not exists retry_of_run_id uuid;
alter table integration_sync_history add column if not exists enqueued boolean not null default false;
alter table integration_sync_history add column if not exists told_at timestamptz;
alter table integration_sync_history add column if not exists compare_all boolean not null default false;
alter table integration_sync_history add column if not exists is_parent boolean not null default false;
alter table integration_sync_history add column if not exists cancel_requested_at timestamptz;
alter table integration_sync_history add column if not exists cancel_requested_by text;

comment on column integration_sync_history.attempt is
  '1, and one more each time that nobody asked anew: queued again after its worker died, or tried again after a failure that passes';
comment on column integration_sync_history.retry_of_run_id is 'the run that this one does over';
comment on column integration_sync_history.enqueued is
  'a worker takes it from the queue; false = the process that made it works on it itself';
comment on column integration_sync_history.told_at is
  'when the queue was last told of it; a job that is lost is told again by the sweep';
comment on column integration_sync_history.is_parent is
  'one request for a concept or a company: the run of no source, done when its children (parent_id) are';

-- The sweep and a parent's page read a parent's children; nearly all runs have none.
create index if not exists integration_sync_history_children
  on integration_sync_history (parent_id) where parent_id is not null;
-- Few rows at any time: the runs that are not over.
create index if not exists integration_sync_history_unfinished
  on integration_sync_history (created_at, id) where status in ('queued', 'in_progress');

-- Who works. A row is renewed while its process lives, and deleted when it stops; a late one is dead.
create table if not exists integration_workers (
  worker text primary key,
  slots integer not null,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
);
