-- Rejects over all runs: which runs set something aside, newest first, and since when a reason has been met.

-- A run that set something aside never ends as success; one that could save nothing at all failed: of a million runs these are few.
create index if not exists integration_sync_history_set_aside
  on integration_sync_history (created_at desc, id desc)
  where status in ('partial', 'held', 'planned') or (status = 'failed' and error ->> 'code' = 'all_rejected');

create index if not exists integration_rejected_items_by_reason
  on integration_rejected_items (wand_source_id, kind, reason, created_at);
