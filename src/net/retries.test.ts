// When it is done again, after how long, and when not.
import { describe, expect, test } from 'vitest';
import { type Retry, TillsyncError } from '../errors.ts';
import { withRetries } from './retries.ts';
import { secondsToWait } from './retry-after.ts';

function failure(retry: Retry): TillsyncError {
  return new TillsyncError('The POS failed.', { code: 'upstream_status', step: 'fetch', retry, hint: 'Wait.' });
}

async function attempt(errors: readonly unknown[], options: { tries?: number; mostSeconds?: number } = {}) {
  const waits: number[] = [];
  const told: number[] = [];
  let calls = 0;
  const work = async () => {
    const error = errors[calls];
    calls++;
    if (error !== undefined) throw error;
    return 'done';
  };
  const pause = async (milliseconds: number) => {
    waits.push(milliseconds);
  };
  const onWait = (milliseconds: number) => told.push(milliseconds);
  const result = await withRetries(work, { ...options, pause, onWait }).catch((error: unknown) => error);
  return { result, waits, told, calls };
}

describe('retries', () => {
  test('F27: a transient error is tried three times in all, with growing waits', async () => {
    const error = failure('later');
    const { result, waits, told, calls } = await attempt([error, error, error, error]);
    expect(result).toBe(error);
    expect(calls).toBe(3);
    expect(told).toEqual(waits);
    expect(waits[0]).toBeGreaterThanOrEqual(1_000);
    expect(waits[1]).toBeGreaterThanOrEqual(2_000);
  });

  test('success after a failure is success', async () => {
    expect(await attempt([failure('later')])).toMatchObject({ result: 'done', calls: 2 });
  });

  test('F60: a permanent error and a bug are not tried again', async () => {
    expect(await attempt([failure('no')])).toMatchObject({ calls: 1, waits: [] });
    const bug = new TypeError('bug');
    expect(await attempt([bug])).toMatchObject({ result: bug, calls: 1 });
  });

  test('F18: a wait that was asked for is never cut short, and two clients do not wait equally long', async () => {
    const rounds = await Promise.all(Array.from({ length: 50 }, () => attempt([failure({ afterSeconds: 7 })])));
    const waits = rounds.flatMap((round) => round.waits);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(7_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(9_100);
    expect(new Set(waits).size).toBeGreaterThan(10);
  });

  test('F18: a longer wait than one run should hold is handed on instead', async () => {
    const error = failure({ afterSeconds: 600 });
    expect(await attempt([error])).toMatchObject({ result: error, calls: 1, waits: [] });
    expect(await attempt([error], { mostSeconds: 1_000 })).toMatchObject({ result: 'done', calls: 2 });
  });

  test('an abort during the wait ends it with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const run = withRetries(() => Promise.reject(failure('later')), {
      signal: controller.signal,
      onWait: () => controller.abort(reason),
    });
    await expect(run).rejects.toBe(reason);
  });
});

describe('the wait that an answer asks for', () => {
  const now = new Date('2025-10-30T11:00:00Z');
  const epoch = now.getTime() / 1_000;
  const cases: [string, Record<string, string>, number | null][] = [
    ['seconds', { 'retry-after': '120' }, 120],
    ['zero seconds', { 'retry-after': '0' }, 0],
    ['a date', { 'retry-after': 'Thu, 30 Oct 2025 11:01:30 GMT' }, 90],
    ['a date that has passed', { 'retry-after': 'Thu, 30 Oct 2025 10:00:00 GMT' }, 0],
    [
      'a date of a clock that is an hour off, measured by the same clock',
      { 'retry-after': 'Thu, 30 Oct 2025 12:00:30 GMT', date: 'Thu, 30 Oct 2025 12:00:00 GMT' },
      30,
    ],
    ['an RFC 850 date', { 'retry-after': 'Thursday, 30-Oct-25 11:00:10 GMT' }, 10],
    ['a reset in seconds from now', { 'ratelimit-reset': '15' }, 15],
    ['a reset in epoch seconds', { 'x-toast-ratelimit-reset': String(epoch + 45) }, 45],
    ['a reset in epoch milliseconds', { 'x-ratelimit-reset': String(now.getTime() + 5_000) }, 5],
    ['Retry-After before a reset', { 'retry-after': '3', 'x-ratelimit-reset': '99' }, 3],
    ['nonsense, then a reset', { 'retry-after': 'soon', 'x-ratelimit-reset': '9' }, 9],
    ['nothing', {}, null],
    ['nonsense', { 'retry-after': '-5' }, null],
    ['an empty text', { 'retry-after': '' }, null],
    ['a list', { 'retry-after': '1, 2' }, null],
  ];
  test.each(cases)('F18: %s', (_name, headers, seconds) => {
    expect(secondsToWait({ get: (name) => headers[name] ?? null }, now)).toBe(seconds);
  });
});
