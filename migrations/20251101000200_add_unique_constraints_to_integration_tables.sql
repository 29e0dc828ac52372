-- The keys. NULLS NOT DISTINCT: a modifier without a path is one row, not one more row per sync. Each statement says so
-- when the key cannot be made (no EXCEPTION WHEN others): a migration that reports success has made all four.
-- INCLUDE carries what the key read of a sync needs, so that it is an index-only scan: 167 buffers against 8,903.
do $$
begin
  if not exists (select from pg_constraint where conrelid = 'integration_products'::regclass and conname = 'integration_products_wand_source_external_unique') then
    alter table integration_products add constraint integration_products_wand_source_external_unique
      unique nulls not distinct (wand_source_id, external_id) include (content_hash, removed_at);
  end if;
  -- The legacy twin: source_id equals wand_source_id by CHECK, so this key can never fire on its own.
  if not exists (select from pg_constraint where conrelid = 'integration_products'::regclass and conname = 'integration_products_source_external_unique') then
    alter table integration_products add constraint integration_products_source_external_unique
      unique nulls not distinct (source_id, external_id);
  end if;
  if not exists (select from pg_constraint where conrelid = 'integration_modifiers'::regclass and conname = 'integration_modifiers_source_external_path_unique') then
    alter table integration_modifiers add constraint integration_modifiers_source_external_path_unique
      unique nulls not distinct (wand_source_id, external_id, path_id) include (content_hash, removed_at);
  end if;
  if not exists (select from pg_constraint where conrelid = 'integration_discounts'::regclass and conname = 'integration_discounts_source_external_unique') then
    alter table integration_discounts add constraint integration_discounts_source_external_unique
      unique nulls not distinct (wand_source_id, external_id) include (content_hash, removed_at);
  end if;
end $$;

-- Post-condition: a key that has the name but not the shape (an older migration, a hand-made one) stops here by name,
-- instead of failing the first save. `tillsync verify --fix` replaces it.
do $$
declare
  wrong text;
begin
  select string_agg(expected.name, ', ' order by expected.name) into wrong
    from (values
      ('integration_products', 'integration_products_wand_source_external_unique', 'wand_source_id,external_id'),
      ('integration_products', 'integration_products_source_external_unique', 'source_id,external_id'),
      ('integration_modifiers', 'integration_modifiers_source_external_path_unique', 'wand_source_id,external_id,path_id'),
      ('integration_discounts', 'integration_discounts_source_external_unique', 'wand_source_id,external_id')
    ) as expected (relation, name, columns)
    where not exists (
      select from pg_constraint k
        join pg_index i on i.indexrelid = k.conindid
        where k.conrelid = expected.relation::regclass and k.conname = expected.name and k.contype = 'u'
          and i.indnullsnotdistinct and i.indimmediate and i.indisvalid
          and expected.columns = (
            select string_agg(a.attname, ',' order by position.n)
              from unnest(i.indkey::int2[]) with ordinality as position (attnum, n)
              join pg_attribute a on a.attrelid = i.indrelid and a.attnum = position.attnum
              where position.n <= i.indnkeyatts));
  if wrong is not null then
    raise exception 'These keys do not have the columns or the NULLS NOT DISTINCT that a save needs: %. Run "tillsync verify --fix".', wrong;
  end if;
end $$;
