// Keeps a run's lease while it works: a heartbeat on a connection of its own, and an abort when the lease is lost.

import { leaseLost } from '../../records/runs/finish-run.ts';
import { type Claim, renewLease } from '../../records/runs/lease-run.ts';
import type { RunPhase } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';
import type { RunLog } from './log/run-log.ts';

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
  /** Notes progress; told to the caller at once and to the database with the next heartbeat. */
  note(progress: Partial<RunProgress>): void;
  /** What happens is told here, for `runs logs`. */
  runLog: RunLog;
  stop(): void;
}

export interface LeaseOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: RunProgress) => void) | undefined;
}

/** Starts the heartbeat: every third of the lease, in database time. */
export function keepLease(deps: Deps, claim: Claim, options: LeaseOptions & { runLog: RunLog }): Lease {
  const lost = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, lost.signal]) : lost.signal;
  let progress: RunProgress = { phase: 'fetch', items: 0, bytes: 0 };
  let isBeating = false;
  const beat = async () => {
    // A beat that waits (for a lock, for a connection) is not joined by more, which would take the whole pool.
    if (isBeating) return;
    isBeating = true;
    const { phase, ...rest } = progress;
    try {
      const held = await renewLease(deps.database, claim, { leaseSeconds: deps.leaseSeconds, phase, progress: rest });
      if (!held) lost.abort(leaseLost());
      // Not waited for: a log that hangs must not keep the lease from being prolonged.
      void options.runLog.flush();
    } catch (error) {
      // A missed beat is not yet a lost lease: there are two more before it ends.
      deps.log.warn({ err: error }, 'heartbeat failed');
    } finally {
      isBeating = false;
    }
  };
  const timer = setInterval(() => void beat(), (deps.leaseSeconds * 1000) / 3);
  return {
    claim,
    signal,
    runLog: options.runLog,
    note(part) {
      if (part.phase !== undefined) options.runLog.phase(part.phase);
      progress = { ...progress, ...part };
      options.onProgress?.(progress);
    },
    stop: () => clearInterval(timer),
  };
}
