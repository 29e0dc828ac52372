// Keeps a run's lease while it works: a heartbeat on a connection of its own, and an abort when the lease is lost.

import { type Claim, renewLease } from '../../records/runs/lease-run.ts';
import type { RunPhase } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';
import { startLeaseClock } from './lease-clock.ts';

/** How far a run has come. */
export interface RunProgress {
  phase: RunPhase;
  items: number;
  bytes: number;
}

export interface Lease {
  claim: Claim;
  /** Aborted when the caller gives up or the lease is lost; its reason is the error. */
  signal: AbortSignal;
  /** Aborted only when the lease is lost: then not even a rollback may be waited for. */
  lost: AbortSignal;
  /** Notes progress; told to the caller at once and to the database with the next heartbeat. */
  note(progress: Partial<RunProgress>): void;
  stop(): void;
}

export interface LeaseOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: RunProgress) => void) | undefined;
}

/** Starts the heartbeat: every third of the lease, in database time. */
export function keepLease(deps: Deps, claim: Claim, options: LeaseOptions): Lease {
  const clock = startLeaseClock(deps.leaseSeconds, claim.askedAt);
  const signal = options.signal ? AbortSignal.any([options.signal, clock.signal]) : clock.signal;
  let progress: RunProgress = { phase: 'fetch', items: 0, bytes: 0 };
  let isBeating = false;
  const beat = async () => {
    // A beat that waits (for a lock, for a connection) is not joined by more, which would take the whole pool.
    if (isBeating) return;
    isBeating = true;
    const { phase, ...rest } = progress;
    const askedAt = performance.now();
    try {
      const held = await renewLease(deps.database, claim, { leaseSeconds: deps.leaseSeconds, phase, progress: rest });
      if (held) clock.confirm(askedAt);
      else clock.lose();
    } catch (error) {
      // A missed beat is not yet a lost lease: there are two more before it ends, and then the clock says so.
      deps.log.warn({ run: claim.runId, err: error }, 'heartbeat failed');
    } finally {
      isBeating = false;
    }
  };
  const timer = setInterval(() => void beat(), (deps.leaseSeconds * 1000) / 3);
  return {
    claim,
    signal,
    lost: clock.signal,
    note(part) {
      progress = { ...progress, ...part };
      options.onProgress?.(progress);
    },
    stop() {
      clearInterval(timer);
      clock.stop();
    },
  };
}
