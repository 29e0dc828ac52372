-- A sync of all sources below a concept or a company is seen by who may look at that concept or company: whoever asked for it was
-- answered 404 for it before, where their scope is limited.
alter table integration_sync_history add column if not exists concept_id bigint, add column if not exists company_id bigint;
comment on column integration_sync_history.concept_id is 'the concept that a parent was asked for; null = none';
comment on column integration_sync_history.company_id is 'the company that a parent was asked for; null = none';

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
end $$;

-- A function that is replaced forgets its fixed path.
do $$ begin
  execute format('alter function tillsync_rule(text, text) set search_path = %I, pg_temp', current_schema());
end $$;

select tillsync_secure_tables(array['integration_sync_history']);
