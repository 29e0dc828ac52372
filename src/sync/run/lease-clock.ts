// A lease by this process's own clock: it is over when no renewal was confirmed in time, also while the database is silent.
import { leaseLost } from '../../records/runs/finish-run.ts';

export interface LeaseClock {
  /** Aborts when the lease is lost; its reason is lease_lost. */
  signal: AbortSignal;
  /** A renewal that was asked for at `askedAt` (performance.now()) has been confirmed. */
  confirm(askedAt: number): void;
  /** The database says that the lease is gone. */
  lose(): void;
  stop(): void;
}

/**
 * Counts from when the claim was asked for. The database counts from when it heard of it, which is later: so this clock,
 * which no change of the time of day moves, never takes a lease for alive that others may end.
 */
export function startLeaseClock(leaseSeconds: number, askedAt: number): LeaseClock {
  const lost = new AbortController();
  const lose = () => lost.abort(leaseLost());
  const endOf = (asked: number) => setTimeout(lose, Math.max(0, asked + leaseSeconds * 1000 - performance.now()));
  let timer = endOf(askedAt);
  return {
    signal: lost.signal,
    confirm(asked) {
      clearTimeout(timer);
      timer = endOf(asked);
    },
    lose,
    stop: () => clearTimeout(timer),
  };
}
