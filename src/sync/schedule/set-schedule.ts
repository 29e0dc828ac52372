// What a person does to a schedule: set it, take it away, pause it, resume it.
import type { Queryable } from '../../db/database.ts';
import { inputError } from '../../errors.ts';
import { type AuditEntry, appendAudit } from '../../records/audit/append-audit.ts';
import type { Config } from '../../records/configs/config.ts';
import { getConfig } from '../../records/configs/read-configs.ts';
import {
  pauseSchedule,
  readDatabaseTime,
  resumeSchedule,
  writeSchedule,
} from '../../records/configs/write-schedule.ts';
import { placeOfConfig } from '../audit/audit-config.ts';
import { configUnknown } from '../configs/merge-levels.ts';
import type { Deps } from '../deps.ts';
import { nextDue } from './next-due.ts';
import { checkSchedule, readSchedule, type Schedule, scheduleInvalid } from './schedule.ts';

/** What to set: an interval, a cron expression (zone: as before, else UTC), another zone, or 'none'. */
export type ScheduleChange =
  | { everyMinutes: number }
  | { cron: string; timeZone?: string }
  | { timeZone: string }
  | 'none';

/** Sets a config's schedule inside the caller's transaction. A pause stays. Throws TillsyncError schedule_invalid. */
export async function setSchedule(q: Queryable, configId: string, change: ScheduleChange): Promise<void> {
  const config = await existing(q, configId);
  const schedule = change === 'none' ? null : checkSchedule(changed(config, change));
  const now = await readDatabaseTime(q);
  await writeSchedule(q, configId, {
    everyMinutes: schedule !== null && 'everyMinutes' in schedule ? schedule.everyMinutes : null,
    cron: schedule !== null && 'cron' in schedule ? schedule.cron : null,
    timeZone: schedule !== null && 'cron' in schedule ? schedule.timeZone : null,
    nextDueAt: schedule === null ? null : nextDue(schedule, now, configId),
  });
}

/**
 * When a config would be due by a schedule, or by its own: the next `count` times, without anything being set; [] = never.
 * Throws TillsyncError config_unknown, schedule_invalid.
 */
export async function nextTimes(
  q: Queryable,
  configId: string,
  of: { change?: ScheduleChange | undefined; count: number },
): Promise<{ times: Date[]; timeZone: string | null }> {
  const config = await existing(q, configId);
  const { change } = of;
  const schedule =
    change === undefined
      ? readSchedule(config.schedule)
      : change === 'none'
        ? null
        : checkSchedule(changed(config, change));
  const times: Date[] = [];
  if (schedule === null) return { times, timeZone: null };
  for (let at = await readDatabaseTime(q); times.length < of.count; times.push(at))
    at = nextDue(schedule, at, configId);
  return { times, timeZone: 'timeZone' in schedule ? schedule.timeZone : null };
}

function changed({ schedule: { cron, time_zone } }: Config, change: Exclude<ScheduleChange, 'none'>): Schedule {
  if ('everyMinutes' in change) return change;
  if ('cron' in change) return { cron: change.cron.trim(), timeZone: change.timeZone ?? time_zone ?? 'UTC' };
  if (cron !== null) return { cron, timeZone: change.timeZone };
  throw scheduleInvalid('A time zone belongs to a cron expression, and this config has none.', 'Give --cron as well.');
}

/** Pauses a schedule; runs that a person asks for go on. Pausing again gives it the new reason. Throws config_unknown. */
export async function pauseConfig(
  deps: Pick<Deps, 'database'>,
  pause: { configId: string; by: string; reason: string | null },
): Promise<Config> {
  return await deps.database.transaction(async (q) => {
    await pauseSchedule(q, pause);
    const config = await existing(q, pause.configId);
    await auditPause(q, config, { action: 'config.paused', actor: pause.by, after: { reason: pause.reason } });
    return config;
  });
}

/**
 * Resumes a schedule at its normal pace, from its next due time on; what failed before is forgotten. No harm where nothing was
 * paused. Throws TillsyncError config_unknown, schedule_missing, schedule_invalid.
 */
export async function resumeConfig(deps: Pick<Deps, 'database'>, configId: string): Promise<Config> {
  return await deps.database.transaction(async (q) => {
    const config = await existing(q, configId);
    const schedule = readSchedule(config.schedule);
    if (schedule === null) throw scheduleMissing(config);
    const nextDueAt = nextDue(schedule, await readDatabaseTime(q), configId);
    await resumeSchedule(q, configId, nextDueAt);
    const { paused_at, paused_by, paused_reason } = config.schedule;
    const before = paused_at === null ? {} : { paused_at, paused_by, paused_reason };
    await auditPause(q, config, { action: 'config.resumed', before });
    return await existing(q, configId);
  });
}

async function auditPause(
  q: Queryable,
  config: Config,
  entry: Pick<AuditEntry, 'action' | 'actor' | 'before' | 'after'>,
): Promise<void> {
  const subject = { type: 'config', id: config.id, name: config.name };
  await appendAudit(q, { ...entry, subject, place: placeOfConfig(config) });
}

async function existing(q: Queryable, configId: string): Promise<Config> {
  const config = await getConfig(q, configId);
  if (config === null) throw configUnknown(configId);
  return config;
}

function scheduleMissing(config: Config) {
  return inputError(
    'schedule_missing',
    `Config “${config.name}” has no schedule to resume.`,
    `Give it one with \`tillsync configs set ${config.id} --every 15m\`.`,
  );
}
