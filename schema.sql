-- The whole schema, written by scripts/write-schema.ts from the system catalogs of a migrated database. Do not edit:
-- change it by a migration, then run `npm run schema`. Equal on PostgreSQL 15 and 18, but for two things that the
-- migrations decide by server: tillsync_new_id() uses uuidv7() where there is one, and on 15
-- idx_integration_products_last_synced covers updated_at.

-- Some functions name tables that come after them.
set check_function_bodies = off;

CREATE OR REPLACE FUNCTION tillsync_all()
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select coalesce(tillsync_claims() -> 'all' = 'true', false)
$function$;
revoke all on function tillsync_all() from public;
grant execute on function tillsync_all() to tillsync_app;
grant execute on function tillsync_all() to tillsync_reader;
grant execute on function tillsync_all() to tillsync_worker;

CREATE OR REPLACE FUNCTION tillsync_audit_is_kept()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  -- Retention deletes as the table's owner and says so; whoever else says so is not the owner, or is him anyway.
  if tg_op = 'DELETE' and current_setting('tillsync.audit_retention', true) = 'on'
     and current_user = (select pg_get_userbyid(relowner) from pg_class where oid = tg_relid) then
    return null;
  end if;
  raise exception 'The audit log is only appended to.' using errcode = '42501',
    hint = 'Rows go by age: TILLSYNC_KEEP_AUDIT_DAYS and tillsync upkeep.';
end $function$;

CREATE OR REPLACE FUNCTION tillsync_claimed(places text)
 RETURNS bigint[]
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select coalesce(array_agg(place::bigint), '{}')
    from jsonb_array_elements_text(coalesce(tillsync_claims() -> places, '[]')) place
$function$;
revoke all on function tillsync_claimed(places text) from public;
grant execute on function tillsync_claimed(places text) to tillsync_app;
grant execute on function tillsync_claimed(places text) to tillsync_reader;
grant execute on function tillsync_claimed(places text) to tillsync_worker;

CREATE OR REPLACE FUNCTION tillsync_claims()
 RETURNS jsonb
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select case when coalesce(current_setting('request.jwt.claims', true), '') <> ''
              then (select token.claims
                      from (select current_setting('request.jwt.claims', true)::jsonb -> 'app_metadata' -> 'tillsync' as claims) token
                     where token.claims ->> 'role' in ('viewer', 'operator', 'admin'))
              else nullif(current_setting('tillsync.claims', true), '')::jsonb end
$function$;
revoke all on function tillsync_claims() from public;
grant execute on function tillsync_claims() to tillsync_app;
grant execute on function tillsync_claims() to tillsync_reader;
grant execute on function tillsync_claims() to tillsync_worker;

CREATE OR REPLACE FUNCTION tillsync_company_ids()
 RETURNS bigint[]
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select array(select id from companies where concept_id in (select unnest(tillsync_claimed('concepts'))))
         || tillsync_claimed('companies')
$function$;
revoke all on function tillsync_company_ids() from public;
grant execute on function tillsync_company_ids() to tillsync_app;
grant execute on function tillsync_company_ids() to tillsync_reader;

CREATE OR REPLACE FUNCTION tillsync_config_ids()
 RETURNS uuid[]
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select array(
    select id from integration_source_configs
     where case application_level when 'site' then site_id in (select unnest(tillsync_site_ids()))
                when 'company' then company_id in (select unnest(tillsync_company_ids()))
                else concept_id in (select unnest(tillsync_claimed('concepts'))) end)
$function$;
revoke all on function tillsync_config_ids() from public;
grant execute on function tillsync_config_ids() to tillsync_app;
grant execute on function tillsync_config_ids() to tillsync_reader;

CREATE OR REPLACE FUNCTION tillsync_delete_old_audit(keep_days integer, most integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
    declare
      gone bigint;
    begin
      if keep_days is null or keep_days < 30 then
        raise exception 'The audit log is kept for 30 days at least.' using errcode = '22023';
      end if;
      perform set_config('tillsync.audit_retention', 'on', true);
      delete from integration_audit_log where id in (
        select id from integration_audit_log
         where at < now() - make_interval(days => keep_days) order by at limit most);
      get diagnostics gone = row_count;
      perform set_config('tillsync.audit_retention', '', true);
      return gone;
    end $function$;
revoke all on function tillsync_delete_old_audit(keep_days integer, most integer) from public;
grant execute on function tillsync_delete_old_audit(keep_days integer, most integer) to tillsync_worker;

CREATE OR REPLACE FUNCTION tillsync_foreign_write()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO '$user', 'public'
AS $function$
declare
  config_source uuid;
  config_legacy uuid;
begin
  if new.source_config_id is not null then
    select wand_source_id, legacy_source_id into config_source, config_legacy
      from integration_source_configs where id = new.source_config_id;
  end if;
  if tg_op = 'UPDATE' and new.wand_source_id is not distinct from old.wand_source_id and new.source_id is distinct from old.source_id then
    new.wand_source_id := coalesce(new.source_id, old.wand_source_id);
  end if;
  -- Also on UPDATE: while adoption is under way an old writer meets rows whose wand_source_id is still NULL.
  new.wand_source_id := coalesce(new.wand_source_id, new.source_id, config_source);
  -- A vendor id that was split, or that this config was adopted from, means the config's own source.
  if config_source is not null and new.wand_source_id is not distinct from config_legacy then
    new.wand_source_id := config_source;
  end if;
  new.source_id := new.wand_source_id;
  new.content_hash := null;
  if tg_op = 'UPDATE' and new.removed_at is not distinct from old.removed_at then
    new.removed_at := null;
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION tillsync_give_to_worker(with_items boolean)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  statement text;
begin
  if to_regrole('tillsync_worker') is null then return; end if;
  execute format('grant create on schema %I to tillsync_worker', current_schema());
  for statement in
    select format('alter table %s owner to tillsync_worker', c.oid::regclass) from pg_class c
     where with_items and c.relowner <> 'tillsync_worker'::regrole and c.relnamespace = current_schema()::regnamespace
       and c.relname in ('integration_products', 'integration_modifiers', 'integration_discounts')
    union all
    select format('alter function %s owner to tillsync_worker', p.oid::regprocedure) from pg_proc p
     where p.proowner <> 'tillsync_worker'::regrole and p.pronamespace = current_schema()::regnamespace
       and p.proname in ('tillsync_company_ids', 'tillsync_site_ids', 'tillsync_config_ids', 'tillsync_source_ids')
  loop
    execute statement;
  end loop;
  execute format('revoke create on schema %I from tillsync_worker', current_schema());
exception when insufficient_privilege then
  -- Undone as a whole. The processes then go on as the role that owns the tables, and `verify` says so.
  raise notice 'the item tables keep their owner: %', sqlerrm;
end $function$;
revoke all on function tillsync_give_to_worker(with_items boolean) from public;

CREATE OR REPLACE FUNCTION tillsync_new_id()
 RETURNS uuid
 LANGUAGE sql
 PARALLEL SAFE
AS $function$select pg_catalog.gen_random_uuid()$function$;

CREATE OR REPLACE FUNCTION tillsync_open_queue()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if to_regnamespace('tillsync_jobs') is null or to_regrole('tillsync_worker') is null then return; end if;
  grant usage on schema tillsync_jobs to tillsync_worker;
  grant select, insert, update, delete on all tables in schema tillsync_jobs to tillsync_worker;
  grant usage on all sequences in schema tillsync_jobs to tillsync_worker;
end $function$;
revoke all on function tillsync_open_queue() from public;

CREATE OR REPLACE FUNCTION tillsync_open_to_readers(relation text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  columns constant text := (select ' (' || r.columns || ')' from tillsync_readable() r where r.relation = tillsync_open_to_readers.relation);
begin
  if to_regrole('tillsync_reader') is not null then
    execute format('create policy tillsync_reader on %I for select to tillsync_reader using (true)', relation);
    execute format('grant select%s on %I to tillsync_reader', columns, relation);
  end if;
  -- Supabase: who signed in reads what the app_metadata of the token says.
  if to_regrole('authenticated') is not null then
    execute format('create policy tillsync_authenticated on %I for select to authenticated using (%s)', relation,
      tillsync_rule(relation, 'select'));
    execute format('grant select%s on %I to authenticated', columns, relation);
  end if;
end $function$;
revoke all on function tillsync_open_to_readers(relation text) from public;

CREATE OR REPLACE FUNCTION tillsync_readable()
 RETURNS TABLE(relation text, columns text)
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  values ('integration_products', null), ('integration_modifiers', null), ('integration_discounts', null),
    ('integration_item_locations', null), ('integration_site_locations', null),
    ('concepts', null), ('companies', null), ('stores', null),
    ('integration_sync_state', 'wand_source_id, all_seen_at, last_synced_at, last_complete_at'),
    ('wand_integration_sources', 'id, name, integration_type, retired_at')
$function$;
revoke all on function tillsync_readable() from public;

CREATE OR REPLACE FUNCTION tillsync_rule(relation text, command text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  everything constant text := '(select tillsync_all())';
  own_source constant text := 'wand_source_id = any ((select tillsync_source_ids())::uuid[])';
  own_site constant text := 'site_id = any ((select tillsync_site_ids())::bigint[])';
  own_company constant text := 'company_id = any ((select tillsync_company_ids())::bigint[])';
  own_concept constant text := 'concept_id = any ((select tillsync_claimed(''concepts''))::bigint[])';
  own_level constant text := format('(level = ''site'' and %s) or (level = ''company'' and %s) or (level = ''concept'' and %s)',
    replace(own_site, 'site_id =', 'level_id ='), replace(own_company, 'company_id =', 'level_id ='),
    replace(own_concept, 'concept_id =', 'level_id ='));
  me constant text := '(select tillsync_claims() ->> ''id'')';
  writes constant boolean := command in ('insert', 'update');
  rule text;
begin
  case relation
    when 'concepts' then
      -- A new concept is nobody's yet.
      rule := case when command <> 'insert' then replace(own_concept, 'concept_id =', 'id =') end;
    when 'companies' then rule := replace(own_company, 'company_id =', 'id =') || ' or ' || own_concept;
    when 'stores' then rule := replace(own_site, 'site_id =', 'id =') || ' or ' || own_company;
    when 'wand_integration_sources' then
      -- Its identity is unique over all tenants: who could write it could ask whether another tenant has it.
      rule := case when command = 'select' then replace(own_source, 'wand_source_id =', 'id =') end;
    when 'integration_source_configs' then
      rule := format('(application_level = ''site'' and %s) or (application_level = ''company'' and %s) or '
        '(application_level = ''concept'' and %s)', own_site, own_company, own_concept);
      if writes then
        -- At most one config of a source is active: a foreign source would say by that that it exists.
        rule := format('(%s) and (wand_source_id is null or %s)', rule, own_source);
      end if;
    when 'integration_sync_history' then
      -- A run that has no source yet belongs to its config.
      -- A sync of all sources of a level belongs to that level.
      rule := format('%s or (wand_source_id is null and source_config_id = any ((select tillsync_config_ids())::uuid[])) or '
        '(is_parent and (%s or %s))', own_source, own_company, own_concept);
    when 'integration_audit_log' then
      rule := case command
        when 'select' then format('actor_id::text = %s or %s or %s or %s or %s', me, own_source, own_site, own_company, own_concept)
        when 'insert' then 'actor = (select tillsync_claims() ->> ''who'')' end;
      if command in ('update', 'delete') then return null; end if;
    when 'integration_connectors', 'integration_workers' then
      -- Of no tenant.
      rule := case when command = 'select' then '(select tillsync_claims() is not null)' end;
    when 'integration_idempotency_keys' then rule := 'scope = ' || me;
    when 'integration_users' then rule := case when command = 'select' then 'id::text = ' || me end;
    when 'integration_user_roles' then
      rule := case when command = 'select' then format('user_id::text = %s or %s', me, own_level) end;
    when 'integration_sessions' then rule := case when command <> 'insert' then 'user_id::text = ' || me end;
    when 'integration_recovery_codes' then rule := 'user_id::text = ' || me;
    when 'integration_api_keys' then
      rule := case when command = 'select' then format('id::text = %s or %s', me, own_level) end;
    else
      if exists (select from pg_attribute where attrelid = to_regclass(relation) and attname = 'wand_source_id' and not attisdropped) then
        rule := own_source;
      end if;
  end case;
  if rule is null then return everything; end if;
  if writes and relation <> 'integration_source_configs' and exists (
    select from pg_attribute where attrelid = to_regclass(relation) and attname = 'site_id' and not attisdropped) then
    rule := format('(%s) and (site_id is null or %s)', rule, own_site);
  end if;
  return everything || ' or (' || rule || ')';
end $function$;
revoke all on function tillsync_rule(relation text, command text) from public;

CREATE OR REPLACE FUNCTION tillsync_secure_table(relation text, is_open boolean)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  tab constant regclass := relation::regclass;
  owner constant regrole := (select relowner::regrole from pg_class where oid = relation::regclass);
  command text;
  rule text;
  policy text;
begin
  for policy in select polname from pg_policy where polrelid = tab and polname like 'tillsync\_%' and polname <> 'tillsync_open' loop
    execute format('drop policy %I on %s', policy, tab);
  end loop;
  if to_regrole('tillsync_app') is not null then
    foreach command in array array['select', 'insert', 'update', 'delete'] loop
      rule := tillsync_rule(relation, command);
      continue when rule is null;
      execute format('create policy %I on %s for %s to tillsync_app %s %s', 'tillsync_app_' || command, tab, command,
        case when command <> 'insert' then 'using (' || tillsync_rule(relation, case command when 'update' then 'delete' else command end) || ')' end,
        case when command in ('insert', 'update') then 'with check (' || rule || ')' end);
    end loop;
    execute format('grant select%s on %s to tillsync_app', case
      when relation in ('tillsync_migrations', 'integration_adoption_steps') then ''
      when relation = 'integration_audit_log' then ', insert' else ', insert, update, delete' end, tab);
    if is_open then
      -- Other policies of the table may be true for everybody; this one binds the callers of tillsync all the same.
      execute format('create policy tillsync_app_only on %s as restrictive for all to tillsync_app '
        'using (current_user <> ''tillsync_app'' or %s) with check (current_user <> ''tillsync_app'' or %s)', tab,
        tillsync_rule(relation, 'select'), coalesce(tillsync_rule(relation, 'insert'), 'false'));
    end if;
  end if;
  if to_regrole('tillsync_worker') is not null then
    -- The worker serves all tenants; each save is bound to the source of its run.
    execute format('create policy tillsync_worker on %s for all to tillsync_worker using (true) with check (true)', tab);
    execute format('grant select%s on %s to tillsync_worker', case
      when relation in ('tillsync_migrations', 'integration_adoption_steps') then ''
      when relation = 'integration_audit_log' then ', insert' else ', insert, update, delete' end, tab);
  end if;
  if owner <> coalesce(to_regrole('tillsync_worker'), 0::regrole) then
    -- Migrations, adoption, backups: the one who may lift the rules sees what they hide.
    execute format('create policy tillsync_owner on %s for all to %s using (true) with check (true)', tab, owner);
  end if;
  if exists (select from tillsync_readable() r where r.relation = tillsync_secure_table.relation) then
    perform tillsync_open_to_readers(relation);
  end if;
end $function$;
revoke all on function tillsync_secure_table(relation text, is_open boolean) from public;

CREATE OR REPLACE FUNCTION tillsync_secure_tables(relations text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  adopted constant text[] := array['concepts', 'companies', 'stores', 'wand_integration_sources', 'integration_source_configs',
    'integration_sync_history', 'integration_products', 'integration_modifiers', 'integration_discounts'];
  is_unlocked boolean := false;
  is_open boolean;
  relation text;
  outsider text;
begin
  if to_regclass('integration_adoption_steps') is not null then
    execute $q$select not exists (select from integration_adoption_steps where step = 'locked down')$q$ into is_unlocked;
  end if;
  perform tillsync_give_to_worker(not is_unlocked);
  foreach relation in array relations loop
    continue when to_regclass(relation) is null;
    is_open := is_unlocked and relation = any (adopted);
    if not is_open then
      foreach outsider in array array['public', 'anon', 'authenticated'] loop
        if outsider = 'public' or to_regrole(outsider) is not null then
          execute format('revoke all on %I from %s', relation, outsider);
        end if;
      end loop;
      execute format('drop policy if exists tillsync_open on %I', relation);
    elsif not (select relrowsecurity from pg_class where oid = to_regclass(relation)) then
      execute format('create policy tillsync_open on %I for all to public using (true) with check (true)', relation);
    end if;
    perform tillsync_secure_table(relation, is_open);
    execute format('alter table %I enable row level security', relation);
    if not is_open and relation not in ('integration_products', 'integration_modifiers', 'integration_discounts') then
      execute format('alter table %I force row level security', relation);
    end if;
  end loop;
  perform tillsync_secure_views(not is_unlocked);
  perform tillsync_open_queue();
  -- How the audit log forgets, by age only (a later migration).
  if to_regprocedure('tillsync_delete_old_audit(integer, integer)') is not null then
    foreach outsider in array array['anon', 'authenticated'] loop
      if to_regrole(outsider) is not null then
        execute format('revoke all on function tillsync_delete_old_audit(integer, integer) from %I', outsider);
      end if;
    end loop;
    if to_regrole('tillsync_worker') is not null then
      grant execute on function tillsync_delete_old_audit(integer, integer) to tillsync_worker;
    end if;
  end if;
end $function$;
revoke all on function tillsync_secure_tables(relations text[]) from public;

CREATE OR REPLACE FUNCTION tillsync_secure_views(is_locked boolean)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  item_view text;
  someone text;
begin
  for item_view in
    select item || ending from unnest(array['integration_products', 'integration_modifiers', 'integration_discounts']) item
      cross join unnest(array['_current', '_by_site']) ending where to_regclass(item || ending) is not null
  loop
    if is_locked then
      execute format('revoke all on %I from public', item_view);
      foreach someone in array array['anon', 'authenticated'] loop
        if to_regrole(someone) is not null then execute format('revoke all on %I from %I', item_view, someone); end if;
      end loop;
    end if;
    foreach someone in array array['tillsync_app', 'tillsync_worker', 'tillsync_reader', 'authenticated'] loop
      if to_regrole(someone) is not null then execute format('grant select on %I to %I', item_view, someone); end if;
    end loop;
  end loop;
end $function$;
revoke all on function tillsync_secure_views(is_locked boolean) from public;

CREATE OR REPLACE FUNCTION tillsync_site_ids()
 RETURNS bigint[]
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select array(select id from stores where company_id in (select unnest(tillsync_company_ids()))) || tillsync_claimed('sites')
$function$;
revoke all on function tillsync_site_ids() from public;
grant execute on function tillsync_site_ids() to tillsync_app;
grant execute on function tillsync_site_ids() to tillsync_reader;

CREATE OR REPLACE FUNCTION tillsync_source_ids()
 RETURNS uuid[]
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select array(
    select distinct c.wand_source_id from integration_source_configs c
     where c.id in (select unnest(tillsync_config_ids())) and c.wand_source_id is not null
       and (c.is_active or not exists (
         select from integration_source_configs other where other.wand_source_id = c.wand_source_id and other.is_active)))
$function$;
revoke all on function tillsync_source_ids() from public;
grant execute on function tillsync_source_ids() to tillsync_app;
grant execute on function tillsync_source_ids() to tillsync_reader;

create table companies (
  id bigint generated by default as identity,
  concept_id bigint,
  name text not null,
  created_at timestamp with time zone default now() not null,
  constraint companies_pkey PRIMARY KEY (id)
);
alter table companies enable row level security;
alter table companies force row level security;
create policy tillsync_app_delete on companies as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])) OR (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[])))));
create policy tillsync_app_insert on companies as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR ((id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])) OR (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[])))));
create policy tillsync_app_select on companies as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])) OR (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[])))));
create policy tillsync_app_update on companies as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])) OR (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[]))))) with check ((( SELECT tillsync_all() AS tillsync_all) OR ((id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])) OR (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[])))));
create policy tillsync_owner on companies as permissive for all to current_user using (true) with check (true);
create policy tillsync_reader on companies as permissive for select to tillsync_reader using (true);
create policy tillsync_worker on companies as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on companies to tillsync_app;
grant select on companies to tillsync_reader;
grant delete, insert, select, update on companies to tillsync_worker;

create table concepts (
  id bigint generated by default as identity,
  name text not null,
  created_at timestamp with time zone default now() not null,
  constraint concepts_pkey PRIMARY KEY (id)
);
alter table concepts enable row level security;
alter table concepts force row level security;
create policy tillsync_app_delete on concepts as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[]))));
create policy tillsync_app_insert on concepts as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on concepts as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[]))));
create policy tillsync_app_update on concepts as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[]))));
create policy tillsync_owner on concepts as permissive for all to current_user using (true) with check (true);
create policy tillsync_reader on concepts as permissive for select to tillsync_reader using (true);
create policy tillsync_worker on concepts as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on concepts to tillsync_app;
grant select on concepts to tillsync_reader;
grant delete, insert, select, update on concepts to tillsync_worker;

create table integration_access_tokens (
  config_id uuid not null,
  origin text not null,
  grant_encrypted text,
  access_encrypted text,
  refresh_encrypted text,
  renew_at timestamp with time zone,
  version bigint default 0 not null,
  failed_at timestamp with time zone,
  failure jsonb,
  constraint integration_access_tokens_pkey PRIMARY KEY (config_id, origin)
);
alter table integration_access_tokens enable row level security;
alter table integration_access_tokens force row level security;
create policy tillsync_app_delete on integration_access_tokens as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_access_tokens as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_access_tokens as permissive for select to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_update on integration_access_tokens as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_access_tokens as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_access_tokens as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_access_tokens to tillsync_app;
grant delete, insert, select, update on integration_access_tokens to tillsync_worker;

create table integration_api_keys (
  id uuid default tillsync_new_id() not null,
  name text not null,
  prefix text not null,
  key_hash bytea not null,
  created_at timestamp with time zone default now() not null,
  created_by text,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  access text default 'admin'::text not null,
  level text default 'all'::text not null,
  level_id bigint,
  replaced_by uuid,
  revoked_by text,
  constraint integration_api_keys_pkey PRIMARY KEY (id),
  constraint integration_api_keys_key_hash_key UNIQUE (key_hash),
  constraint integration_api_keys_access_check CHECK (access = ANY (ARRAY['read'::text, 'sync'::text, 'admin'::text])),
  constraint integration_api_keys_level_check CHECK ((level = ANY (ARRAY['all'::text, 'concept'::text, 'company'::text, 'site'::text])) AND (level = 'all'::text) = (level_id IS NULL))
);
alter table integration_api_keys enable row level security;
alter table integration_api_keys force row level security;
create policy tillsync_app_delete on integration_api_keys as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_api_keys as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_api_keys as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (((id)::text = ( SELECT (tillsync_claims() ->> 'id'::text))) OR ((level = 'site'::text) AND (level_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))) OR ((level = 'company'::text) AND (level_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[]))) OR ((level = 'concept'::text) AND (level_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[]))))));
create policy tillsync_app_update on integration_api_keys as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_api_keys as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_api_keys as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_api_keys to tillsync_app;
grant delete, insert, select, update on integration_api_keys to tillsync_worker;

create table integration_audit_log (
  id uuid default tillsync_new_id() not null,
  at timestamp with time zone default now() not null,
  actor text not null,
  actor_id uuid,
  action text not null,
  subject_type text,
  subject_id text,
  subject_name text,
  wand_source_id uuid,
  concept_id bigint,
  company_id bigint,
  site_id bigint,
  address text,
  request_id text,
  before jsonb,
  after jsonb,
  constraint integration_audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX idx_integration_audit_log_action ON integration_audit_log USING btree (action, at DESC);
CREATE INDEX idx_integration_audit_log_action_subject ON integration_audit_log USING btree (split_part(action, '.'::text, 1), at DESC, id DESC);
CREATE INDEX idx_integration_audit_log_actor ON integration_audit_log USING btree (actor, at DESC);
CREATE INDEX idx_integration_audit_log_at ON integration_audit_log USING btree (at DESC, id DESC);
CREATE INDEX idx_integration_audit_log_company ON integration_audit_log USING btree (company_id, at DESC, id DESC) WHERE (company_id IS NOT NULL);
CREATE INDEX idx_integration_audit_log_concept ON integration_audit_log USING btree (concept_id, at DESC, id DESC) WHERE (concept_id IS NOT NULL);
CREATE INDEX idx_integration_audit_log_site ON integration_audit_log USING btree (site_id, at DESC, id DESC) WHERE (site_id IS NOT NULL);
CREATE INDEX idx_integration_audit_log_subject ON integration_audit_log USING btree (subject_id, at DESC, id DESC);
CREATE TRIGGER integration_audit_log_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON integration_audit_log FOR EACH STATEMENT EXECUTE FUNCTION tillsync_audit_is_kept();
alter table integration_audit_log enable row level security;
alter table integration_audit_log force row level security;
create policy tillsync_app_insert on integration_audit_log as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR ((actor = ( SELECT (tillsync_claims() ->> 'who'::text))) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_app_select on integration_audit_log as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (((actor_id)::text = ( SELECT (tillsync_claims() ->> 'id'::text))) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[])) OR (company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])) OR (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[])))));
create policy tillsync_owner on integration_audit_log as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_audit_log as permissive for all to tillsync_worker using (true) with check (true);
grant insert, select on integration_audit_log to tillsync_app;
grant insert, select on integration_audit_log to tillsync_worker;

create table integration_connectors (
  id text not null,
  title text not null,
  recipe text not null,
  version integer not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  updated_by text,
  constraint integration_connectors_pkey PRIMARY KEY (id)
);
alter table integration_connectors enable row level security;
alter table integration_connectors force row level security;
create policy tillsync_app_delete on integration_connectors as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_connectors as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_connectors as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ( SELECT (tillsync_claims() IS NOT NULL))));
create policy tillsync_app_update on integration_connectors as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_connectors as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_connectors as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_connectors to tillsync_app;
grant delete, insert, select, update on integration_connectors to tillsync_worker;
comment on table integration_connectors is 'stored recipes; the id is what a config says as connector_id. Those that tillsync brings are files, and have no row';

create table integration_discounts (
  id uuid default tillsync_new_id() not null,
  source_id uuid,
  wand_source_id uuid not null,
  source_config_id uuid,
  external_id text not null,
  name text,
  discount_amount numeric,
  discount_percent numeric,
  price numeric,
  currency text,
  is_available boolean,
  data jsonb,
  content_hash bytea,
  concept_id bigint,
  company_id bigint,
  site_id bigint,
  last_synced_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  removed_at timestamp with time zone,
  created_run_id uuid,
  last_run_id uuid,
  constraint integration_discounts_pkey PRIMARY KEY (id),
  constraint integration_discounts_source_external_unique UNIQUE NULLS NOT DISTINCT (wand_source_id, external_id) INCLUDE (content_hash, removed_at),
  constraint integration_discounts_source_is_wand_source CHECK (NOT source_id IS DISTINCT FROM wand_source_id)
) with (autovacuum_vacuum_insert_scale_factor=0.05, fillfactor=85);
CREATE INDEX idx_integration_discounts_external_id ON integration_discounts USING btree (external_id);
CREATE INDEX idx_integration_discounts_removed ON integration_discounts USING btree (wand_source_id, external_id) WHERE (removed_at IS NOT NULL);
CREATE INDEX idx_integration_discounts_wand_source ON integration_discounts USING brin (wand_source_id);
CREATE TRIGGER tillsync_foreign_write BEFORE INSERT OR UPDATE ON integration_discounts FOR EACH ROW WHEN (current_setting('tillsync.sync'::text, true) IS DISTINCT FROM '1'::text) EXECUTE FUNCTION tillsync_foreign_write();
alter table integration_discounts enable row level security;
create policy tillsync_app_delete on integration_discounts as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_discounts as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_app_select on integration_discounts as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_discounts as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_reader on integration_discounts as permissive for select to tillsync_reader using (true);
create policy tillsync_worker on integration_discounts as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_discounts to tillsync_app;
grant select on integration_discounts to tillsync_reader;

create table integration_duplicate_items (
  wand_source_id uuid not null,
  run_id uuid not null,
  kind text not null,
  external_id text not null,
  path_id text,
  copies integer not null,
  identical boolean not null,
  created_at timestamp with time zone not null,
  constraint integration_duplicate_items_key UNIQUE NULLS NOT DISTINCT (wand_source_id, run_id, kind, external_id, path_id)
);
alter table integration_duplicate_items enable row level security;
alter table integration_duplicate_items force row level security;
create policy tillsync_app_delete on integration_duplicate_items as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_duplicate_items as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_select on integration_duplicate_items as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_duplicate_items as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_owner on integration_duplicate_items as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_duplicate_items as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_duplicate_items to tillsync_app;
grant delete, insert, select, update on integration_duplicate_items to tillsync_worker;

create table integration_idempotency_keys (
  scope text not null,
  key_hash bytea not null,
  fingerprint bytea not null,
  claim uuid not null,
  claimed_at timestamp with time zone default now() not null,
  answer jsonb,
  constraint integration_idempotency_keys_pkey PRIMARY KEY (scope, key_hash)
);
CREATE INDEX integration_idempotency_keys_by_time ON integration_idempotency_keys USING btree (claimed_at);
alter table integration_idempotency_keys enable row level security;
alter table integration_idempotency_keys force row level security;
create policy tillsync_app_delete on integration_idempotency_keys as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (scope = ( SELECT (tillsync_claims() ->> 'id'::text)))));
create policy tillsync_app_insert on integration_idempotency_keys as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR (scope = ( SELECT (tillsync_claims() ->> 'id'::text)))));
create policy tillsync_app_select on integration_idempotency_keys as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (scope = ( SELECT (tillsync_claims() ->> 'id'::text)))));
create policy tillsync_app_update on integration_idempotency_keys as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (scope = ( SELECT (tillsync_claims() ->> 'id'::text))))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (scope = ( SELECT (tillsync_claims() ->> 'id'::text)))));
create policy tillsync_owner on integration_idempotency_keys as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_idempotency_keys as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_idempotency_keys to tillsync_app;
grant delete, insert, select, update on integration_idempotency_keys to tillsync_worker;

create table integration_item_changes (
  wand_source_id uuid not null,
  run_id uuid not null,
  kind text not null,
  external_id text not null,
  path_id text,
  operation text not null,
  name text,
  fields jsonb default '{}'::jsonb not null,
  old_hash bytea,
  new_hash bytea,
  created_at timestamp with time zone not null,
  constraint integration_item_changes_key UNIQUE NULLS NOT DISTINCT (wand_source_id, run_id, kind, external_id, path_id),
  constraint integration_item_changes_operation_check CHECK (operation = ANY (ARRAY['created'::text, 'updated'::text, 'removed'::text, 'restored'::text]))
);
CREATE INDEX integration_item_changes_by_item ON integration_item_changes USING btree (wand_source_id, kind, external_id, created_at);
alter table integration_item_changes enable row level security;
alter table integration_item_changes force row level security;
create policy tillsync_app_delete on integration_item_changes as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_item_changes as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_select on integration_item_changes as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_item_changes as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_owner on integration_item_changes as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_item_changes as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_item_changes to tillsync_app;
grant delete, insert, select, update on integration_item_changes to tillsync_worker;

create table integration_item_locations (
  wand_source_id uuid not null,
  kind text not null,
  external_id text not null,
  path_id text,
  location_id text not null,
  site_id bigint,
  price numeric,
  currency text,
  is_available boolean,
  present boolean not null,
  constraint integration_item_locations_kind_check CHECK (kind = ANY (ARRAY['products'::text, 'modifiers'::text, 'discounts'::text]))
);
CREATE UNIQUE INDEX integration_item_locations_unique ON integration_item_locations USING btree (wand_source_id, kind, external_id, path_id, location_id) NULLS NOT DISTINCT;
alter table integration_item_locations enable row level security;
alter table integration_item_locations force row level security;
create policy tillsync_app_delete on integration_item_locations as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_item_locations as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_app_select on integration_item_locations as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_item_locations as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_owner on integration_item_locations as permissive for all to current_user using (true) with check (true);
create policy tillsync_reader on integration_item_locations as permissive for select to tillsync_reader using (true);
create policy tillsync_worker on integration_item_locations as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_item_locations to tillsync_app;
grant select on integration_item_locations to tillsync_reader;
grant delete, insert, select, update on integration_item_locations to tillsync_worker;

create table integration_items_archive (
  id uuid default tillsync_new_id() not null,
  kind text not null,
  reason text not null,
  wand_source_id uuid,
  source_config_id uuid,
  external_id text,
  path_id text,
  item jsonb not null,
  archived_at timestamp with time zone default now() not null,
  restored_at timestamp with time zone,
  constraint integration_items_archive_pkey PRIMARY KEY (id)
);
alter table integration_items_archive enable row level security;
alter table integration_items_archive force row level security;
create policy tillsync_app_delete on integration_items_archive as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_items_archive as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_select on integration_items_archive as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_items_archive as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_owner on integration_items_archive as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_items_archive as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_items_archive to tillsync_app;
grant delete, insert, select, update on integration_items_archive to tillsync_worker;

create table integration_modifiers (
  id uuid default tillsync_new_id() not null,
  source_id uuid,
  wand_source_id uuid not null,
  source_config_id uuid,
  external_id text not null,
  path_id text,
  name text,
  modifier_group_id text,
  modifier_group_name text,
  price numeric,
  currency text,
  is_available boolean,
  data jsonb,
  content_hash bytea,
  concept_id bigint,
  company_id bigint,
  site_id bigint,
  last_synced_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  removed_at timestamp with time zone,
  created_run_id uuid,
  last_run_id uuid,
  constraint integration_modifiers_pkey PRIMARY KEY (id),
  constraint integration_modifiers_source_external_path_unique UNIQUE NULLS NOT DISTINCT (wand_source_id, external_id, path_id) INCLUDE (content_hash, removed_at),
  constraint integration_modifiers_source_is_wand_source CHECK (NOT source_id IS DISTINCT FROM wand_source_id)
) with (autovacuum_vacuum_insert_scale_factor=0.05, fillfactor=85);
CREATE INDEX idx_integration_modifiers_external_id ON integration_modifiers USING btree (external_id);
CREATE INDEX idx_integration_modifiers_removed ON integration_modifiers USING btree (wand_source_id, external_id, path_id) WHERE (removed_at IS NOT NULL);
CREATE INDEX idx_integration_modifiers_wand_source ON integration_modifiers USING brin (wand_source_id);
CREATE TRIGGER tillsync_foreign_write BEFORE INSERT OR UPDATE ON integration_modifiers FOR EACH ROW WHEN (current_setting('tillsync.sync'::text, true) IS DISTINCT FROM '1'::text) EXECUTE FUNCTION tillsync_foreign_write();
alter table integration_modifiers enable row level security;
create policy tillsync_app_delete on integration_modifiers as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_modifiers as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_app_select on integration_modifiers as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_modifiers as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_reader on integration_modifiers as permissive for select to tillsync_reader using (true);
create policy tillsync_worker on integration_modifiers as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_modifiers to tillsync_app;
grant select on integration_modifiers to tillsync_reader;

create table integration_payload_chunks (
  wand_source_id uuid not null,
  payload_id uuid not null,
  seq integer not null,
  bytes bytea not null,
  constraint integration_payload_chunks_pkey PRIMARY KEY (wand_source_id, payload_id, seq)
);
alter table integration_payload_chunks alter column bytes set storage external;
alter table integration_payload_chunks enable row level security;
alter table integration_payload_chunks force row level security;
create policy tillsync_app_delete on integration_payload_chunks as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_payload_chunks as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_select on integration_payload_chunks as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_payload_chunks as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_owner on integration_payload_chunks as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_payload_chunks as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_payload_chunks to tillsync_app;
grant delete, insert, select, update on integration_payload_chunks to tillsync_worker;

create table integration_payloads (
  wand_source_id uuid not null,
  id uuid default tillsync_new_id() not null,
  content_hash bytea not null,
  raw_bytes bigint not null,
  stored_bytes bigint not null,
  chunks integer not null,
  created_at timestamp with time zone default now() not null,
  unreferenced_since timestamp with time zone,
  constraint integration_payloads_pkey PRIMARY KEY (wand_source_id, id),
  constraint integration_payloads_content UNIQUE (wand_source_id, content_hash)
);
alter table integration_payloads enable row level security;
alter table integration_payloads force row level security;
create policy tillsync_app_delete on integration_payloads as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_payloads as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_select on integration_payloads as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_payloads as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_owner on integration_payloads as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_payloads as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_payloads to tillsync_app;
grant delete, insert, select, update on integration_payloads to tillsync_worker;
comment on column integration_payloads.unreferenced_since is 'since when retention knows that no run refers to it; it is deleted later than any run that had found it before can still be alive. An answer with the same content is stored anew in its place';

create table integration_products (
  id uuid default tillsync_new_id() not null,
  source_id uuid,
  wand_source_id uuid not null,
  source_config_id uuid,
  external_id text not null,
  path_id text,
  name text,
  item_type text,
  price numeric,
  currency text,
  is_available boolean,
  data jsonb,
  content_hash bytea,
  concept_id bigint,
  company_id bigint,
  site_id bigint,
  last_synced_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  removed_at timestamp with time zone,
  created_run_id uuid,
  last_run_id uuid,
  constraint integration_products_pkey PRIMARY KEY (id),
  constraint integration_products_source_external_unique UNIQUE NULLS NOT DISTINCT (source_id, external_id),
  constraint integration_products_wand_source_external_unique UNIQUE NULLS NOT DISTINCT (wand_source_id, external_id) INCLUDE (content_hash, removed_at),
  constraint integration_products_source_is_wand_source CHECK (NOT source_id IS DISTINCT FROM wand_source_id)
) with (autovacuum_vacuum_insert_scale_factor=0.05, fillfactor=85);
CREATE INDEX idx_integration_products_external_id ON integration_products USING btree (external_id);
CREATE INDEX idx_integration_products_last_synced ON integration_products USING brin (last_synced_at);
CREATE INDEX idx_integration_products_removed ON integration_products USING btree (wand_source_id, external_id) WHERE (removed_at IS NOT NULL);
CREATE INDEX idx_integration_products_wand_source ON integration_products USING brin (wand_source_id);
CREATE TRIGGER tillsync_foreign_write BEFORE INSERT OR UPDATE ON integration_products FOR EACH ROW WHEN (current_setting('tillsync.sync'::text, true) IS DISTINCT FROM '1'::text) EXECUTE FUNCTION tillsync_foreign_write();
alter table integration_products enable row level security;
create policy tillsync_app_delete on integration_products as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_products as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_app_select on integration_products as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_products as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_reader on integration_products as permissive for select to tillsync_reader using (true);
create policy tillsync_worker on integration_products as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_products to tillsync_app;
grant select on integration_products to tillsync_reader;

create table integration_rate_budgets (
  origin text not null,
  credential bytea not null,
  used_until timestamp with time zone not null,
  turn_at timestamp with time zone not null,
  granted boolean not null,
  paused_until timestamp with time zone,
  constraint integration_rate_budgets_pkey PRIMARY KEY (origin, credential)
) with (fillfactor=50);
alter table integration_rate_budgets enable row level security;
alter table integration_rate_budgets force row level security;
create policy tillsync_app_delete on integration_rate_budgets as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_rate_budgets as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_rate_budgets as permissive for select to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_update on integration_rate_budgets as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_rate_budgets as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_rate_budgets as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_rate_budgets to tillsync_app;
grant delete, insert, select, update on integration_rate_budgets to tillsync_worker;
comment on table integration_rate_budgets is 'one row per credential at one origin; written once per request of a connector that declares a budget, and at a 429';

create table integration_recovery_codes (
  id uuid default tillsync_new_id() not null,
  user_id uuid not null,
  code_hash bytea not null,
  used_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint integration_recovery_codes_pkey PRIMARY KEY (id),
  constraint integration_recovery_codes_unique UNIQUE (user_id, code_hash)
);
alter table integration_recovery_codes enable row level security;
alter table integration_recovery_codes force row level security;
create policy tillsync_app_delete on integration_recovery_codes as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((user_id)::text = ( SELECT (tillsync_claims() ->> 'id'::text)))));
create policy tillsync_app_insert on integration_recovery_codes as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR ((user_id)::text = ( SELECT (tillsync_claims() ->> 'id'::text)))));
create policy tillsync_app_select on integration_recovery_codes as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((user_id)::text = ( SELECT (tillsync_claims() ->> 'id'::text)))));
create policy tillsync_app_update on integration_recovery_codes as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((user_id)::text = ( SELECT (tillsync_claims() ->> 'id'::text))))) with check ((( SELECT tillsync_all() AS tillsync_all) OR ((user_id)::text = ( SELECT (tillsync_claims() ->> 'id'::text)))));
create policy tillsync_owner on integration_recovery_codes as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_recovery_codes as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_recovery_codes to tillsync_app;
grant delete, insert, select, update on integration_recovery_codes to tillsync_worker;

create table integration_rejected_items (
  wand_source_id uuid not null,
  run_id uuid not null,
  seq integer not null,
  kind text not null,
  external_id text,
  path_id text,
  reason text not null,
  message text not null,
  raw jsonb,
  created_at timestamp with time zone not null,
  constraint integration_rejected_items_pkey PRIMARY KEY (wand_source_id, run_id, seq)
);
CREATE INDEX integration_rejected_items_by_reason ON integration_rejected_items USING btree (wand_source_id, kind, reason, created_at);
alter table integration_rejected_items enable row level security;
alter table integration_rejected_items force row level security;
create policy tillsync_app_delete on integration_rejected_items as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_rejected_items as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_select on integration_rejected_items as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_rejected_items as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_owner on integration_rejected_items as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_rejected_items as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_rejected_items to tillsync_app;
grant delete, insert, select, update on integration_rejected_items to tillsync_worker;

create table integration_run_payloads (
  wand_source_id uuid not null,
  run_id uuid not null,
  page integer not null,
  payload_id uuid not null,
  form text default 'connector'::text not null,
  meta jsonb default '{}'::jsonb not null,
  fetched_at timestamp with time zone not null,
  constraint integration_run_payloads_pkey PRIMARY KEY (wand_source_id, run_id, page)
);
alter table integration_run_payloads enable row level security;
alter table integration_run_payloads force row level security;
create policy tillsync_app_delete on integration_run_payloads as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_run_payloads as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_select on integration_run_payloads as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_run_payloads as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_owner on integration_run_payloads as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_run_payloads as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_run_payloads to tillsync_app;
grant delete, insert, select, update on integration_run_payloads to tillsync_worker;

create table integration_sessions (
  id uuid default tillsync_new_id() not null,
  user_id uuid not null,
  token_hash bytea not null,
  created_at timestamp with time zone default now() not null,
  last_seen_at timestamp with time zone default now() not null,
  proved_at timestamp with time zone default now() not null,
  second_factor_at timestamp with time zone,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  address text,
  user_agent text,
  constraint integration_sessions_pkey PRIMARY KEY (id),
  constraint integration_sessions_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX idx_integration_sessions_user ON integration_sessions USING btree (user_id);
alter table integration_sessions enable row level security;
alter table integration_sessions force row level security;
create policy tillsync_app_delete on integration_sessions as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((user_id)::text = ( SELECT (tillsync_claims() ->> 'id'::text)))));
create policy tillsync_app_insert on integration_sessions as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_sessions as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((user_id)::text = ( SELECT (tillsync_claims() ->> 'id'::text)))));
create policy tillsync_app_update on integration_sessions as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((user_id)::text = ( SELECT (tillsync_claims() ->> 'id'::text))))) with check ((( SELECT tillsync_all() AS tillsync_all) OR ((user_id)::text = ( SELECT (tillsync_claims() ->> 'id'::text)))));
create policy tillsync_owner on integration_sessions as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_sessions as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_sessions to tillsync_app;
grant delete, insert, select, update on integration_sessions to tillsync_worker;

create table integration_sign_in_delays (
  kind text not null,
  subject_hash bytea not null,
  failures integer default 0 not null,
  last_failed_at timestamp with time zone not null,
  next_allowed_at timestamp with time zone not null,
  constraint integration_sign_in_delays_pkey PRIMARY KEY (kind, subject_hash),
  constraint integration_sign_in_delays_kind_check CHECK (kind = ANY (ARRAY['account'::text, 'address'::text]))
);
alter table integration_sign_in_delays enable row level security;
alter table integration_sign_in_delays force row level security;
create policy tillsync_app_delete on integration_sign_in_delays as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_sign_in_delays as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_sign_in_delays as permissive for select to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_update on integration_sign_in_delays as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_sign_in_delays as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_sign_in_delays as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_sign_in_delays to tillsync_app;
grant delete, insert, select, update on integration_sign_in_delays to tillsync_worker;

create table integration_sign_in_links (
  id uuid default tillsync_new_id() not null,
  purpose text not null,
  token_hash bytea not null,
  user_id uuid,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  created_by text,
  created_at timestamp with time zone default now() not null,
  constraint integration_sign_in_links_pkey PRIMARY KEY (id),
  constraint integration_sign_in_links_token_hash_key UNIQUE (token_hash),
  constraint integration_sign_in_links_purpose_check CHECK (purpose = ANY (ARRAY['first_admin'::text, 'invitation'::text, 'new_password'::text]))
);
alter table integration_sign_in_links enable row level security;
alter table integration_sign_in_links force row level security;
create policy tillsync_app_delete on integration_sign_in_links as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_sign_in_links as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_sign_in_links as permissive for select to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_update on integration_sign_in_links as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_sign_in_links as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_sign_in_links as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_sign_in_links to tillsync_app;
grant delete, insert, select, update on integration_sign_in_links to tillsync_worker;

create table integration_site_locations (
  wand_source_id uuid not null,
  location_id text not null,
  site_id bigint not null,
  created_at timestamp with time zone default now() not null,
  constraint integration_site_locations_pkey PRIMARY KEY (wand_source_id, location_id)
);
CREATE UNIQUE INDEX integration_site_locations_one_per_site ON integration_site_locations USING btree (site_id, wand_source_id);
alter table integration_site_locations enable row level security;
alter table integration_site_locations force row level security;
create policy tillsync_app_delete on integration_site_locations as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_site_locations as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_app_select on integration_site_locations as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_site_locations as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_owner on integration_site_locations as permissive for all to current_user using (true) with check (true);
create policy tillsync_reader on integration_site_locations as permissive for select to tillsync_reader using (true);
create policy tillsync_worker on integration_site_locations as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_site_locations to tillsync_app;
grant select on integration_site_locations to tillsync_reader;
grant delete, insert, select, update on integration_site_locations to tillsync_worker;

create table integration_source_configs (
  id uuid default tillsync_new_id() not null,
  config_name text not null,
  connector_id text not null,
  application_level text default 'site'::text not null,
  concept_id bigint,
  company_id bigint,
  site_id bigint,
  config_params jsonb default '{}'::jsonb not null,
  credentials jsonb default '{}'::jsonb not null,
  credentials_encrypted jsonb default '{}'::jsonb not null,
  sync_frequency_minutes integer,
  sync_schedule text,
  guard jsonb default '{}'::jsonb not null,
  is_active boolean default true not null,
  wand_source_id uuid,
  legacy_source_id uuid,
  last_sync_at timestamp with time zone,
  last_sync_status text,
  sync_count integer default 0 not null,
  error_count integer default 0 not null,
  last_error text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  schedule_time_zone text,
  next_due_at timestamp with time zone,
  due_claimed_until timestamp with time zone,
  catching_up boolean default false not null,
  paused_at timestamp with time zone,
  paused_by text,
  paused_reason text,
  failures_in_row integer default 0 not null,
  failing_since timestamp with time zone,
  slow_steps integer default 0 not null,
  secrets_described jsonb default '{}'::jsonb not null,
  constraint integration_source_configs_pkey PRIMARY KEY (id),
  constraint integration_source_configs_level_check CHECK (application_level = ANY (ARRAY['concept'::text, 'company'::text, 'site'::text]))
);
CREATE INDEX integration_source_configs_due ON integration_source_configs USING btree (next_due_at) WHERE (is_active AND (paused_at IS NULL));
CREATE UNIQUE INDEX integration_source_configs_one_active_per_source ON integration_source_configs USING btree (wand_source_id) WHERE (is_active AND (wand_source_id IS NOT NULL));
alter table integration_source_configs enable row level security;
alter table integration_source_configs force row level security;
create policy tillsync_app_delete on integration_source_configs as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (((application_level = 'site'::text) AND (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))) OR ((application_level = 'company'::text) AND (company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[]))) OR ((application_level = 'concept'::text) AND (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[]))))));
create policy tillsync_app_insert on integration_source_configs as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR ((((application_level = 'site'::text) AND (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))) OR ((application_level = 'company'::text) AND (company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[]))) OR ((application_level = 'concept'::text) AND (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[])))) AND ((wand_source_id IS NULL) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))))));
create policy tillsync_app_select on integration_source_configs as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (((application_level = 'site'::text) AND (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))) OR ((application_level = 'company'::text) AND (company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[]))) OR ((application_level = 'concept'::text) AND (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[]))))));
create policy tillsync_app_update on integration_source_configs as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (((application_level = 'site'::text) AND (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))) OR ((application_level = 'company'::text) AND (company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[]))) OR ((application_level = 'concept'::text) AND (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[])))))) with check ((( SELECT tillsync_all() AS tillsync_all) OR ((((application_level = 'site'::text) AND (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))) OR ((application_level = 'company'::text) AND (company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[]))) OR ((application_level = 'concept'::text) AND (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[])))) AND ((wand_source_id IS NULL) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))))));
create policy tillsync_owner on integration_source_configs as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_source_configs as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_source_configs to tillsync_app;
grant delete, insert, select, update on integration_source_configs to tillsync_worker;
comment on column integration_source_configs.schedule_time_zone is 'IANA name of the zone that sync_schedule is read in; null = UTC';
comment on column integration_source_configs.next_due_at is 'when the next scheduled run is due; null = a worker plans it anew, so set it to null after changing a schedule by SQL';
comment on column integration_source_configs.due_claimed_until is 'a worker asks for the run that is due; after this time another one may. The fencing token of that request';
comment on column integration_source_configs.catching_up is 'next_due_at is the one run that stands for those missed in a downtime';
comment on column integration_source_configs.paused_by is 'who paused the schedule: cli:<os user> or key:<name>; tillsync after failures (a sync that succeeds resumes it); adoption';
comment on column integration_source_configs.failures_in_row is 'scheduled runs that failed since the last sync that reached the POS';
comment on column integration_source_configs.slow_steps is 'the pace is halved so many times, down to once a day; 0 = as set';
comment on column integration_source_configs.secrets_described is 'per secret {set_at, ends_in}: ends_in = its last 4 characters where it has 12 or more, else null; set_at null = not known. A secret without an entry was stored before this column';

create table integration_sync_hints (
  source_config_id uuid not null,
  wand_source_id uuid not null,
  endpoint_id uuid,
  hints integer default 1 not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  constraint integration_sync_hints_pkey PRIMARY KEY (source_config_id)
);
CREATE INDEX integration_sync_hints_due ON integration_sync_hints USING btree (due_at);
alter table integration_sync_hints enable row level security;
alter table integration_sync_hints force row level security;
create policy tillsync_app_delete on integration_sync_hints as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_sync_hints as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_select on integration_sync_hints as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_sync_hints as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_owner on integration_sync_hints as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_sync_hints as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_sync_hints to tillsync_app;
grant delete, insert, select, update on integration_sync_hints to tillsync_worker;

create table integration_sync_history (
  id uuid default tillsync_new_id() not null,
  wand_source_id uuid,
  source_name text,
  source_config_id uuid,
  site_id bigint,
  parent_id uuid,
  status text default 'queued'::text not null,
  phase text,
  trigger text default 'manual'::text not null,
  requested_by text,
  dry_run boolean default false not null,
  mode text default 'full'::text not null,
  applies_run_id uuid,
  created_at timestamp with time zone default now() not null,
  started_at timestamp with time zone,
  fetch_started_at timestamp with time zone,
  completed_at timestamp with time zone,
  items_synced integer default 0 not null,
  counts jsonb,
  complete boolean,
  notes jsonb default '[]'::jsonb not null,
  hold jsonb,
  hold_open boolean default false not null,
  plan_digest bytea,
  error_message text,
  error jsonb,
  worker text,
  lease_token uuid,
  lease_expires_at timestamp with time zone,
  progress jsonb,
  attempt integer default 1 not null,
  retry_of_run_id uuid,
  enqueued boolean default false not null,
  told_at timestamp with time zone,
  compare_all boolean default false not null,
  is_parent boolean default false not null,
  cancel_requested_at timestamp with time zone,
  cancel_requested_by text,
  reads text,
  remember jsonb,
  concept_id bigint,
  company_id bigint,
  settings jsonb,
  constraint integration_sync_history_pkey PRIMARY KEY (id),
  constraint integration_sync_history_status_check CHECK (status = ANY (ARRAY['queued'::text, 'in_progress'::text, 'success'::text, 'partial'::text, 'planned'::text, 'held'::text, 'failed'::text, 'interrupted'::text, 'cancelled'::text]))
);
CREATE INDEX integration_sync_history_by_config ON integration_sync_history USING btree (source_config_id, created_at DESC, id DESC);
CREATE INDEX integration_sync_history_by_end ON integration_sync_history USING btree (completed_at) WHERE (completed_at IS NOT NULL);
CREATE INDEX integration_sync_history_by_parent ON integration_sync_history USING btree (parent_id) WHERE (parent_id IS NOT NULL);
CREATE INDEX integration_sync_history_by_retry ON integration_sync_history USING btree (retry_of_run_id) WHERE (retry_of_run_id IS NOT NULL);
CREATE INDEX integration_sync_history_by_source ON integration_sync_history USING btree (wand_source_id, created_at DESC, id DESC) INCLUDE (source_config_id, status, trigger, is_parent, company_id, concept_id);
CREATE INDEX integration_sync_history_by_status ON integration_sync_history USING btree (status, created_at DESC, id DESC) WHERE (status <> ALL (ARRAY['queued'::text, 'in_progress'::text]));
CREATE INDEX integration_sync_history_by_time ON integration_sync_history USING btree (created_at DESC, id DESC);
CREATE INDEX integration_sync_history_by_trigger ON integration_sync_history USING btree (trigger, created_at DESC, id DESC);
CREATE UNIQUE INDEX integration_sync_history_one_active_per_source ON integration_sync_history USING btree (wand_source_id) WHERE (status = ANY (ARRAY['queued'::text, 'in_progress'::text]));
CREATE UNIQUE INDEX integration_sync_history_one_open_hold_per_source ON integration_sync_history USING btree (wand_source_id) WHERE hold_open;
CREATE INDEX integration_sync_history_set_aside ON integration_sync_history USING btree (created_at DESC, id DESC) WHERE ((status = ANY (ARRAY['partial'::text, 'held'::text, 'planned'::text])) OR ((status = 'failed'::text) AND ((error ->> 'code'::text) = 'all_rejected'::text)));
CREATE INDEX integration_sync_history_unfinished ON integration_sync_history USING btree (created_at, id) WHERE (status = ANY (ARRAY['queued'::text, 'in_progress'::text]));
CREATE INDEX integration_sync_history_waiting ON integration_sync_history USING btree (wand_source_id) WHERE (hold_open OR ((status = 'planned'::text) AND ((hold ->> 'resolution'::text) IS NULL)));
alter table integration_sync_history enable row level security;
alter table integration_sync_history force row level security;
create policy tillsync_app_delete on integration_sync_history as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) OR ((wand_source_id IS NULL) AND (source_config_id = ANY (( SELECT tillsync_config_ids() AS tillsync_config_ids)::uuid[]))) OR (is_parent AND ((company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])) OR (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[])))))));
create policy tillsync_app_insert on integration_sync_history as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR (((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) OR ((wand_source_id IS NULL) AND (source_config_id = ANY (( SELECT tillsync_config_ids() AS tillsync_config_ids)::uuid[]))) OR (is_parent AND ((company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])) OR (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[]))))) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_app_select on integration_sync_history as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) OR ((wand_source_id IS NULL) AND (source_config_id = ANY (( SELECT tillsync_config_ids() AS tillsync_config_ids)::uuid[]))) OR (is_parent AND ((company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])) OR (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[])))))));
create policy tillsync_app_update on integration_sync_history as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) OR ((wand_source_id IS NULL) AND (source_config_id = ANY (( SELECT tillsync_config_ids() AS tillsync_config_ids)::uuid[]))) OR (is_parent AND ((company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])) OR (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[]))))))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (((wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])) OR ((wand_source_id IS NULL) AND (source_config_id = ANY (( SELECT tillsync_config_ids() AS tillsync_config_ids)::uuid[]))) OR (is_parent AND ((company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])) OR (concept_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[]))))) AND ((site_id IS NULL) OR (site_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))))));
create policy tillsync_owner on integration_sync_history as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_sync_history as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_sync_history to tillsync_app;
grant delete, insert, select, update on integration_sync_history to tillsync_worker;
comment on column integration_sync_history.attempt is '1, and one more each time that nobody asked anew: queued again after its worker died, or tried again after a failure that passes';
comment on column integration_sync_history.retry_of_run_id is 'the run that this one does over';
comment on column integration_sync_history.enqueued is 'a worker takes it from the queue; false = the process that made it works on it itself';
comment on column integration_sync_history.told_at is 'when the queue was last told of it; a job that is lost is told again by the sweep';
comment on column integration_sync_history.is_parent is 'one request for a concept or a company: the run of no source, done when its children (parent_id) are';
comment on column integration_sync_history.reads is 'what the fetch brought: all (the catalog), changes (since the remembered cursor), nothing (the POS says that nothing changed); null = nothing was fetched, or not yet';
comment on column integration_sync_history.remember is 'what becomes the source''s "remembered" when this run, or the approval of its plan, is saved';
comment on column integration_sync_history.concept_id is 'the concept that a parent was asked for; null = none';
comment on column integration_sync_history.company_id is 'the company that a parent was asked for; null = none';
comment on column integration_sync_history.settings is 'the merged settings that the run used, without secrets, written when it began to read; null = it never began, or is older';

create table integration_sync_log (
  wand_source_id uuid not null,
  run_id uuid not null,
  seq integer not null,
  at timestamp with time zone not null,
  level text not null,
  phase text,
  event text not null,
  message text not null,
  facts jsonb default '{}'::jsonb not null,
  constraint integration_sync_log_pkey PRIMARY KEY (wand_source_id, run_id, seq)
);
CREATE INDEX integration_sync_log_by_time ON integration_sync_log USING btree (at);
alter table integration_sync_log enable row level security;
alter table integration_sync_log force row level security;
create policy tillsync_app_delete on integration_sync_log as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_sync_log as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_select on integration_sync_log as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_sync_log as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_owner on integration_sync_log as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_sync_log as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_sync_log to tillsync_app;
grant delete, insert, select, update on integration_sync_log to tillsync_worker;
comment on table integration_sync_log is 'what happened in each run, line by line; written beside the save, so that it survives a rollback';

create table integration_sync_state (
  wand_source_id uuid not null,
  generation bigint default 0 not null,
  last_fetch_started_at timestamp with time zone,
  last_synced_at timestamp with time zone,
  last_complete_at timestamp with time zone,
  last_run_id uuid,
  adopted boolean default false not null,
  payload_digest bytea,
  item_rows bigint,
  compared_at timestamp with time zone,
  all_seen_at timestamp with time zone,
  owner text,
  remembered jsonb,
  full_read_at timestamp with time zone,
  constraint integration_sync_state_pkey PRIMARY KEY (wand_source_id)
);
alter table integration_sync_state enable row level security;
alter table integration_sync_state force row level security;
create policy tillsync_app_delete on integration_sync_state as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_insert on integration_sync_state as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_select on integration_sync_state as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on integration_sync_state as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[])))) with check ((( SELECT tillsync_all() AS tillsync_all) OR (wand_source_id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_owner on integration_sync_state as permissive for all to current_user using (true) with check (true);
create policy tillsync_reader on integration_sync_state as permissive for select to tillsync_reader using (true);
create policy tillsync_worker on integration_sync_state as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_sync_state to tillsync_app;
grant delete, insert, select, update on integration_sync_state to tillsync_worker;
grant select (wand_source_id, last_synced_at, last_complete_at, all_seen_at) on integration_sync_state to tillsync_reader;
comment on column integration_sync_state.last_complete_at is 'when removals were last checked';
comment on column integration_sync_state.payload_digest is 'what the last committed run read and how: addresses of its pages, connector version, mapping, settings. Null unless that run saw every live row, rejected nothing, and left each with a fingerprint';
comment on column integration_sync_state.item_rows is 'live rows of the source after the last committed run, if all of them then had a fingerprint. A foreign write takes the fingerprint (trigger), adds or deletes a row: either number then differs';
comment on column integration_sync_state.compared_at is 'when the items were last compared one by one';
comment on column integration_sync_state.all_seen_at is 'when a committed run last saw every live row of the source';
comment on column integration_sync_state.owner is 'config, concept, company and site that stand in the rows since that run';
comment on column integration_sync_state.remembered is 'what the connector gave to remember, {key, cursor, probe}; key = connector version and settings that it is bound to. Moved by the save transaction of the run that fetched it, by no other';
comment on column integration_sync_state.full_read_at is 'when a committed run last read the whole catalog and proved it complete; too long ago = the next run reads all';

create table integration_token_attempts (
  config_id uuid not null,
  origin text not null,
  started_at timestamp with time zone not null,
  grant_encrypted text not null,
  constraint integration_token_attempts_pkey PRIMARY KEY (config_id, origin)
);
alter table integration_token_attempts enable row level security;
alter table integration_token_attempts force row level security;
create policy tillsync_app_delete on integration_token_attempts as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_token_attempts as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_token_attempts as permissive for select to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_update on integration_token_attempts as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_token_attempts as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_token_attempts as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_token_attempts to tillsync_app;
grant delete, insert, select, update on integration_token_attempts to tillsync_worker;
comment on table integration_token_attempts is 'a renewal that was sent and whose answer is not stored yet; one found by the holder of the token''s row lock has died';

create table integration_upkeep (
  chore text not null,
  worker text not null,
  ended_at timestamp with time zone default now() not null,
  done jsonb not null,
  worked_at timestamp with time zone,
  worked jsonb,
  constraint integration_upkeep_pkey PRIMARY KEY (chore)
);
alter table integration_upkeep enable row level security;
alter table integration_upkeep force row level security;
create policy tillsync_app_delete on integration_upkeep as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_upkeep as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_upkeep as permissive for select to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_update on integration_upkeep as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_upkeep as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_upkeep as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_upkeep to tillsync_app;
grant delete, insert, select, update on integration_upkeep to tillsync_worker;
comment on column integration_upkeep.done is 'counts of the last pass';
comment on column integration_upkeep.worked is 'counts of the last pass that found something to do; worked_at = when it ended';

create table integration_upstream_hosts (
  host text not null,
  failures integer default 0 not null,
  rests integer default 0 not null,
  rests_until timestamp with time zone,
  probe uuid,
  probe_until timestamp with time zone,
  constraint integration_upstream_hosts_pkey PRIMARY KEY (host)
) with (fillfactor=50);
alter table integration_upstream_hosts enable row level security;
alter table integration_upstream_hosts force row level security;
create policy tillsync_app_delete on integration_upstream_hosts as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_upstream_hosts as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_upstream_hosts as permissive for select to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_update on integration_upstream_hosts as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_upstream_hosts as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_upstream_hosts as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_upstream_hosts to tillsync_app;
grant delete, insert, select, update on integration_upstream_hosts to tillsync_worker;
comment on table integration_upstream_hosts is 'circuit breaker per host; a host without a row never failed';

create table integration_user_roles (
  id uuid default tillsync_new_id() not null,
  user_id uuid not null,
  role text not null,
  level text not null,
  level_id bigint,
  created_by text,
  created_at timestamp with time zone default now() not null,
  constraint integration_user_roles_pkey PRIMARY KEY (id),
  constraint integration_user_roles_unique UNIQUE NULLS NOT DISTINCT (user_id, role, level, level_id),
  constraint integration_user_roles_level_check CHECK ((level = ANY (ARRAY['all'::text, 'concept'::text, 'company'::text, 'site'::text])) AND (level = 'all'::text) = (level_id IS NULL)),
  constraint integration_user_roles_role_check CHECK (role = ANY (ARRAY['viewer'::text, 'operator'::text, 'admin'::text]))
);
alter table integration_user_roles enable row level security;
alter table integration_user_roles force row level security;
create policy tillsync_app_delete on integration_user_roles as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_user_roles as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_user_roles as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (((user_id)::text = ( SELECT (tillsync_claims() ->> 'id'::text))) OR ((level = 'site'::text) AND (level_id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[]))) OR ((level = 'company'::text) AND (level_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[]))) OR ((level = 'concept'::text) AND (level_id = ANY (( SELECT tillsync_claimed('concepts'::text) AS tillsync_claimed)::bigint[]))))));
create policy tillsync_app_update on integration_user_roles as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_user_roles as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_user_roles as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_user_roles to tillsync_app;
grant delete, insert, select, update on integration_user_roles to tillsync_worker;

create table integration_users (
  id uuid default tillsync_new_id() not null,
  email text not null,
  name text not null,
  password_hash text,
  password_set_at timestamp with time zone,
  totp_encrypted text,
  totp_confirmed_at timestamp with time zone,
  totp_last_step bigint,
  disabled_at timestamp with time zone,
  last_sign_in_at timestamp with time zone,
  created_by text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint integration_users_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX integration_users_email_unique ON integration_users USING btree (lower(email));
alter table integration_users enable row level security;
alter table integration_users force row level security;
create policy tillsync_app_delete on integration_users as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_users as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_users as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((id)::text = ( SELECT (tillsync_claims() ->> 'id'::text)))));
create policy tillsync_app_update on integration_users as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_users as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_users as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_users to tillsync_app;
grant delete, insert, select, update on integration_users to tillsync_worker;

create table integration_webhook_endpoints (
  id uuid default tillsync_new_id() not null,
  connector_id text not null,
  secrets_encrypted jsonb default '{}'::jsonb not null,
  public_origin text,
  created_at timestamp with time zone default now() not null,
  created_by text,
  last_received_at timestamp with time zone,
  accepted bigint default 0 not null,
  refused bigint default 0 not null,
  replayed bigint default 0 not null,
  unknown bigint default 0 not null,
  secrets_described jsonb default '{}'::jsonb not null,
  constraint integration_webhook_endpoints_pkey PRIMARY KEY (id)
);
alter table integration_webhook_endpoints enable row level security;
alter table integration_webhook_endpoints force row level security;
create policy tillsync_app_delete on integration_webhook_endpoints as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_webhook_endpoints as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_webhook_endpoints as permissive for select to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_update on integration_webhook_endpoints as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_webhook_endpoints as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_webhook_endpoints as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_webhook_endpoints to tillsync_app;
grant delete, insert, select, update on integration_webhook_endpoints to tillsync_worker;
comment on column integration_webhook_endpoints.secrets_described is 'as integration_source_configs.secrets_described';

create table integration_webhook_events (
  endpoint_id uuid not null,
  event_id text not null,
  expires_at timestamp with time zone not null,
  constraint integration_webhook_events_pkey PRIMARY KEY (endpoint_id, event_id)
);
CREATE INDEX integration_webhook_events_by_expiry ON integration_webhook_events USING btree (expires_at);
alter table integration_webhook_events enable row level security;
alter table integration_webhook_events force row level security;
create policy tillsync_app_delete on integration_webhook_events as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_webhook_events as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_webhook_events as permissive for select to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_update on integration_webhook_events as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_webhook_events as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_webhook_events as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_webhook_events to tillsync_app;
grant delete, insert, select, update on integration_webhook_events to tillsync_worker;

create table integration_workers (
  worker text not null,
  slots integer not null,
  started_at timestamp with time zone default now() not null,
  seen_at timestamp with time zone default now() not null,
  version text,
  constraint integration_workers_pkey PRIMARY KEY (worker)
);
alter table integration_workers enable row level security;
alter table integration_workers force row level security;
create policy tillsync_app_delete on integration_workers as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on integration_workers as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on integration_workers as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ( SELECT (tillsync_claims() IS NOT NULL))));
create policy tillsync_app_update on integration_workers as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on integration_workers as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on integration_workers as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on integration_workers to tillsync_app;
grant delete, insert, select, update on integration_workers to tillsync_worker;
comment on column integration_workers.version is 'of tillsync; null = a worker from before this column';

create table stores (
  id bigint generated by default as identity,
  company_id bigint,
  name text not null,
  created_at timestamp with time zone default now() not null,
  constraint stores_pkey PRIMARY KEY (id)
);
alter table stores enable row level security;
alter table stores force row level security;
create policy tillsync_app_delete on stores as permissive for delete to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[])) OR (company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])))));
create policy tillsync_app_insert on stores as permissive for insert to tillsync_app with check ((( SELECT tillsync_all() AS tillsync_all) OR ((id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[])) OR (company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])))));
create policy tillsync_app_select on stores as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[])) OR (company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])))));
create policy tillsync_app_update on stores as permissive for update to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR ((id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[])) OR (company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[]))))) with check ((( SELECT tillsync_all() AS tillsync_all) OR ((id = ANY (( SELECT tillsync_site_ids() AS tillsync_site_ids)::bigint[])) OR (company_id = ANY (( SELECT tillsync_company_ids() AS tillsync_company_ids)::bigint[])))));
create policy tillsync_owner on stores as permissive for all to current_user using (true) with check (true);
create policy tillsync_reader on stores as permissive for select to tillsync_reader using (true);
create policy tillsync_worker on stores as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on stores to tillsync_app;
grant select on stores to tillsync_reader;
grant delete, insert, select, update on stores to tillsync_worker;

create table tillsync_migrations (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone default now() not null,
  constraint tillsync_migrations_pkey PRIMARY KEY (name)
);
alter table tillsync_migrations enable row level security;
alter table tillsync_migrations force row level security;
create policy tillsync_app_delete on tillsync_migrations as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on tillsync_migrations as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on tillsync_migrations as permissive for select to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_update on tillsync_migrations as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on tillsync_migrations as permissive for all to current_user using (true) with check (true);
create policy tillsync_worker on tillsync_migrations as permissive for all to tillsync_worker using (true) with check (true);
grant select on tillsync_migrations to tillsync_app;
grant select on tillsync_migrations to tillsync_worker;

create table wand_integration_sources (
  id uuid default tillsync_new_id() not null,
  name text not null,
  integration_type text not null,
  origin text,
  identity jsonb,
  identity_key text,
  retired_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint wand_integration_sources_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX wand_integration_sources_identity_unique ON wand_integration_sources USING btree (identity_key);
alter table wand_integration_sources enable row level security;
alter table wand_integration_sources force row level security;
create policy tillsync_app_delete on wand_integration_sources as permissive for delete to tillsync_app using (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_insert on wand_integration_sources as permissive for insert to tillsync_app with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_app_select on wand_integration_sources as permissive for select to tillsync_app using ((( SELECT tillsync_all() AS tillsync_all) OR (id = ANY (( SELECT tillsync_source_ids() AS tillsync_source_ids)::uuid[]))));
create policy tillsync_app_update on wand_integration_sources as permissive for update to tillsync_app using (( SELECT tillsync_all() AS tillsync_all)) with check (( SELECT tillsync_all() AS tillsync_all));
create policy tillsync_owner on wand_integration_sources as permissive for all to current_user using (true) with check (true);
create policy tillsync_reader on wand_integration_sources as permissive for select to tillsync_reader using (true);
create policy tillsync_worker on wand_integration_sources as permissive for all to tillsync_worker using (true) with check (true);
grant delete, insert, select, update on wand_integration_sources to tillsync_app;
grant delete, insert, select, update on wand_integration_sources to tillsync_worker;
grant select (id, name, integration_type, retired_at) on wand_integration_sources to tillsync_reader;

alter table integration_recovery_codes add constraint integration_recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES integration_users(id) ON DELETE CASCADE;

alter table integration_sessions add constraint integration_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES integration_users(id) ON DELETE CASCADE;

alter table integration_sign_in_links add constraint integration_sign_in_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES integration_users(id) ON DELETE CASCADE;

alter table integration_user_roles add constraint integration_user_roles_user_id_fkey FOREIGN KEY (user_id) REFERENCES integration_users(id) ON DELETE CASCADE;

create view integration_discounts_current with (security_invoker=true) as
 SELECT d.id,
    d.source_id,
    d.wand_source_id,
    d.source_config_id,
    d.external_id,
    d.name,
    d.discount_amount,
    d.discount_percent,
    d.price,
    d.currency,
    d.is_available,
    d.data,
    d.content_hash,
    d.concept_id,
    d.company_id,
    d.site_id,
    d.last_synced_at,
    d.created_at,
    d.updated_at,
    d.removed_at,
    d.created_run_id,
    d.last_run_id,
        CASE
            WHEN d.content_hash IS NOT NULL AND d.created_at <= s.all_seen_at THEN GREATEST(d.last_synced_at, s.all_seen_at)
            ELSE d.last_synced_at
        END AS last_seen_at
   FROM integration_discounts d
     LEFT JOIN integration_sync_state s ON s.wand_source_id = d.wand_source_id
  WHERE d.removed_at IS NULL;
grant select on integration_discounts_current to tillsync_app;
grant select on integration_discounts_current to tillsync_reader;
grant select on integration_discounts_current to tillsync_worker;

create view integration_modifiers_current with (security_invoker=true) as
 SELECT m.id,
    m.source_id,
    m.wand_source_id,
    m.source_config_id,
    m.external_id,
    m.path_id,
    m.name,
    m.modifier_group_id,
    m.modifier_group_name,
    m.price,
    m.currency,
    m.is_available,
    m.data,
    m.content_hash,
    m.concept_id,
    m.company_id,
    m.site_id,
    m.last_synced_at,
    m.created_at,
    m.updated_at,
    m.removed_at,
    m.created_run_id,
    m.last_run_id,
        CASE
            WHEN m.content_hash IS NOT NULL AND m.created_at <= s.all_seen_at THEN GREATEST(m.last_synced_at, s.all_seen_at)
            ELSE m.last_synced_at
        END AS last_seen_at
   FROM integration_modifiers m
     LEFT JOIN integration_sync_state s ON s.wand_source_id = m.wand_source_id
  WHERE m.removed_at IS NULL;
grant select on integration_modifiers_current to tillsync_app;
grant select on integration_modifiers_current to tillsync_reader;
grant select on integration_modifiers_current to tillsync_worker;

create view integration_products_current with (security_invoker=true) as
 SELECT p.id,
    p.source_id,
    p.wand_source_id,
    p.source_config_id,
    p.external_id,
    p.path_id,
    p.name,
    p.item_type,
    p.price,
    p.currency,
    p.is_available,
    p.data,
    p.content_hash,
    p.concept_id,
    p.company_id,
    p.site_id,
    p.last_synced_at,
    p.created_at,
    p.updated_at,
    p.removed_at,
    p.created_run_id,
    p.last_run_id,
        CASE
            WHEN p.content_hash IS NOT NULL AND p.created_at <= s.all_seen_at THEN GREATEST(p.last_synced_at, s.all_seen_at)
            ELSE p.last_synced_at
        END AS last_seen_at
   FROM integration_products p
     LEFT JOIN integration_sync_state s ON s.wand_source_id = p.wand_source_id
  WHERE p.removed_at IS NULL;
grant select on integration_products_current to tillsync_app;
grant select on integration_products_current to tillsync_reader;
grant select on integration_products_current to tillsync_worker;

create view integration_discounts_by_site with (security_invoker=true) as
 SELECT p.site_id,
    NULL::text AS location_id,
    p.wand_source_id,
    p.id,
    p.external_id,
    p.name,
    p.discount_amount,
    p.discount_percent,
    p.price,
    p.currency,
    p.is_available,
    p.data,
    p.updated_at,
    p.last_seen_at
   FROM integration_discounts_current p
  WHERE p.site_id IS NOT NULL AND NOT (EXISTS ( SELECT
           FROM integration_site_locations m
          WHERE m.wand_source_id = p.wand_source_id AND m.site_id = p.site_id))
UNION ALL
 SELECT m.site_id,
    m.location_id,
    p.wand_source_id,
    p.id,
    p.external_id,
    p.name,
    p.discount_amount,
    p.discount_percent,
    COALESCE(l.price, p.price) AS price,
        CASE
            WHEN l.price IS NULL THEN p.currency
            ELSE COALESCE(l.currency, p.currency)
        END AS currency,
    COALESCE(l.is_available, p.is_available) AS is_available,
    p.data,
    p.updated_at,
    p.last_seen_at
   FROM integration_site_locations m
     JOIN integration_discounts_current p ON p.wand_source_id = m.wand_source_id
     LEFT JOIN integration_item_locations l ON l.wand_source_id = p.wand_source_id AND l.kind = 'discounts'::text AND l.external_id = p.external_id AND l.path_id IS NULL AND l.location_id = m.location_id
  WHERE l.present IS DISTINCT FROM false;
grant select on integration_discounts_by_site to tillsync_app;
grant select on integration_discounts_by_site to tillsync_reader;
grant select on integration_discounts_by_site to tillsync_worker;

create view integration_modifiers_by_site with (security_invoker=true) as
 SELECT p.site_id,
    NULL::text AS location_id,
    p.wand_source_id,
    p.id,
    p.external_id,
    p.path_id,
    p.name,
    p.modifier_group_id,
    p.modifier_group_name,
    p.price,
    p.currency,
    p.is_available,
    p.data,
    p.updated_at,
    p.last_seen_at
   FROM integration_modifiers_current p
  WHERE p.site_id IS NOT NULL AND NOT (EXISTS ( SELECT
           FROM integration_site_locations m
          WHERE m.wand_source_id = p.wand_source_id AND m.site_id = p.site_id))
UNION ALL
 SELECT m.site_id,
    m.location_id,
    p.wand_source_id,
    p.id,
    p.external_id,
    p.path_id,
    p.name,
    p.modifier_group_id,
    p.modifier_group_name,
    COALESCE(l.price, p.price) AS price,
        CASE
            WHEN l.price IS NULL THEN p.currency
            ELSE COALESCE(l.currency, p.currency)
        END AS currency,
    COALESCE(l.is_available, p.is_available) AS is_available,
    p.data,
    p.updated_at,
    p.last_seen_at
   FROM integration_site_locations m
     JOIN integration_modifiers_current p ON p.wand_source_id = m.wand_source_id
     LEFT JOIN integration_item_locations l ON l.wand_source_id = p.wand_source_id AND l.kind = 'modifiers'::text AND l.external_id = p.external_id AND NOT l.path_id IS DISTINCT FROM p.path_id AND l.location_id = m.location_id
  WHERE l.present IS DISTINCT FROM false;
grant select on integration_modifiers_by_site to tillsync_app;
grant select on integration_modifiers_by_site to tillsync_reader;
grant select on integration_modifiers_by_site to tillsync_worker;

create view integration_products_by_site with (security_invoker=true) as
 SELECT p.site_id,
    NULL::text AS location_id,
    p.wand_source_id,
    p.id,
    p.external_id,
    p.path_id,
    p.name,
    p.item_type,
    p.price,
    p.currency,
    p.is_available,
    p.data,
    p.updated_at,
    p.last_seen_at
   FROM integration_products_current p
  WHERE p.site_id IS NOT NULL AND NOT (EXISTS ( SELECT
           FROM integration_site_locations m
          WHERE m.wand_source_id = p.wand_source_id AND m.site_id = p.site_id))
UNION ALL
 SELECT m.site_id,
    m.location_id,
    p.wand_source_id,
    p.id,
    p.external_id,
    p.path_id,
    p.name,
    p.item_type,
    COALESCE(l.price, p.price) AS price,
        CASE
            WHEN l.price IS NULL THEN p.currency
            ELSE COALESCE(l.currency, p.currency)
        END AS currency,
    COALESCE(l.is_available, p.is_available) AS is_available,
    p.data,
    p.updated_at,
    p.last_seen_at
   FROM integration_site_locations m
     JOIN integration_products_current p ON p.wand_source_id = m.wand_source_id
     LEFT JOIN integration_item_locations l ON l.wand_source_id = p.wand_source_id AND l.kind = 'products'::text AND l.external_id = p.external_id AND l.path_id IS NULL AND l.location_id = m.location_id
  WHERE l.present IS DISTINCT FROM false;
grant select on integration_products_by_site to tillsync_app;
grant select on integration_products_by_site to tillsync_reader;
grant select on integration_products_by_site to tillsync_worker;

grant create on schema public to tillsync_worker;
alter function tillsync_company_ids() owner to tillsync_worker;
alter function tillsync_config_ids() owner to tillsync_worker;
alter function tillsync_site_ids() owner to tillsync_worker;
alter function tillsync_source_ids() owner to tillsync_worker;
alter table integration_discounts owner to tillsync_worker;
alter table integration_modifiers owner to tillsync_worker;
alter table integration_products owner to tillsync_worker;
revoke create on schema public from tillsync_worker;
