-- Where one source serves several locations: which site each location is, and what its items cost there.

-- Which site a location of a source is. A table of its own: location ids are unique inside a source only, one site may be on
-- several sources, and the original's stores stay as they are.
create table if not exists integration_site_locations (
  wand_source_id uuid not null,
  -- the POS's id, byte-exact
  location_id text not null,
  site_id bigint not null,
  created_at timestamptz not null default now(),
  primary key (wand_source_id, location_id)
);
create unique index if not exists integration_site_locations_one_per_site
  on integration_site_locations (site_id, wand_source_id);

-- What an item states by location, as of the last run that wrote the item. No row = the item's own values hold there. Rows go
-- when the item no longer names the location; those of a removed item stay with present = false.
create table if not exists integration_item_locations (
  wand_source_id uuid not null,
  kind text not null,
  external_id text not null,
  -- part of the key of modifiers; null for all other kinds
  path_id text,
  location_id text not null,
  -- from integration_site_locations; null = no site is known for the location
  site_id bigint,
  -- null = the POS states none: the item's own price holds
  price numeric,
  currency text,
  is_available boolean,
  present boolean not null,
  constraint integration_item_locations_kind_check check (kind in ('products', 'modifiers', 'discounts'))
);
create unique index if not exists integration_item_locations_unique
  on integration_item_locations (wand_source_id, kind, external_id, path_id, location_id) nulls not distinct;

-- One row per site and item that is sold there. A source of one site: the item's own site. A source of several locations: each
-- site of integration_site_locations, with what the POS states for it before the item's own values.
create or replace view integration_products_by_site with (security_invoker = true) as
  select p.site_id, null::text as location_id, p.wand_source_id, p.id, p.external_id, p.path_id, p.name, p.item_type,
         p.price, p.currency, p.is_available, p.data, p.updated_at, p.last_seen_at
    from integration_products_current p
   where p.site_id is not null and not exists (
     select from integration_site_locations m where m.wand_source_id = p.wand_source_id and m.site_id = p.site_id)
  union all
  select m.site_id, m.location_id, p.wand_source_id, p.id, p.external_id, p.path_id, p.name, p.item_type,
         coalesce(l.price, p.price), case when l.price is null then p.currency else coalesce(l.currency, p.currency) end,
         coalesce(l.is_available, p.is_available), p.data, p.updated_at, p.last_seen_at
    from integration_site_locations m
    join integration_products_current p on p.wand_source_id = m.wand_source_id
    left join integration_item_locations l on l.wand_source_id = p.wand_source_id and l.kind = 'products'
         and l.external_id = p.external_id and l.path_id is null and l.location_id = m.location_id
   where l.present is distinct from false;

create or replace view integration_modifiers_by_site with (security_invoker = true) as
  select p.site_id, null::text as location_id, p.wand_source_id, p.id, p.external_id, p.path_id, p.name,
         p.modifier_group_id, p.modifier_group_name, p.price, p.currency, p.is_available, p.data, p.updated_at, p.last_seen_at
    from integration_modifiers_current p
   where p.site_id is not null and not exists (
     select from integration_site_locations m where m.wand_source_id = p.wand_source_id and m.site_id = p.site_id)
  union all
  select m.site_id, m.location_id, p.wand_source_id, p.id, p.external_id, p.path_id, p.name,
         p.modifier_group_id, p.modifier_group_name,
         coalesce(l.price, p.price), case when l.price is null then p.currency else coalesce(l.currency, p.currency) end,
         coalesce(l.is_available, p.is_available), p.data, p.updated_at, p.last_seen_at
    from integration_site_locations m
    join integration_modifiers_current p on p.wand_source_id = m.wand_source_id
    left join integration_item_locations l on l.wand_source_id = p.wand_source_id and l.kind = 'modifiers'
         and l.external_id = p.external_id and l.path_id is not distinct from p.path_id and l.location_id = m.location_id
   where l.present is distinct from false;

create or replace view integration_discounts_by_site with (security_invoker = true) as
  select p.site_id, null::text as location_id, p.wand_source_id, p.id, p.external_id, p.name, p.discount_amount,
         p.discount_percent, p.price, p.currency, p.is_available, p.data, p.updated_at, p.last_seen_at
    from integration_discounts_current p
   where p.site_id is not null and not exists (
     select from integration_site_locations m where m.wand_source_id = p.wand_source_id and m.site_id = p.site_id)
  union all
  select m.site_id, m.location_id, p.wand_source_id, p.id, p.external_id, p.name, p.discount_amount,
         p.discount_percent,
         coalesce(l.price, p.price), case when l.price is null then p.currency else coalesce(l.currency, p.currency) end,
         coalesce(l.is_available, p.is_available), p.data, p.updated_at, p.last_seen_at
    from integration_site_locations m
    join integration_discounts_current p on p.wand_source_id = m.wand_source_id
    left join integration_item_locations l on l.wand_source_id = p.wand_source_id and l.kind = 'discounts'
         and l.external_id = p.external_id and l.path_id is null and l.location_id = m.location_id
   where l.present is distinct from false;
