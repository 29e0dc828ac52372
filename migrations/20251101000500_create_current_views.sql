-- What menus, kiosks and reports read: live rows only, with the exact time each was last seen.
create or replace view integration_products_current with (security_invoker = true) as
  select p.*, p.last_synced_at as last_seen_at from integration_products p where p.removed_at is null;
create or replace view integration_modifiers_current with (security_invoker = true) as
  select m.*, m.last_synced_at as last_seen_at from integration_modifiers m where m.removed_at is null;
create or replace view integration_discounts_current with (security_invoker = true) as
  select d.*, d.last_synced_at as last_seen_at from integration_discounts d where d.removed_at is null;
