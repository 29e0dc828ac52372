-- What lets the next sync of an unchanged catalog be short, and what tells when a row was last seen where rows are not
-- touched one by one (TILLSYNC_LAST_SYNCED=source).

alter table integration_sync_state add column if not exists payload_digest bytea;
alter table integration_sync_state add column if not exists item_rows bigint;
alter table integration_sync_state add column if not exists compared_at timestamptz;
alter table integration_sync_state add column if not exists all_seen_at timestamptz;
alter table integration_sync_state add column if not exists owner text;

comment on column integration_sync_state.payload_digest is
  'what the last committed run read and how: addresses of its pages, connector version, mapping, settings. Null unless that run saw every live row, rejected nothing, and left each with a fingerprint';
comment on column integration_sync_state.item_rows is
  'live rows of the source after that run, all with a fingerprint. A foreign write takes the fingerprint (trigger), adds or deletes a row: either number then differs';
comment on column integration_sync_state.compared_at is 'when the items were last compared one by one';
comment on column integration_sync_state.all_seen_at is 'when a committed run last saw every live row of the source';
comment on column integration_sync_state.owner is 'config, concept, company and site that stand in the rows since that run';

-- Exact either way: a row that a run touched has its own time; a row that was there when a run saw all of them was seen then.
-- A row that another program wrote since has no fingerprint, and a later one was not there: those have their own time only.
create or replace view integration_products_current with (security_invoker = true) as
  select p.*,
         case when p.content_hash is not null and p.created_at <= s.all_seen_at
              then greatest(p.last_synced_at, s.all_seen_at) else p.last_synced_at end as last_seen_at
    from integration_products p left join integration_sync_state s on s.wand_source_id = p.wand_source_id
   where p.removed_at is null;
create or replace view integration_modifiers_current with (security_invoker = true) as
  select m.*,
         case when m.content_hash is not null and m.created_at <= s.all_seen_at
              then greatest(m.last_synced_at, s.all_seen_at) else m.last_synced_at end as last_seen_at
    from integration_modifiers m left join integration_sync_state s on s.wand_source_id = m.wand_source_id
   where m.removed_at is null;
create or replace view integration_discounts_current with (security_invoker = true) as
  select d.*,
         case when d.content_hash is not null and d.created_at <= s.all_seen_at
              then greatest(d.last_synced_at, s.all_seen_at) else d.last_synced_at end as last_seen_at
    from integration_discounts d left join integration_sync_state s on s.wand_source_id = d.wand_source_id
   where d.removed_at is null;
