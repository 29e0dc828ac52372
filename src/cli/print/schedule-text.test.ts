// A schedule in words, as configs list and show say it.
import { expect, test } from 'vitest';
import type { Config, ConfigSchedule } from '../../records/configs/config.ts';
import { nextDueText, scheduleFields, scheduleText } from './schedule-text.ts';

const schedule: ConfigSchedule = {
  every_minutes: 15,
  cron: null,
  time_zone: null,
  next_due_at: '2026-05-05T10:15:21.000Z',
  paused_at: null,
  paused_by: null,
  paused_reason: null,
  failures_in_row: 0,
  slowed: false,
  late: false,
};
const config = (facts: Partial<ConfigSchedule>, rest: Partial<Config> = {}) =>
  ({ is_active: true, source_id: 'a source', ...rest, schedule: { ...schedule, ...facts } }) as Config;

test('a schedule is said in the largest unit that fits, an expression with its zone', () => {
  const every = (every_minutes: number | null) => scheduleText({ ...schedule, every_minutes });
  expect([1, 15, 60, 90, 120, 1440, 10_080, null].map(every)).toEqual([
    'every minute',
    'every 15 minutes',
    'every hour',
    'every 90 minutes',
    'every 2 hours',
    'every day',
    'every 7 days',
    'none',
  ]);
  expect(scheduleText({ ...schedule, cron: '30 4 * * *', time_zone: 'America/Chicago' })).toBe(
    '30 4 * * * (America/Chicago)',
  );
  expect(scheduleText({ ...schedule, cron: '30 4 * * *' })).toBe('30 4 * * * (UTC)');
});

test('the next due time says what a person should know of it, or why nothing is due', () => {
  expect(nextDueText(config({}))).toBe('2026-05-05 10:15:21 UTC');
  expect(nextDueText(config({ late: true, slowed: true }))).toBe('2026-05-05 10:15:21 UTC (late, slowed)');
  expect(nextDueText(config({ next_due_at: null }))).toBe('being planned');
  expect(nextDueText(config({ paused_at: '2026-05-01T00:00:00.000Z' }))).toBe('paused');
  expect(nextDueText(config({}, { is_active: false }))).toBe('disabled');
  expect(nextDueText(config({}, { source_id: null }))).toBe('not runnable');
  expect(nextDueText(config({ every_minutes: null }))).toBe('–');
});

test('a pause is shown with its moment, who and why; lateness and a slower pace with what to do', () => {
  const shown = (facts: Partial<ConfigSchedule>) => Object.fromEntries(scheduleFields(config(facts)));
  expect(shown({ paused_at: '2026-05-01T00:00:00.000Z', paused_by: 'cli:maria', paused_reason: 'Renovation' })).toEqual(
    {
      schedule: 'every 15 minutes',
      'next due': 'paused',
      paused: 'since 2026-05-01 00:00:00 UTC by cli:maria: Renovation',
    },
  );
  expect(shown({ late: true, slowed: true, failures_in_row: 3 })).toMatchObject({
    late: expect.stringContaining('is a worker alive?'),
    slowed: expect.stringContaining('after 3 failures in a row'),
  });
});
