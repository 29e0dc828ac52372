// Writes what a person says of a schedule; what workers do about it stands in due-configs.ts.
import type { Queryable } from '../../db/database.ts';

/** The columns of a schedule; all null = none. */
export interface StoredSchedule {
  everyMinutes: number | null;
  cron: string | null;
  timeZone: string | null;
  nextDueAt: Date | null;
}

/** A claim that is under way is taken back: it belongs to the schedule of before. */
export async function writeSchedule(q: Queryable, configId: string, schedule: StoredSchedule): Promise<void> {
  const { everyMinutes, cron, timeZone, nextDueAt } = schedule;
  await q.query(
    `update integration_source_configs
        set sync_frequency_minutes = $2, sync_schedule = $3, schedule_time_zone = $4, next_due_at = $5,
            due_claimed_until = null, catching_up = false, slow_steps = 0, updated_at = now()
      where id = $1`,
    [configId, everyMinutes, cron, timeZone, nextDueAt?.toISOString() ?? null],
  );
}

/** Pauses; who paused first and since when stay, so that the reason can be put right later. */
export async function pauseSchedule(
  q: Queryable,
  pause: { configId: string; by: string; reason: string | null },
): Promise<void> {
  await q.query(
    `update integration_source_configs
        set paused_at = coalesce(paused_at, now()), paused_by = $2, paused_reason = $3, due_claimed_until = null,
            catching_up = false, updated_at = now()
      where id = $1`,
    [pause.configId, pause.by, pause.reason],
  );
}

export async function resumeSchedule(q: Queryable, configId: string, nextDueAt: Date): Promise<void> {
  await q.query(
    `update integration_source_configs
        set paused_at = null, paused_by = null, paused_reason = null, next_due_at = $2, due_claimed_until = null,
            catching_up = false, failures_in_row = 0, failing_since = null, slow_steps = 0, updated_at = now()
      where id = $1`,
    [configId, nextDueAt.toISOString()],
  );
}

/** The database's clock, by which due times are told. */
export async function readDatabaseTime(q: Queryable): Promise<Date> {
  const { rows } = await q.query<{ now: Date }>('select clock_timestamp() as now');
  if (rows[0] === undefined) throw new Error('the database told no time');
  return rows[0].now;
}
