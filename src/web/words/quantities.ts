// Times, sizes, durations and money as people say them, in the language in force.
import type { Config } from '../api-types.ts';
import type { Words } from './en.ts';
import { saidIn } from './say.ts';

const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** '3 minutes ago', 'in 2 hours', 'just now'. */
export function relative(iso: string, words: Words, now = Date.now()): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) < size) continue;
    return new Intl.RelativeTimeFormat(saidIn(), { numeric: 'always' }).format(Math.trunc(seconds / size), unit);
  }
  return words.time.now;
}

/** In the zone of this browser, with its name: 'Nov 22, 2026, 09:31:07 GMT+1'. */
export function exactly(iso: string): string {
  return new Intl.DateTimeFormat(saidIn(), {
    dateStyle: undefined,
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    hourCycle: 'h23',
  }).format(new Date(iso));
}

/** 'Nov 22, 09:31'. */
export function shortly(iso: string): string {
  return new Intl.DateTimeFormat(saidIn(), {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(iso));
}

/** '2026-11-22 08:31:07 UTC'. */
export function utc(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** Milliseconds as '340 ms', '1.4 s', '2 min 5 s', '3 h 12 min'. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  const decimal = new Intl.NumberFormat(saidIn(), { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  if (seconds < 59.95) return `${decimal.format(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** 3355443 → '3.4 MB' (decimal units). */
export function size(bytes: number): string {
  const [unit, factor] = bytes < 1_000_000 ? ['kB', 1000] : ['MB', 1_000_000];
  return `${new Intl.NumberFormat(saidIn(), { maximumFractionDigits: 1 }).format(bytes / Number(factor))} ${unit}`;
}

/** Decimal text with its currency: '12.50 USD'; a number is never made of it, so no digit is lost. */
export function money(amount: string, currency: string | null): string {
  const [whole = '', part = ''] = amount.split('.');
  const point = new Intl.NumberFormat(saidIn()).formatToParts(0.5).find(({ type }) => type === 'decimal')?.value ?? '.';
  const shown = `${whole}${point}${part.padEnd(2, '0')}`;
  return currency === null ? shown : `${shown} ${currency}`;
}

/** 'every 15 minutes', '30 4 * * * (America/Chicago)', or that there is none. */
export function scheduleText({ cron, every_minutes, time_zone }: Config['schedule'], words: Words): string {
  if (cron !== null) return `${cron} (${time_zone ?? 'UTC'})`;
  if (every_minutes === null) return words.time.none;
  const { days, hours, minutes, every } = words.time;
  if (every_minutes % 1440 === 0) return every(days(every_minutes / 1440));
  if (every_minutes % 60 === 0) return every(hours(every_minutes / 60));
  return every(minutes(every_minutes));
}
