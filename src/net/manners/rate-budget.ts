// How many requests one credential may make, shared by all workers: the rule, its arithmetic, and the port to the store.

/** At most `requests` in any `perSeconds`, however many workers there are. */
export interface RateRule {
  requests: number;
  perSeconds: number;
  /** How many may go at once after a quiet time; default 1, so that requests are spread evenly. */
  burst?: number;
}

/** Who pays: one credential at one origin. */
export interface BudgetKey {
  /** As URL.origin. */
  origin: string;
  /** Names the credential without telling it, in hex. */
  credential: string;
}

/** A rule as the store needs it, in seconds. */
export interface Pace {
  /** Between two turns. */
  interval: number;
  /** How far turns may run ahead of that. */
  ahead: number;
}

/** The answer to asking for a turn. */
export interface Turn {
  /** false = none is free soon enough, and none was taken. */
  granted: boolean;
  /** The turn, in the store's time. */
  at: Date;
  /** Seconds until the turn, in the store's time; 0 = now. */
  waitSeconds: number;
}

/** Implemented over PostgreSQL in records/upstream/, in database time. */
export interface RateBudget {
  /** Takes the next free turn if it comes within `mostSeconds`. A turn that is not used is lost, never doubled. */
  takeTurn(key: BudgetKey, of: { pace: Pace; mostSeconds: number }): Promise<Turn>;
  /** Seconds for which nobody may use this budget; 0 = it is not paused. */
  pausedFor(key: BudgetKey): Promise<number>;
  /** Stops all workers for so long; never shortens a longer pause. */
  pause(key: BudgetKey, seconds: number): Promise<void>;
}

/**
 * What the way to the POS may differ between two requests, in seconds. Turns are this much sparser than the rule, so that
 * requests that travelled slower or faster still arrive within it.
 */
export const travelSeconds = 0.2;

/**
 * The pace at which no `perSeconds` can see more than `requests`: after `burst` at once, one per interval. In a window of
 * W seconds that is burst + W / interval - 1, so the interval is W / (requests - burst + 1).
 */
export function paceOf({ requests, perSeconds, burst = 1 }: RateRule): Pace {
  if (!(requests >= 1 && perSeconds > 0 && burst >= 1 && burst <= requests)) {
    throw new Error(`a rate budget of ${requests} requests per ${perSeconds} s with a burst of ${burst}`);
  }
  const interval = (perSeconds + travelSeconds) / (requests - burst + 1);
  return { interval, ahead: interval * (burst - 1) };
}
