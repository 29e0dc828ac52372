// Tests of the buckets, by a clock of their own.
import { describe, expect, test } from 'vitest';
import { openRateLimits, rateLimits } from './rate-limits.ts';

let time = 0;
const open = () => openRateLimits({ now: () => time });

/** Seconds to wait, or null when the call is let through. */
function waitOf(call: () => void): number | null {
  try {
    call();
    return null;
  } catch (error) {
    return (error as { retry: { afterSeconds: number } }).retry.afterSeconds;
  }
}

describe('a bucket', () => {
  test('lets its burst through at once, then as many as its rate, and says truly how long to wait', () => {
    const limits = open();
    const take = () => waitOf(() => limits.take('connection-test', 'a'));
    const { burst } = rateLimits['connection-test'];
    expect(Array.from({ length: burst }, take).every((wait) => wait === null)).toBe(true);
    for (let round = 0; round < 50; round++) {
      const wait = take();
      expect(wait).toBe(3);
      time += (wait ?? 0) * 1000;
      expect(take()).toBeNull();
    }
  });

  test('never lets more through in any minute than its burst and its rate, whatever the rhythm', () => {
    const limits = open();
    const { burst, perMinute } = rateLimits.sync;
    const passed: number[] = [];
    for (let i = 0; i < 5_000; i++) {
      time += (i * 7_919) % 400;
      if (waitOf(() => limits.take('sync', 'a')) === null) passed.push(time);
    }
    for (const start of passed) {
      const within = passed.filter((at) => at >= start && at < start + 60_000).length;
      expect(within).toBeLessThanOrEqual(burst + perMinute);
    }
  });

  test('is one caller’s own, for one kind of call', () => {
    const limits = open();
    for (let i = 0; i < rateLimits.export.burst; i++) limits.take('export', 'a');
    expect(waitOf(() => limits.take('export', 'a'))).toBe(6);
    expect(waitOf(() => limits.take('export', 'b'))).toBeNull();
    expect(waitOf(() => limits.take('sync', 'a'))).toBeNull();
  });

  test('is kept for the callers seen last; any number of others costs bounded memory', () => {
    const limits = open();
    for (let i = 0; i < rateLimits.export.burst; i++) limits.take('export', 'steady');
    for (let i = 0; i < 50_000; i++) {
      limits.take('page', `stranger ${i}`);
      if (i % 1_000 === 0) expect(waitOf(() => limits.take('export', 'steady'))).toBe(6);
    }
  });
});
