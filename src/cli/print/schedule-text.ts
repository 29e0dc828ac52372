// A config's schedule in words: how often, when next, and why not.
import type { Config, ConfigSchedule } from '../../records/configs/config.ts';
import { counted, time } from './quantities.ts';

/** 'every 15 minutes', 'every day', '30 4 * * * (America/Chicago)', or 'none'. */
export function scheduleText({ cron, every_minutes, time_zone }: ConfigSchedule): string {
  if (cron !== null) return `${cron} (${time_zone ?? 'UTC'})`;
  return every_minutes === null ? 'none' : `every ${intervalText(every_minutes)}`;
}

function intervalText(minutes: number): string {
  const [size, unit] = minutes % 1440 === 0 ? [1440, 'day'] : minutes % 60 === 0 ? [60, 'hour'] : [1, 'minute'];
  const many = minutes / Number(size);
  return many === 1 ? String(unit) : counted(many, String(unit));
}

/** The next due time with what a person should know of it; or why nothing is due. */
export function nextDueText(config: Config): string {
  const { cron, every_minutes, next_due_at, paused_at, slowed, late } = config.schedule;
  if (cron === null && every_minutes === null) return '–';
  if (paused_at !== null) return 'paused';
  if (!config.is_active) return 'disabled';
  if (config.source_id === null) return 'not runnable';
  const when = next_due_at === null ? 'being planned' : time(next_due_at);
  const marks = [late ? 'late' : '', slowed ? 'slowed' : ''].filter((mark) => mark !== '');
  return marks.length === 0 ? when : `${when} (${marks.join(', ')})`;
}

/** Lines of `configs show`. */
export function scheduleFields(config: Config): [string, string | null][] {
  const { paused_at, paused_by, paused_reason, failures_in_row, late, slowed } = config.schedule;
  return [
    ['schedule', scheduleText(config.schedule)],
    ['next due', nextDueText(config)],
    ...(paused_at === null
      ? []
      : [['paused', `since ${time(paused_at)} by ${paused_by ?? 'unknown'}: ${paused_reason ?? 'no reason given'}`]]),
    ...(late ? [['late', 'due for more than 5 minutes, or 2 intervals, and nothing runs: is a worker alive?']] : []),
    ...(slowed
      ? [
          [
            'slowed',
            `after ${counted(failures_in_row, 'failure')} in a row; one sync that succeeds brings the pace back`,
          ],
        ]
      : []),
  ] as [string, string | null][];
}
