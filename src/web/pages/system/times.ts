// Times of the system page: how long, and how long ago, in whole units of the language in force.
import { saidIn } from '../../words/say.ts';

const units: readonly ['day' | 'hour' | 'minute' | 'second', number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

function inUnit(seconds: number): ['day' | 'hour' | 'minute' | 'second', number] {
  const [unit, size] = units.find(([, least]) => seconds >= least) ?? ['second', 1];
  return [unit, Math.floor(seconds / size)];
}

/** '3 days', '12 minutes'. */
export function span(seconds: number): string {
  const [unit, value] = inUnit(Math.max(0, seconds));
  return new Intl.NumberFormat(saidIn(), { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

/** '2 seconds ago'. */
export function ago(seconds: number): string {
  const [unit, value] = inUnit(Math.max(0, seconds));
  return new Intl.RelativeTimeFormat(saidIn(), { numeric: 'always' }).format(-value, unit);
}
