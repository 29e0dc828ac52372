// One budget for all workers: turns in database time over two pools, pauses, and what a request costs.
import { describe, expect, test } from 'vitest';
import { freshDatabase, openAgain } from '../../../test/support/database.ts';
import type { Database } from '../../db/database.ts';
import { awaitTurn, type TurnOptions } from '../../net/manners/await-turn.ts';
import { type BudgetKey, paceOf, type RateRule, travelSeconds } from '../../net/manners/rate-budget.ts';
import { openRateBudget } from './rate-budget.ts';

const statements: string[] = [];
const { database, url } = await freshDatabase({ onStatement: (statement) => void statements.push(statement) });
const other = await openAgain(url);

let keys = 0;
function newKey(): BudgetKey {
  keys++;
  return { origin: 'https://pos.example', credential: keys.toString(16).padStart(64, '0') };
}

/** Twenty workers over both pools that ask for `count` turns in all, as fast as they can. */
async function race(key: BudgetKey, rule: RateRule, count: number): Promise<number[]> {
  const turns: number[] = [];
  const budgets = [database, other].map((each: Database) => openRateBudget(each));
  let left = count;
  const worker = async (index: number) => {
    while (left > 0) {
      left--;
      const turn = await budgets[index % 2]!.takeTurn(key, { pace: paceOf(rule), mostSeconds: 3_600 });
      expect(turn.granted).toBe(true);
      turns.push(turn.at.getTime());
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, index) => worker(index)));
  return turns.sort((a, b) => a - b);
}

describe('F18: a rate budget', () => {
  const rules: RateRule[] = [
    { requests: 20, perSeconds: 1 },
    { requests: 20, perSeconds: 1, burst: 10 },
    { requests: 16, perSeconds: 1, burst: 16 },
    { requests: 2, perSeconds: 3_600 / 60, burst: 2 },
    { requests: 1, perSeconds: 1 },
  ];
  test.each(rules)(
    'of $requests in $perSeconds s, burst $burst: twenty racing workers over two pools never exceed it in any window',
    async (rule) => {
      const began = performance.now();
      const turns = await race(newKey(), rule, Math.min(60, 3 * rule.requests + 4));
      const took = performance.now() - began;
      // Beyond the window by what the way may differ, so that the POS never counts one more; 2 ms for the rounding of dates.
      const least = (rule.perSeconds + travelSeconds) * 1_000 - 2;
      for (let at = rule.requests; at < turns.length; at++) {
        expect(turns[at]! - turns[at - rule.requests]!).toBeGreaterThanOrEqual(least);
      }
      // And it is used: the last turn is no later than the pace has it, beside what the asking itself took.
      const { interval, ahead } = paceOf(rule);
      const span = turns.at(-1)! - turns[0]!;
      expect(span).toBeLessThanOrEqual(Math.max(0, (turns.length - 1) * interval - ahead) * 1_000 + took);
    },
  );

  test('is one statement per request', async () => {
    const key = newKey();
    const budget = openRateBudget(database);
    statements.length = 0;
    await awaitTurn({ budget, key, rule: { requests: 100, perSeconds: 1 } });
    expect(statements).toHaveLength(1);
    statements.length = 0;
    await awaitTurn({ budget, key, rule: null });
    expect(statements).toHaveLength(1);
  });

  test('of one credential is not that of another, nor of the same one elsewhere', async () => {
    const budget = openRateBudget(database);
    const key = newKey();
    const pace = paceOf({ requests: 1, perSeconds: 60 });
    const waits: boolean[] = [];
    for (const each of [key, key, newKey(), { ...key, origin: 'https://other.example' }]) {
      waits.push((await budget.takeTurn(each, { pace, mostSeconds: 300 })).waitSeconds > 0);
    }
    expect(waits).toEqual([false, true, false, false]);
  });

  test('that has no turn soon enough takes none, and says when there is one', async () => {
    const budget = openRateBudget(database);
    const key = newKey();
    const rule = { requests: 1, perSeconds: 1_000 };
    await awaitTurn({ budget, key, rule });
    for (let n = 0; n < 3; n++) {
      const error: unknown = await awaitTurn({ budget, key, rule }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: 'rate_budget_used',
        message: expect.stringMatching(/free in (1000|1001|999) s/),
      });
    }
  });
});

describe('F18: a wait for a turn', () => {
  const rule = { requests: 1, perSeconds: 60 };

  /** Waits are told and over at once; `during` happens in the first of them. */
  function waiting(options: Partial<TurnOptions> & { key: BudgetKey; during?: () => Promise<void> }) {
    const told: number[] = [];
    const waits: number[] = [];
    const wait = async (milliseconds: number) => {
      waits.push(milliseconds);
      if (waits.length === 1) await options.during?.();
      if (waits.length > 3) throw new Error('waits without end');
    };
    const done = awaitTurn({
      budget: openRateBudget(database),
      rule,
      onWait: (milliseconds) => told.push(milliseconds),
      pause: wait,
      ...options,
    });
    return { done, told, waits };
  }

  test('is told before it begins, and ends with the reason of the one who aborts it', async () => {
    const key = newKey();
    await awaitTurn({ budget: openRateBudget(database), key, rule });
    const first = waiting({ key });
    await first.done;
    expect(first.told).toEqual(first.waits);
    expect(first.waits).toHaveLength(1);
    expect(first.waits[0]).toBeGreaterThan(55_000);
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const aborted = awaitTurn({
      budget: openRateBudget(database),
      key,
      rule,
      signal: controller.signal,
      onWait: () => controller.abort(reason),
    });
    await expect(aborted).rejects.toBe(reason);
  });

  test('a pause that the POS asked one worker for stops all others, with a rate and without', async () => {
    const key = newKey();
    await openRateBudget(other).pause(key, 100);
    // A shorter one that comes later does not end it.
    await openRateBudget(other).pause(key, 5);
    for (const each of [rule, null]) {
      const { waits, done } = waiting({ key, rule: each });
      // The pause is still there after a wait that took no time, so it is asked for again.
      await expect(done).rejects.toThrow();
      expect(waits[0]).toBeGreaterThan(95_000);
    }
  });

  test('a worker that waited for its turn when the pause came does not send into it', async () => {
    const key = newKey();
    await awaitTurn({ budget: openRateBudget(database), key, rule });
    const { waits, done } = waiting({
      key,
      during: () => openRateBudget(other).pause(key, 100),
    });
    await done.catch(() => undefined);
    expect(waits.length).toBeGreaterThan(1);
  });

  test('without a rate, those who come back after a pause do not come together', async () => {
    const key = newKey();
    await openRateBudget(other).pause(key, 100);
    const waits = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { waits: own, done } = waiting({ key, rule: null });
        await done.catch(() => undefined);
        return own[0] ?? 0;
      }),
    );
    expect(Math.min(...waits)).toBeGreaterThan(95_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(125_001);
    expect(new Set(waits.map((wait) => Math.round(wait / 100))).size).toBeGreaterThan(10);
  });
});
