// When a config is due: clock changes of three zones, jitter, downtime and slowed pace, on a clock of our own.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catchUpDue, nextDue, slowedDue } from './next-due.ts';
import { checkSchedule, readSchedule, type Schedule } from './schedule.ts';

const minute = 60_000;
const day = 1440 * minute;
const configId = '0198c1a2-0000-7000-8000-000000000001';

/** The first due times after a moment, without their jitter of less than 5 minutes. */
function times(schedule: Schedule, after: string, count: number): string[] {
  const found: string[] = [];
  let at = new Date(after);
  for (let i = 0; i < count; i++) {
    at = nextDue(schedule, at, configId);
    found.push(new Date(Math.floor(at.getTime() / (5 * minute)) * 5 * minute).toISOString().slice(5, 16));
  }
  return found;
}

describe('a cron expression', () => {
  // Spring: the hour from 02:00 (New York, Berlin) or the half hour from 02:00 (Lord Howe) does not exist. Autumn: it comes twice.
  test.each([
    ['America/New_York', '30 2 * * *', '2026-03-07T12:00Z', ['03-08T07:00', '03-09T06:30', '03-10T06:30']],
    ['America/New_York', '30 1 * * *', '2026-10-31T12:00Z', ['11-01T05:30', '11-02T06:30', '11-03T06:30']],
    ['America/New_York', '30 1,2 * * *', '2026-03-08T04:00Z', ['03-08T06:30', '03-08T07:00', '03-09T05:30']],
    ['America/New_York', '30 1,2 * * *', '2026-11-01T04:00Z', ['11-01T05:30', '11-01T07:30', '11-02T06:30']],
    ['Europe/Berlin', '30 2 * * *', '2026-03-28T12:00Z', ['03-29T01:00', '03-30T00:30', '03-31T00:30']],
    ['Europe/Berlin', '30 2 * * *', '2026-10-24T12:00Z', ['10-25T00:30', '10-26T01:30', '10-27T01:30']],
    ['Europe/Berlin', '0 2 * * *', '2026-03-28T12:00Z', ['03-29T01:00', '03-30T00:00', '03-31T00:00']],
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-03T00:00Z', ['10-03T15:30', '10-04T15:15', '10-05T15:15']],
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-04T00:00Z', ['04-04T14:45', '04-05T15:15', '04-06T15:15']],
  ])('in %s, "%s" after %s, is due once a night, whatever the clock does', (timeZone, cron, ...[after, expected]) => {
    expect(times({ cron, timeZone }, after, 3)).toEqual(expected);
  });

  test('every half hour goes on as the half hours pass, through both changes of the clock', () => {
    for (const after of ['2026-03-29T00:10Z', '2026-10-25T00:10Z']) {
      const due = times({ cron: '*/30 * * * *', timeZone: 'Europe/Berlin' }, after, 6);
      const start = Date.parse(after) + 20 * minute;
      expect(due).toEqual(due.map((_, i) => new Date(start + i * 30 * minute).toISOString().slice(5, 16)));
    }
  });

  test.each([
    ['61 * * * *', 'UTC', 'cannot be read'],
    ['* * * *', 'UTC', 'cannot be read'],
    ['0 0 4 * * *', 'UTC', 'cannot be read'],
    ['? 4 * * *', 'UTC', 'no meaning'],
    ['hourly', 'UTC', 'cannot be read'],
    ['0 4 30 2 *', 'UTC', 'never due'],
    ['0 4 * * *', 'Europe/Atlantis', 'There is no time zone "Europe/Atlantis"'],
    ['0 4 * * *', '+02:00', 'There is no time zone'],
    ['0 4 * * *', '', 'There is no time zone'],
  ])('"%s" in zone "%s" is refused: %s', (cron, timeZone, why) => {
    expect(() => checkSchedule({ cron, timeZone })).toThrow(why);
  });
});

describe('an interval', () => {
  test.each([0, -5, 1.5, 525_601, Number.NaN])('of %s minutes is refused', (everyMinutes) => {
    expect(() => checkSchedule({ everyMinutes })).toThrow(/cannot be synced every/);
  });

  test('stored as 0 or nothing is no schedule; a cron expression beside it wins', () => {
    expect(readSchedule({ every_minutes: 0, cron: '', time_zone: null })).toBeNull();
    expect(readSchedule({ every_minutes: null, cron: null, time_zone: 'UTC' })).toBeNull();
    expect(readSchedule({ every_minutes: 15, cron: ' 0 4 * * * ', time_zone: null })).toEqual({
      cron: '0 4 * * *',
      timeZone: 'UTC',
    });
  });

  test('spreads a thousand configs over its jitter, the same way each time', () => {
    const after = new Date('2026-01-01T00:00:01Z');
    const due = Array.from({ length: 1000 }, (_, i) => nextDue({ everyMinutes: 60 }, after, `config ${i}`));
    const again = Array.from({ length: 1000 }, (_, i) => nextDue({ everyMinutes: 60 }, after, `config ${i}`));
    expect(again).toEqual(due);
    const perSecond = new Map<number, number>();
    for (const at of due) {
      const second = Math.floor(at.getTime() / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(perSecond.size).toBeGreaterThan(270);
    expect(Math.max(...perSecond.values())).toBeLessThan(15);
  });
});

const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  fc.record({ everyMinutes: fc.integer({ min: 1, max: 20_000 }) }),
  fc.record({
    cron: fc.oneof(
      fc.integer({ min: 1, max: 59 }).map((step) => `*/${step} * * * *`),
      fc.tuple(fc.nat(59), fc.nat(23)).map(([m, h]) => `${m} ${h} * * *`),
      fc.tuple(fc.nat(59), fc.nat(23), fc.nat(6)).map(([m, h, d]) => `${m} ${h} * * ${d}`),
    ),
    timeZone: fc.constantFrom('UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
  }),
);
const moments = fc.date({ min: new Date('2026-01-01'), max: new Date('2028-01-01'), noInvalidDate: true });

test('F66: due times strictly increase, never two in one interval, each after the moment asked for, of any config at any time', () => {
  fc.assert(
    fc.property(schedules, moments, fc.uuid(), (schedule, after, id) => {
      const due = [after];
      for (let i = 0; i < 4; i++) due.push(nextDue(schedule, due.at(-1)!, id));
      for (let i = 1; i < due.length; i++) expect(due[i]!.getTime()).toBeGreaterThan(due[i - 1]!.getTime());
      if ('everyMinutes' in schedule) {
        const slots = due.slice(1).map((at) => Math.floor(at.getTime() / (schedule.everyMinutes * minute)));
        expect(slots).toEqual(slots.map((_, i) => slots[0]! + i));
      }
      // What is asked in between changes nothing: the due times are those of the schedule, not of who asks.
      const between = new Date((due[1]!.getTime() + due[2]!.getTime()) / 2);
      expect(nextDue(schedule, between, id)).toEqual(due[2]);
    }),
    { numRuns: 200 },
  );
});

test('a catch-up comes within the jitter, and before or with the next regular run', () => {
  fc.assert(
    fc.property(schedules, moments, fc.uuid(), (schedule, now, id) => {
      const due = catchUpDue(schedule, now, id).getTime();
      expect(due).toBeGreaterThanOrEqual(now.getTime());
      expect(due).toBeLessThanOrEqual(now.getTime() + 5 * minute);
      expect(due).toBeLessThanOrEqual(nextDue(schedule, now, id).getTime());
    }),
    { numRuns: 100 },
  );
});

describe('a slowed schedule', () => {
  const now = new Date('2026-05-05T10:07:00Z');
  test.each<[Schedule, number[]]>([
    [{ everyMinutes: 15 }, [0.25, 0.5, 1, 2, 4, 8, 16, 24, 24, 24]],
    [{ everyMinutes: 60 }, [1, 2, 4, 8, 16, 24, 24]],
    [{ cron: '0 * * * *', timeZone: 'America/New_York' }, [1, 2, 4, 8, 16, 24, 24]],
    [{ cron: '0 4 * * *', timeZone: 'UTC' }, [24, 24, 24]],
    [{ everyMinutes: 10_080 }, [168, 168, 168]],
  ])('%o is due every %o hours after so many steps', (schedule, hours) => {
    const normal = nextDue(schedule, now, configId).getTime();
    for (const [steps, expected] of hours.entries()) {
      const due = slowedDue(schedule, now, { configId, steps }).getTime();
      expect(due).toBeGreaterThanOrEqual(normal);
      const gap = nextDue(schedule, new Date(normal), configId).getTime() - normal;
      // From now it is between one gap less and the whole.
      expect(due - now.getTime()).toBeGreaterThan(expected * 60 * minute - gap - 10 * minute);
      expect(due - now.getTime()).toBeLessThan(Math.max(expected * 60 * minute, day) + gap / 2 + minute);
    }
  });
});
