// When a config is due next: pure functions of its schedule, a moment and its id.
import { createHash } from 'node:crypto';
import { openCron, type Schedule } from './schedule.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
/** A due time is moved by at most this much, and by at most a tenth of its interval. */
const mostJitter = 5 * minute;

/**
 * The first due time after a moment. Intervals are anchored at midnight UTC of 1970 (every 15 minutes: on the quarter
 * hours), cron expressions at their times; both moved by the config's jitter, so that no two configs are due at the same second.
 */
export function nextDue(schedule: Schedule, after: Date, configId: string): Date {
  const occurrences = occurrencesOf(schedule);
  const share = shareOf(configId);
  // An occurrence of before may still be to come, moved by its jitter.
  let at = occurrences.after(after.getTime() - mostJitter);
  for (;;) {
    const following = occurrences.after(at);
    const due = at + jitter(following - at, share);
    if (due > after.getTime()) return new Date(due);
    at = following;
  }
}

/**
 * The same at a pace that is halved `steps` times, down to once a day: with 1 every second occurrence, then every fourth … .
 * A schedule that is due less than once a day stays as it is.
 */
export function slowedDue(schedule: Schedule, after: Date, of: { configId: string; steps: number }): Date {
  const next = nextDue(schedule, after, of.configId);
  if (of.steps === 0) return next;
  const gap = nextDue(schedule, next, of.configId).getTime() - next.getTime();
  const wanted = next.getTime() + (2 ** of.steps - 1) * gap;
  const latest = Math.max(next.getTime(), after.getTime() + day);
  // Jitter differs a little between occurrences of a cron expression; half a gap earlier finds the one that is meant.
  const from = Math.min(wanted, latest) - gap / 2;
  return nextDue(schedule, new Date(Math.max(from, after.getTime())), of.configId);
}

/** When to catch up after a downtime: within the jitter from now on, or with the next regular run where that is as near. */
export function catchUpDue(schedule: Schedule, now: Date, configId: string): Date {
  const next = nextDue(schedule, now, configId);
  const gap = nextDue(schedule, next, configId).getTime() - next.getTime();
  const due = now.getTime() + jitter(gap, shareOf(configId));
  return new Date(Math.min(due, next.getTime()));
}

function jitter(gap: number, share: number): number {
  return Math.floor(share * Math.min(gap / 10, mostJitter));
}

/** A number from 0 up to 1 that is always the same for a config, and spread evenly over configs. */
function shareOf(configId: string): number {
  return createHash('sha256').update(configId).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** The due times without jitter, in milliseconds; `after` gives the first one after a moment. */
function occurrencesOf(schedule: Schedule): { after(moment: number): number } {
  if ('everyMinutes' in schedule) {
    const interval = schedule.everyMinutes * minute;
    return { after: (moment) => (Math.floor(moment / interval) + 1) * interval };
  }
  const cron = openCron(schedule);
  return {
    after(moment) {
      const next = cron.nextRun(new Date(moment));
      // Expressions without an end were checked; one that ends (croner looks a few years ahead) is as good as never due.
      return next === null ? moment + 3650 * day : next.getTime();
    },
  };
}
