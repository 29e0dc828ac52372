-- The audit log is only ever appended to. A row goes by age alone, through one function, and never before 30 days.

create or replace function tillsync_audit_is_kept() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  -- Retention deletes as the table's owner and says so; whoever else says so is not the owner, or is him anyway.
  if tg_op = 'DELETE' and current_setting('tillsync.audit_retention', true) = 'on'
     and current_user = (select pg_get_userbyid(relowner) from pg_class where oid = tg_relid) then
    return null;
  end if;
  raise exception 'The audit log is only appended to.' using errcode = '42501',
    hint = 'Rows go by age: TILLSYNC_KEEP_AUDIT_DAYS and tillsync upkeep.';
end $$;

create or replace trigger integration_audit_log_kept before update or delete or truncate on integration_audit_log
  for each statement execute function tillsync_audit_is_kept();

-- Runs with the rights of the owner, so that nobody else needs any right to delete. Whoever may call it can make
-- nothing forgotten that is younger than 30 days.
do $do$
begin
  execute format($f$
    create or replace function tillsync_delete_old_audit(keep_days integer, most integer) returns bigint
    language plpgsql security definer set search_path = pg_catalog, %1$I, pg_temp as $$
    declare
      gone bigint;
    begin
      if keep_days is null or keep_days < 30 then
        raise exception 'The audit log is kept for 30 days at least.' using errcode = '22023';
      end if;
      perform set_config('tillsync.audit_retention', 'on', true);
      delete from %1$I.integration_audit_log where id in (
        select id from %1$I.integration_audit_log
         where at < now() - make_interval(days => keep_days) order by at limit most);
      get diagnostics gone = row_count;
      perform set_config('tillsync.audit_retention', '', true);
      return gone;
    end $$
  $f$, current_schema());
end $do$;
-- PostgREST would offer it to the world.
do $$
declare
  someone text;
begin
  revoke execute on function tillsync_delete_old_audit(integer, integer) from public;
  foreach someone in array array['anon', 'authenticated'] loop
    if to_regrole(someone) is not null then
      execute format('revoke execute on function tillsync_delete_old_audit(integer, integer) from %I', someone);
    end if;
  end loop;
  if to_regrole('tillsync_worker') is not null then
    grant execute on function tillsync_delete_old_audit(integer, integer) to tillsync_worker;
  end if;
end $$;

-- Lists by what was done, and the question whether a denial or a use was written down already.
create index if not exists idx_integration_audit_log_action on integration_audit_log (action, at desc);
