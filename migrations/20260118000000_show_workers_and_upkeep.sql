-- What the system page shows of the processes: the version that each worker runs, and what retention did last.
alter table integration_workers add column if not exists version text;
comment on column integration_workers.version is 'of tillsync; null = a worker from before this column';

-- Written once at the end of a pass, by whoever did it.
create table if not exists integration_upkeep (
  chore text primary key,
  worker text not null,
  ended_at timestamptz not null default now(),
  done jsonb not null,
  worked_at timestamptz,
  worked jsonb
);
comment on column integration_upkeep.done is 'counts of the last pass';
comment on column integration_upkeep.worked is 'counts of the last pass that found something to do; worked_at = when it ended';
