// How long the next attempt must wait: each failure beyond a few doubles it, and nobody is locked out.
import type { DelayState } from '../../../records/people/sign-in-delays.ts';
import { after, peopleTimes } from '../people-times.ts';

/** How patient one kind of count is. */
export interface Patience {
  /** Failures that cost no wait. */
  free: number;
  /** Seconds that a wait grows to. */
  longest: number;
}

/**
 * patience.accountHere: one account from one address, where nearly all guessing is. address: whatever account, against
 * trying one password on many. account: from wherever, against many addresses; short, because its owner waits, too. code:
 * the second factor of one user from wherever: whoever gets there knows the password.
 */
export const patience = {
  accountHere: { free: 5, longest: 900 },
  address: { free: 20, longest: 900 },
  account: { free: 50, longest: 60 },
  code: { free: 10, longest: 900 },
} as const satisfies Record<string, Patience>;

/** The state after one more attempt, counted as failed until it succeeds; null = the earlier ones make it wait. */
export function nextAttempt(state: DelayState, { free, longest }: Patience, now: Date): DelayState | null {
  if (now < state.nextAllowedAt) return null;
  const isForgotten = now.getTime() - state.lastFailedAt.getTime() > peopleTimes.failuresKept;
  const failures = (isForgotten ? 0 : state.failures) + 1;
  // 2^30 seconds are beyond every limit, and still a number of milliseconds that a Date takes.
  const seconds = failures < free ? 0 : Math.min(longest, 2 ** Math.min(failures - free, 30));
  return { failures, lastFailedAt: now, nextAllowedAt: after(now, seconds * 1000) };
}
