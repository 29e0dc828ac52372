// A schedule as people say it: what a cron expression means where it is one of the usual ones, else the expression itself.
import type { Config } from '../api-types.ts';
import type { Words } from './en.ts';
import { scheduleText } from './quantities.ts';
import { saidIn } from './say.ts';

/** 'every day at 04:00, Europe/Berlin', 'every 15 minutes', or that there is none. */
export function scheduleWords(schedule: Config['schedule'], words: Words): string {
  if (schedule.cron === null) return scheduleText(schedule, words);
  return words.edit.schedule.words.inZone(cronWords(schedule.cron, words), schedule.time_zone ?? 'UTC');
}

/** What the five fields say; the expression itself where no sentence of ours says it. */
export function cronWords(expression: string, words: Words): string {
  const say = words.edit.schedule.words;
  const other = say.other(expression);
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) return other;
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  if (month !== '*') return other;
  const everyDay = day === '*' && weekday === '*';
  const step = /^\*\/(\d+)$/.exec(minute);
  if (everyDay && hour === '*') {
    if (minute === '*') return say.everyMinutes(1);
    if (step !== null) return say.everyMinutes(Number(step[1]));
    return isNumber(minute) ? say.hourly(minute) : other;
  }
  const times = timesOf(minute, hour, say.and);
  if (times === null) return other;
  if (everyDay) return say.daily(times);
  if (day === '*' && weekday === '1-5') return say.weekdays(times);
  if (day === '*' && /^[0-7](,[0-7])*$/.test(weekday)) return say.weekly(daysOf(weekday, say.and), times);
  return weekday === '*' && isNumber(day) ? say.monthly(day, times) : other;
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

/** '04:00 and 16:00'; null = not at a few fixed times. */
function timesOf(minute: string, hour: string, and: string): string | null {
  if (!isNumber(minute) || !/^\d+(,\d+)*$/.test(hour)) return null;
  const times = hour.split(',').map((each) => `${each.padStart(2, '0')}:${minute.padStart(2, '0')}`);
  return listed(times, and);
}

/** 0 and 7 are Sunday. */
function daysOf(weekday: string, and: string): string {
  // 2024-01-07 was a Sunday.
  const name = (day: number) =>
    new Intl.DateTimeFormat(saidIn(), { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, 7 + (day % 7)));
  return listed(
    weekday.split(',').map((day) => name(Number(day))),
    and,
  );
}

function listed(parts: readonly string[], and: string): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')}${and}${parts.at(-1)}`;
}
