// What the end of a run does to its config's pace: failures in a row slow it down, one success brings it back.
import { mostSlowSteps } from './due-configs.ts';

const good = `(not ended.dry_run and ended.status in ('success', 'partial', 'held')
  and ended.trigger not in ('save', 'approve', 'replay'))`;
const bad = `(not ended.dry_run and ended.status in ('failed', 'interrupted') and ended.trigger = 'schedule')`;
const slows = `(${bad} and (c.failures_in_row >= 2 or ended.error ->> 'retry' = 'no'))`;
const resumes = `(${good} and c.paused_by = 'tillsync')`;

/**
 * Columns for the UPDATE of a config (c) by the run that ended (ended: trigger, dry_run, status, error). Only scheduled runs count as failures, whatever stopped them; only
 * runs that asked the POS bring the pace back. From the third failure in a row on each one halves the pace; from the
 * first on, when its error says that trying again does not help (a wrong password): a person is needed. A pace that changed
 * empties next_due_at, and a worker plans it anew.
 */
export const paceAfterRun = `failures_in_row = case when ${good} then 0 else c.failures_in_row + ${bad}::int end,
  failing_since = case when ${good} then null when ${bad} then coalesce(c.failing_since, now()) else c.failing_since end,
  slow_steps = case when ${good} then 0 when ${slows} then least(c.slow_steps + 1, ${mostSlowSteps}) else c.slow_steps end,
  next_due_at = case when ${slows} or (${good} and c.slow_steps > 0) or ${resumes} then null else c.next_due_at end,
  paused_at = case when ${resumes} then null else c.paused_at end,
  paused_reason = case when ${resumes} then null else c.paused_reason end,
  paused_by = case when ${resumes} then null else c.paused_by end`;
