-- Foreign writers (any statement without our session flag tillsync.sync = '1'): fill the twin column and wand_source_id,
-- forget the fingerprint so that the next sync compares the row again, and bring an upserted row back from removal.
-- Our own writes set everything themselves and never fire this (WHEN clause), so the hot path needs no trigger.
create or replace function tillsync_foreign_write() returns trigger language plpgsql set search_path from current as $$
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
end $$;

do $$
declare
  item_table text;
begin
  foreach item_table in array array['integration_products', 'integration_modifiers', 'integration_discounts'] loop
    if not exists (select from pg_trigger where tgrelid = item_table::regclass and tgname = 'tillsync_foreign_write') then
      execute format(
        'create trigger tillsync_foreign_write before insert or update on %I for each row '
        'when (current_setting(''tillsync.sync'', true) is distinct from ''1'') execute function tillsync_foreign_write()',
        item_table);
    end if;
  end loop;
end $$;
