// Which runs of a source retention never touches, as SQL over the run h.

/** A plan that waits for a person; the same words as in the index integration_sync_history_waiting. */
const waits = `(h.hold_open or (h.status = 'planned' and (h.hold ->> 'resolution') is null))`;

const isActive = `h.status in ('queued', 'in_progress')`;

/** The newest run that saved, and the newest that saved all of it; $1 = the source. */
const lastSuccess = (statuses: string) =>
  `h.id is not distinct from (select l.id from integration_sync_history l where l.wand_source_id = $1
     and l.status in (${statuses}) order by l.created_at desc, l.id desc limit 1)`;

/**
 * Runs whose row and stored answers stay: active ones, plans that wait, the last success, the run that the source's state
 * refers to (an unchanged sync reads its outcome), and what an active run applies or replays.
 */
export const isNeeded = `(${isActive} or ${waits} or ${lastSuccess(`'success'`)} or ${lastSuccess(`'success', 'partial'`)}
  or exists (select from integration_sync_state s where s.wand_source_id = $1 and s.last_run_id = h.id)
  or exists (select from integration_sync_history a where a.wand_source_id = $1
               and (a.applies_run_id = h.id or (a.trigger = 'replay' and a.retry_of_run_id = h.id))
               and a.status in ('queued', 'in_progress')))`;

/** Runs whose row stays because another run that is still there speaks of it. */
export const isNamed = `(exists (select from integration_sync_history a where a.wand_source_id = $1 and a.applies_run_id = h.id)
  or exists (select from integration_sync_history c where c.parent_id = h.id))`;

/** Whether a run changed items: those runs go by age only. */
export const changedItems = `(h.status in ('success', 'partial') and coalesce(h.counts
  @? '$.* ? (@.created > 0 || @.updated > 0 || @.removed > 0 || @.restored > 0)', false))`;
