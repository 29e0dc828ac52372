-- Indexes for the filters of long lists: a history of a million runs, a log of a million entries. Each holds its rows in the order
-- of the list, so that a page ends after its 50 rows; before, a filter that few rows pass read on until it had found 50 of them,
-- a rare one to the end. Measured by `npm run bench -- --ui` (docs/reference/performance.md).

-- Runs of one config, status or trigger. Those under way have an index of their own (unfinished), so that a run is written into the
-- one by status once, at its end.
create index if not exists integration_sync_history_by_config on integration_sync_history (source_config_id, created_at desc, id desc);
create index if not exists integration_sync_history_by_status on integration_sync_history (status, created_at desc, id desc)
  where status <> all (array['queued', 'in_progress']);
create index if not exists integration_sync_history_by_trigger on integration_sync_history (trigger, created_at desc, id desc);

-- Runs of the sources of a caller with a limited scope: every column that filters and row security ask for is in it, so that a
-- source without such a run is told by the index alone. In place of (wand_source_id, created_at desc). The places of parents, which a
-- later migration fills, are asked for as well.
alter table integration_sync_history add column if not exists concept_id bigint, add column if not exists company_id bigint;
drop index if exists integration_sync_history_by_source;
create index integration_sync_history_by_source on integration_sync_history (wand_source_id, created_at desc, id desc)
  include (source_config_id, status, trigger, is_parent, company_id, concept_id);

-- The same as integration_sync_history_by_parent, column by column.
drop index if exists integration_sync_history_children;

-- Removed items, of which a catalog has few: found one by one among a million live ones otherwise. Only what is removed is in it.
create index if not exists idx_integration_products_removed on integration_products (wand_source_id, external_id)
  where removed_at is not null;
create index if not exists idx_integration_modifiers_removed on integration_modifiers (wand_source_id, external_id, path_id)
  where removed_at is not null;
create index if not exists idx_integration_discounts_removed on integration_discounts (wand_source_id, external_id)
  where removed_at is not null;

-- The audit log by subject of the action ('config' of 'config.changed'), by what it was done to (whatever its type, so in place of the
-- one by type and id), and by place for callers with a limited scope.
create index if not exists idx_integration_audit_log_action_subject on integration_audit_log (split_part(action, '.', 1), at desc, id desc);
drop index if exists idx_integration_audit_log_subject;
create index idx_integration_audit_log_subject on integration_audit_log (subject_id, at desc, id desc);
create index if not exists idx_integration_audit_log_concept on integration_audit_log (concept_id, at desc, id desc) where concept_id is not null;
create index if not exists idx_integration_audit_log_company on integration_audit_log (company_id, at desc, id desc) where company_id is not null;
create index if not exists idx_integration_audit_log_site on integration_audit_log (site_id, at desc, id desc) where site_id is not null;

-- What the planner knows of an expression it learns by this; nothing else would tell it until the table has grown.
analyze integration_audit_log;
