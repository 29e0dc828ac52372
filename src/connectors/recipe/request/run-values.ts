// The values that placeholders stand for: params of the config, and the moment of the run.
import type { Recipe } from '../schema/recipe-schema.ts';
import { fill, parseTemplate, type Values } from './template.ts';

/** Placeholders that every recipe may use beside its params. */
export const runNames = ['run_date', 'run_time', 'run_instant'] as const;

/** Values by placeholder. Date and time are those of `now` in the config's time_zone, run_instant is in UTC. */
export function runValues(recipe: Recipe, params: Readonly<Record<string, unknown>>, now: Date): Values {
  const zone = typeof params.time_zone === 'string' ? params.time_zone : 'UTC';
  const { date, time } = wallClock(now, zone);
  const run: Values = { run_date: date, run_time: time, run_instant: now.toISOString() };
  const said = Object.entries(recipe.params).map(([name, rule]): [string, string | null] => {
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    if (typeof value === 'string' || typeof value === 'number') return [name, String(value)];
    return [name, rule.default === undefined ? null : fill(parseTemplate(rule.default, name, runNames), run)];
  });
  return { ...run, ...Object.fromEntries(said) };
}

function wallClock(now: Date, timeZone: string): { date: string; time: string } {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const of = (...names: Intl.DateTimeFormatPartTypes[]) => names.map((name) => parts.get(name) ?? '');
  return { date: of('year', 'month', 'day').join('-'), time: of('hour', 'minute', 'second').join(':') };
}
