-- When each config is due, and what becomes of its pace when its POS fails for long. How often it is synced stands in the
-- columns that the original has too: sync_frequency_minutes (an interval) or sync_schedule (a cron expression, which wins).

alter table integration_source_configs add column if not exists schedule_time_zone text;
alter table integration_source_configs add column if not exists next_due_at timestamptz;
alter table integration_source_configs add column if not exists due_claimed_until timestamptz;
alter table integration_source_configs add column if not exists catching_up boolean not null default false;
alter table integration_source_configs add column if not exists paused_at timestamptz;
alter table integration_source_configs add column if not exists paused_by text;
alter table integration_source_configs add column if not exists paused_reason text;
alter table integration_source_configs add column if not exists failures_in_row integer not null default 0;
alter table integration_source_configs add column if not exists failing_since timestamptz;
alter table integration_source_configs add column if not exists slow_steps integer not null default 0;

comment on column integration_source_configs.schedule_time_zone is 'IANA name of the zone that sync_schedule is read in; null = UTC';
comment on column integration_source_configs.next_due_at is
  'when the next scheduled run is due; null = a worker plans it anew, so set it to null after changing a schedule by SQL';
comment on column integration_source_configs.due_claimed_until is
  'a worker asks for the run that is due; after this time another one may. The fencing token of that request';
comment on column integration_source_configs.catching_up is 'next_due_at is the one run that stands for those missed in a downtime';
comment on column integration_source_configs.paused_by is
  'who paused the schedule: cli:<os user> or key:<name>; tillsync after failures (a sync that succeeds resumes it); adoption';
comment on column integration_source_configs.failures_in_row is 'scheduled runs that failed since the last sync that reached the POS';
comment on column integration_source_configs.slow_steps is 'the pace is halved so many times, down to once a day; 0 = as set';

create index if not exists integration_source_configs_due
  on integration_source_configs (next_due_at) where is_active and paused_at is null;

-- Schedules of the original are taken over as they are, but nothing begins to sync by itself: the original may still run,
-- and a person should see the first sync (docs/decisions/0013-schedules.md).
do $$
begin
  if to_regclass('integration_adoption_steps') is not null then
    update integration_source_configs
       set paused_at = now(), paused_by = 'adoption',
           paused_reason = 'Taken over from the original program; it starts when you resume it.'
     where paused_at is null and (sync_frequency_minutes > 0 or sync_schedule <> '');
  end if;
end $$;
