// Waiting for one's turn in a shared budget: told, abortable, and never beyond a stated time.
import { setTimeout as sleep } from 'node:timers/promises';
import { TillsyncError } from '../../errors.ts';
import { type BudgetKey, paceOf, type RateBudget, type RateRule, type Turn } from './rate-budget.ts';

export interface TurnOptions {
  budget: RateBudget;
  key: BudgetKey;
  /** null = no declared rate: only a pause that the POS asked for is waited for. */
  rule: RateRule | null;
  /** Longest wait in all; default 300. Beyond it the run ends with what it waits for, and is tried again later. */
  mostSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Called before each wait. */
  onWait?: ((milliseconds: number, error: Error) => void) | undefined;
  /** Waits; default a timer. */
  pause?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

/**
 * Returns when a request may be sent; the seconds that it waited. Throws TillsyncError rate_budget_used, or the reason of
 * `signal`.
 */
export async function awaitTurn(options: TurnOptions): Promise<number> {
  const { budget, key, rule, signal } = options;
  let waited = 0;
  for (;;) {
    signal?.throwIfAborted();
    const mostSeconds = (options.mostSeconds ?? 300) - waited;
    const turn =
      rule === null
        ? await pauseAsTurn(options, mostSeconds)
        : await budget.takeTurn(key, { pace: paceOf(rule), mostSeconds });
    const error = budgetUsed(key, turn.waitSeconds);
    if (!turn.granted) throw error;
    if (turn.waitSeconds <= 0) return waited;
    // Rounded up: a timer that fires early would send too early.
    const milliseconds = Math.ceil(turn.waitSeconds * 1_000) + 1;
    options.onWait?.(milliseconds, error);
    await (options.pause ?? defaultPause)(milliseconds, signal);
    waited += turn.waitSeconds;
    // The POS may have stopped everybody meanwhile; then this turn is gone, and another is taken behind the pause.
    if ((await budget.pausedFor(key)) <= 0) return waited;
  }
}

/** Without a rate all come back at the end of a pause: each a random part later, up to a quarter. */
async function pauseAsTurn(
  { budget, key }: TurnOptions,
  mostSeconds: number,
): Promise<Pick<Turn, 'granted' | 'waitSeconds'>> {
  const paused = await budget.pausedFor(key);
  return { granted: paused <= mostSeconds, waitSeconds: paused * (1 + Math.random() / 4) };
}

function budgetUsed({ origin }: BudgetKey, seconds: number): TillsyncError {
  const message = `The requests that ${origin} allows are used up; the next one is free in ${Math.ceil(seconds)} s.`;
  return new TillsyncError(message, {
    code: 'rate_budget_used',
    step: 'fetch',
    retry: { afterSeconds: Math.ceil(seconds) },
    hint: 'Nothing needs to be done: it is tried again. Sync less often where it happens every time.',
    facts: { origin },
  });
}

async function defaultPause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}
