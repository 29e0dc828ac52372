// What becomes of a config whose time has come: its run, a later time, or a pause. Pure.
import { TillsyncError } from '../../errors.ts';
import { catchUpDue, slowedDue } from './next-due.ts';
import { readSchedule, type Schedule, type ScheduleColumns } from './schedule.ts';

/** What a claim knows of a config. */
export interface DueConfig extends ScheduleColumns {
  id: string;
  /** null = to be planned anew: the schedule, or its pace, has changed. */
  next_due_at: Date | null;
  catching_up: boolean;
  failures_in_row: number;
  failing_since: Date | null;
  slow_steps: number;
  last_error: string | null;
}

export type DueDecision =
  | { action: 'run'; nextDueAt: Date }
  | { action: 'wait'; nextDueAt: Date | null; catchingUp: boolean }
  | { action: 'pause'; reason: string };

// Later than this is a downtime: what was missed meanwhile would all begin in the same second.
const downtimeAfter = 2 * 60_000;
const mostFailures = 50;
const longestFailure = 7 * 24 * 60 * 60_000;
// A weekly schedule gets its three tries, too.
const fewestFailures = 3;

/**
 * Decides at database time `now`. However long nothing ran, a config runs once and then goes on as before: the
 * next due time is always after now. That one run is spread like every other, and put off only once.
 */
export function decideDue(config: DueConfig, now: Date): DueDecision {
  const reason = pauseReason(config, now);
  if (reason !== null) return { action: 'pause', reason };
  let schedule: Schedule | null;
  try {
    schedule = readSchedule(config);
  } catch (error) {
    // Written by another program, or by the original before its adoption.
    if (!(error instanceof TillsyncError)) throw error;
    return { action: 'pause', reason: error.message };
  }
  if (schedule === null) return { action: 'wait', nextDueAt: null, catchingUp: false };
  const { id, next_due_at, catching_up, slow_steps } = config;
  const nextDueAt = slowedDue(schedule, now, { configId: id, steps: slow_steps });
  if (next_due_at === null) return { action: 'wait', nextDueAt, catchingUp: false };
  if (!catching_up && now.getTime() - next_due_at.getTime() > downtimeAfter) {
    return { action: 'wait', nextDueAt: catchUpDue(schedule, now, id), catchingUp: true };
  }
  return { action: 'run', nextDueAt };
}

function pauseReason({ failures_in_row, failing_since, last_error }: DueConfig, now: Date): string | null {
  if (failures_in_row < fewestFailures || failing_since === null) return null;
  const isLong = now.getTime() - failing_since.getTime() >= longestFailure;
  if (failures_in_row < mostFailures && !isLong) return null;
  const since = `${failing_since.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `Failed ${failures_in_row} times in a row since ${since}${last_error === null ? '.' : `: ${last_error}`}`;
}
