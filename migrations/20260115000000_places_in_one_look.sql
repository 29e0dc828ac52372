-- Whose rows a caller may see is found once in a statement, not once for each site and config.
-- Before, each config asked for all sites and each site for all companies: for a person of one site among 1,000 every page of
-- history waited longer than a statement may take (30 s, then 57014); now the question takes milliseconds. Same rows, same owners.

create or replace function tillsync_company_ids() returns bigint[] language sql stable parallel safe security definer as $$
  select array(select id from companies where concept_id in (select unnest(tillsync_claimed('concepts'))))
         || tillsync_claimed('companies')
$$;

create or replace function tillsync_site_ids() returns bigint[] language sql stable parallel safe security definer as $$
  select array(select id from stores where company_id in (select unnest(tillsync_company_ids()))) || tillsync_claimed('sites')
$$;

create or replace function tillsync_config_ids() returns uuid[] language sql stable parallel safe security definer as $$
  select array(
    select id from integration_source_configs
     where case application_level when 'site' then site_id in (select unnest(tillsync_site_ids()))
                when 'company' then company_id in (select unnest(tillsync_company_ids()))
                else concept_id in (select unnest(tillsync_claimed('concepts'))) end)
$$;

create or replace function tillsync_source_ids() returns uuid[] language sql stable parallel safe security definer as $$
  select array(
    select distinct c.wand_source_id from integration_source_configs c
     where c.id in (select unnest(tillsync_config_ids())) and c.wand_source_id is not null
       and (c.is_active or not exists (
         select from integration_source_configs other where other.wand_source_id = c.wand_source_id and other.is_active)))
$$;

-- What is replaced forgets its settings: where it looks for tables is the schema that it was made in.
do $$
declare
  made regprocedure;
begin
  for made in
    select oid from pg_proc where pronamespace = current_schema()::regnamespace
       and proname in ('tillsync_company_ids', 'tillsync_site_ids', 'tillsync_config_ids', 'tillsync_source_ids')
  loop
    execute format('alter function %s set search_path = %I, pg_temp', made, current_schema());
  end loop;
end $$;
