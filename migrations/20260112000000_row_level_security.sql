-- Row level security: who may see and write which rows, held by PostgreSQL itself (docs/decisions/0023-row-level-security.md).
-- A transaction says who asks (set_config('tillsync.claims', …, true), see src/db/claims.ts); unset = no rows.

-- Roles belong to the whole cluster, so another database may have made them, or be making them right now. Who may not make
-- roles migrates all the same; `verify` says then what an administrator has to do.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['tillsync_app', 'tillsync_worker', 'tillsync_reader'] loop
    begin
      if not exists (select from pg_roles where rolname = wanted) then
        execute format('create role %I nologin', wanted);
      end if;
      -- From 16 on who makes a role may grant it, and is no more of a member than that.
      if wanted <> 'tillsync_reader' and not (pg_has_role(current_user, wanted, 'usage')
          and pg_has_role(current_user, wanted, case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)) then
        execute format('grant %I to current_user', wanted);
      end if;
    exception when duplicate_object or unique_violation or insufficient_privilege or internal_error then
      raise notice 'the role % is not made by this migration: %', wanted, sqlerrm;
    end;
  end loop;
end $$;

-- Who asks. A request through Supabase's API is who its token says, and only in app_metadata: user_metadata is written by the
-- users themselves, and a setting of ours could be made by whoever may call set_config.
create or replace function tillsync_claims() returns jsonb language sql stable parallel safe as $$
  select case when coalesce(current_setting('request.jwt.claims', true), '') <> ''
              then (select token.claims
                      from (select current_setting('request.jwt.claims', true)::jsonb -> 'app_metadata' -> 'tillsync' as claims) token
                     where token.claims ->> 'role' in ('viewer', 'operator', 'admin'))
              else nullif(current_setting('tillsync.claims', true), '')::jsonb end
$$;

create or replace function tillsync_all() returns boolean language sql stable parallel safe as $$
  select coalesce(tillsync_claims() -> 'all' = 'true', false)
$$;

create or replace function tillsync_claimed(places text) returns bigint[] language sql stable parallel safe as $$
  select coalesce(array_agg(place::bigint), '{}')
    from jsonb_array_elements_text(coalesce(tillsync_claims() -> places, '[]')) place
$$;

-- A concept covers its companies, a company its sites. These look into tables that are under row level security themselves,
-- so they run as their owner, and tell the caller nothing but what the claims cover.
create or replace function tillsync_company_ids() returns bigint[] language sql stable parallel safe security definer as $$
  select array(select id from companies where concept_id = any (tillsync_claimed('concepts')))
         || tillsync_claimed('companies')
$$;

create or replace function tillsync_site_ids() returns bigint[] language sql stable parallel safe security definer as $$
  select array(select id from stores where company_id = any (tillsync_company_ids())) || tillsync_claimed('sites')
$$;

create or replace function tillsync_config_ids() returns uuid[] language sql stable parallel safe security definer as $$
  select array(
    select id from integration_source_configs
     where case application_level when 'site' then site_id = any (tillsync_site_ids())
                when 'company' then company_id = any (tillsync_company_ids())
                else concept_id = any (tillsync_claimed('concepts')) end)
$$;

-- A source belongs where its active config is; without one, where any config of it is.
create or replace function tillsync_source_ids() returns uuid[] language sql stable parallel safe security definer as $$
  select array(
    select distinct c.wand_source_id from integration_source_configs c
     where c.id = any (tillsync_config_ids()) and c.wand_source_id is not null
       and (c.is_active or not exists (
         select from integration_source_configs other where other.wand_source_id = c.wand_source_id and other.is_active)))
$$;

-- What the claims let a caller do with a row of a table; null = nothing. The subselects are run once in a statement, not
-- once for each row.
create or replace function tillsync_rule(relation text, command text) returns text language plpgsql stable as $$
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
      -- A run of many sources belongs to its config.
      rule := own_source || ' or (wand_source_id is null and source_config_id = any ((select tillsync_config_ids())::uuid[]))';
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
end $$;

-- What readers of menus may read: table → columns; null = all of them.
create or replace function tillsync_readable() returns table (relation text, columns text) language sql immutable as $$
  values ('integration_products', null), ('integration_modifiers', null), ('integration_discounts', null),
    ('integration_item_locations', null), ('integration_site_locations', null),
    ('concepts', null), ('companies', null), ('stores', null),
    ('integration_sync_state', 'wand_source_id, all_seen_at, last_synced_at, last_complete_at'),
    ('wand_integration_sources', 'id, name, integration_type, retired_at')
$$;

-- Policies of one table, made anew; for roles that are not there, none.
create or replace function tillsync_secure_table(relation text, is_open boolean) returns void language plpgsql as $$
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
end $$;

create or replace function tillsync_open_to_readers(relation text) returns void language plpgsql as $$
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
end $$;

-- Secures the tables of these names, those that are there; repeatable. An adopted table keeps its own policies and grants until
-- `tillsync migrate --lock-down`. Every migration that makes a table is followed by this (db/roles/secure-tables.ts).
create or replace function tillsync_secure_tables(relations text[]) returns void language plpgsql as $$
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
end $$;

-- COPY FROM is refused on a table under row level security for everybody but its owner: new items are written by COPY, so the
-- worker's role owns the item tables. It also owns the functions that look past the rules. A new owner must be able to create in
-- the schema for that moment.
create or replace function tillsync_give_to_worker(with_items boolean) returns void language plpgsql as $$
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
end $$;

create or replace function tillsync_secure_views(is_locked boolean) returns void language plpgsql as $$
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
end $$;

-- The queue's tables hold the jobs of all tenants: the engine tells the queue of a run whose permission was proven, callers never do.
create or replace function tillsync_open_queue() returns void language plpgsql as $$
begin
  if to_regnamespace('tillsync_jobs') is null or to_regrole('tillsync_worker') is null then return; end if;
  grant usage on schema tillsync_jobs to tillsync_worker;
  grant select, insert, update, delete on all tables in schema tillsync_jobs to tillsync_worker;
  grant usage on all sequences in schema tillsync_jobs to tillsync_worker;
end $$;

do $$
declare
  made regprocedure;
  someone text;
begin
  for made in
    select oid from pg_proc where pronamespace = current_schema()::regnamespace and proname in (
      'tillsync_claims', 'tillsync_all', 'tillsync_claimed', 'tillsync_company_ids', 'tillsync_site_ids', 'tillsync_config_ids',
      'tillsync_source_ids', 'tillsync_rule', 'tillsync_readable', 'tillsync_secure_table', 'tillsync_open_to_readers',
      'tillsync_secure_tables', 'tillsync_give_to_worker', 'tillsync_secure_views', 'tillsync_open_queue')
  loop
    execute format('alter function %s set search_path = %I, pg_temp', made, current_schema());
    execute format('revoke all on function %s from public', made);
    foreach someone in array array['anon', 'authenticated'] loop
      if to_regrole(someone) is not null then execute format('revoke all on function %s from %I', made, someone); end if;
    end loop;
    continue when made::text !~ '(claims|all|claimed|_ids)\(';
    foreach someone in array array['tillsync_app', 'tillsync_worker', 'tillsync_reader', 'authenticated'] loop
      if to_regrole(someone) is not null then execute format('grant execute on function %s to %I', made, someone); end if;
    end loop;
  end loop;
end $$;

select tillsync_secure_tables(array['concepts', 'companies', 'stores', 'wand_integration_sources', 'integration_source_configs',
  'integration_products', 'integration_modifiers', 'integration_discounts', 'integration_item_locations',
  'integration_site_locations', 'integration_sync_history', 'integration_sync_state', 'integration_sync_log',
  'integration_sync_hints', 'integration_item_changes', 'integration_rejected_items', 'integration_duplicate_items',
  'integration_items_archive', 'integration_payloads', 'integration_payload_chunks', 'integration_run_payloads',
  'integration_workers', 'integration_rate_budgets', 'integration_upstream_hosts', 'integration_access_tokens',
  'integration_token_attempts', 'integration_webhook_endpoints', 'integration_webhook_events', 'integration_connectors',
  'integration_idempotency_keys', 'integration_api_keys', 'integration_users', 'integration_user_roles',
  'integration_recovery_codes', 'integration_sessions', 'integration_sign_in_links', 'integration_sign_in_delays',
  'integration_audit_log', 'integration_adoption_steps', 'tillsync_migrations']);
