// What a schedule is: every so many minutes, or a cron expression in a time zone; read from its columns, and checked.
import { Cron } from 'croner';
import { inputError, type TillsyncError } from '../../errors.ts';

/** How often a config is synced by itself. */
export type Schedule = { everyMinutes: number } | { cron: string; timeZone: string };

/** A schedule as it is stored: the first two columns are the original's. */
export interface ScheduleColumns {
  every_minutes: number | null;
  cron: string | null;
  time_zone: string | null;
}

const longestMinutes = 525_600;

/** The schedule behind its columns, checked; null = none. A cron expression wins. Throws TillsyncError schedule_invalid. */
export function readSchedule({ every_minutes, cron, time_zone }: ScheduleColumns): Schedule | null {
  if (cron !== null && cron.trim() !== '') return checkSchedule({ cron: cron.trim(), timeZone: time_zone ?? 'UTC' });
  // The original stores 0 where somebody switched its scheduler off.
  return every_minutes === null || every_minutes <= 0 ? null : checkSchedule({ everyMinutes: every_minutes });
}

/** Gives a schedule back when it can be kept. Throws TillsyncError schedule_invalid with what is wrong. */
export function checkSchedule(schedule: Schedule): Schedule {
  if ('everyMinutes' in schedule) {
    const { everyMinutes } = schedule;
    if (Number.isInteger(everyMinutes) && everyMinutes >= 1 && everyMinutes <= longestMinutes) return schedule;
    throw scheduleInvalid(
      `A config cannot be synced every ${everyMinutes} minutes.`,
      'Give an interval from 1m to 365d, e.g. 15m, 2h or 1d.',
    );
  }
  checkTimeZone(schedule.timeZone);
  if (openCron(schedule).nextRun() === null) {
    throw scheduleInvalid(`The cron expression "${schedule.cron}" is never due.`, 'Name a day that exists.');
  }
  return schedule;
}

/**
 * The expression as croner reads it: minute, hour, day, month, weekday (or @daily and the like). A fixed hour that the
 * clock skips in spring is due at the end of the gap, one that comes twice in autumn is due once; expressions with
 * a wildcard go on as the hours really pass. Throws TillsyncError schedule_invalid.
 */
export function openCron({ cron, timeZone }: { cron: string; timeZone: string }): Cron {
  try {
    // croner puts the moment of reading in place of ?: the schedule would be another one in each process.
    if (cron.includes('?')) throw new TypeError('? has no meaning here');
    return new Cron(cron, { timezone: timeZone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true });
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    throw scheduleInvalid(
      `The cron expression "${cron}" cannot be read: ${why.replace(/\.$/, '')}.`,
      'Give five fields: minute, hour, day of the month, month, day of the week, e.g. "30 4 * * *".',
    );
  }
}

function checkTimeZone(timeZone: string): void {
  try {
    // An offset such as +02:00 is no zone: it knows no summer.
    if (!/^[a-z]/i.test(timeZone)) throw new RangeError('an offset');
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw scheduleInvalid(`There is no time zone "${timeZone}".`, 'Give its IANA name, e.g. America/Chicago.');
  }
}

/** The refusal of a schedule; also of combinations that say two things at once. */
export function scheduleInvalid(message: string, hint: string): TillsyncError {
  return inputError('schedule_invalid', message, hint);
}
