// When it is done again, after how long, and when not.
import { describe, expect, test } from 'vitest';
import { type Retry, TillsyncError } from '../errors.ts';
import { upstreamResting } from './manners/breaker.ts';
import { withRetries } from './retries.ts';
import { mostAsked, mostReset, secondsToReset, secondsToWait } from './retry-after.ts';

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

  test('a host that rests is not waited for: the run ends with the time when it is tried again', async () => {
    const resting = upstreamResting('pos.example', { retryAt: new Date('2025-10-30T11:00:30Z'), seconds: 29.5 });
    expect(resting.message).toContain('until 2025-10-30T11:00:30Z');
    expect(resting.retry).toEqual({ afterSeconds: 30 });
    expect(await attempt([resting])).toMatchObject({ result: resting, calls: 1, waits: [] });
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
    ['X-Retry-After where there is no other', { 'x-retry-after': '8' }, 8],
    ['Retry-After before X-Retry-After', { 'retry-after': '3', 'x-retry-after': '99' }, 3],
    ['nonsense, then X-Retry-After', { 'retry-after': 'soon', 'x-retry-after': '9' }, 9],
    ['seconds since 1970', { 'retry-after': String(epoch + 20) }, 20],
    ['more than a day', { 'retry-after': '200000' }, mostAsked],
    ['a date next year', { 'retry-after': 'Fri, 30 Oct 2026 11:00:00 GMT' }, mostAsked],
    ['a reset header, which is no wait by itself', { 'ratelimit-reset': '15' }, null],
    ['nothing', {}, null],
    ['nonsense', { 'retry-after': '-5' }, null],
    ['an empty text', { 'retry-after': '' }, null],
    ['a list', { 'retry-after': '1, 2' }, null],
  ];
  test.each(cases)('F18: %s', (_name, headers, seconds) => {
    expect(secondsToWait({ get: (name) => headers[name] ?? null }, now)).toBe(seconds);
  });
});

describe('F18: the reset of a rate limit', () => {
  const now = new Date('2025-10-30T11:00:00Z');
  const epoch = now.getTime() / 1_000;
  const cases: [string, Record<string, string>, number | null][] = [
    ['in seconds from now', { 'ratelimit-reset': '15' }, 15],
    ['with a fraction', { 'x-ratelimit-reset': '0.25' }, 0.25],
    ['in epoch seconds', { 'x-toast-ratelimit-reset': String(epoch + 45) }, 45],
    ['in epoch seconds with a fraction', { 'x-ratelimit-reset': String(epoch + 4.5) }, 4.5],
    ['in epoch milliseconds', { 'x-ratelimit-reset': String(now.getTime() + 5_000) }, 5],
    [
      'in epoch seconds of a clock that is an hour off, measured by the same clock',
      { 'x-ratelimit-reset': String(epoch + 3_600 + 12), date: 'Thu, 30 Oct 2025 12:00:00 GMT' },
      12,
    ],
    ['the largest number that is still a wait', { 'ratelimit-reset': '99999999' }, mostReset],
    ['the smallest number that is a moment (1973)', { 'ratelimit-reset': '100000000' }, null],
    ['the largest number of seconds that is a moment (5138)', { 'ratelimit-reset': '99999999999' }, mostReset],
    ['the smallest number of milliseconds (1973)', { 'ratelimit-reset': '100000000000' }, null],
    ['a moment that has passed', { 'x-ratelimit-reset': String(epoch - 1) }, null],
    [
      'a moment that has passed, then one to come',
      { 'ratelimit-reset': String(epoch - 1), 'x-ratelimit-reset': '9' },
      9,
    ],
    ['far away', { 'x-ratelimit-reset': String(epoch + 86_400 * 365) }, mostReset],
    ['nonsense', { 'x-ratelimit-reset': 'tomorrow' }, null],
    ['negative', { 'x-ratelimit-reset': '-3' }, null],
    ['nothing', {}, null],
  ];
  test.each(cases)('%s', (_name, headers, seconds) => {
    expect(secondsToReset({ get: (name) => headers[name] ?? null }, now)).toBe(seconds);
  });
});
