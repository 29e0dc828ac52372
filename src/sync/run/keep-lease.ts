// Keeps a run's lease while it works: a heartbeat on a connection of its own, a look for a cancel, and an abort on either.
import { readCancelRequest } from '../../records/owners/cancel-run.ts';
import { leaseLost } from '../../records/runs/finish-run.ts';
import { type Claim, renewLease } from '../../records/runs/lease-run.ts';
import type { RunPhase } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';
import { runCancelled } from '../requests/cancel-run.ts';

/** How far a run has come. */
export interface RunProgress {
  phase: RunPhase;
  items: number;
  bytes: number;
}

export interface Lease {
  claim: Claim;
  /** Aborted when the caller gives up, somebody cancels or the lease is lost; its reason is the error. */
  signal: AbortSignal;
  /** Notes progress; told to the caller at once and to the database with the next heartbeat. */
  note(progress: Partial<RunProgress>): void;
  stop(): void;
}

export interface LeaseOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: RunProgress) => void) | undefined;
}

// A cancel is obeyed within two seconds while the POS is asked.
const lookMilliseconds = 1000;

/** Starts the heartbeat: every third of the lease, in database time. */
export function keepLease(deps: Deps, claim: Claim, options: LeaseOptions): Lease {
  const ending = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ending.signal]) : ending.signal;
  let progress: RunProgress = { phase: 'fetch', items: 0, bytes: 0 };
  const beat = alone(async () => {
    const { phase, ...rest } = progress;
    try {
      const held = await renewLease(deps.database, claim, { leaseSeconds: deps.leaseSeconds, phase, progress: rest });
      if (!held) ending.abort(leaseLost());
    } catch (error) {
      // A missed beat is not yet a lost lease: there are two more before it ends.
      deps.log.warn({ run: claim.runId, err: error }, 'heartbeat failed');
    }
  });
  const look = alone(async () => {
    try {
      if ((await readCancelRequest(deps.database, claim)) !== null) ending.abort(runCancelled());
    } catch (error) {
      deps.log.debug({ run: claim.runId, err: error }, 'the look for a cancel failed');
    }
  });
  const timers = [setInterval(beat, (deps.leaseSeconds * 1000) / 3), setInterval(look, lookMilliseconds)];
  return {
    claim,
    signal,
    note(part) {
      progress = { ...progress, ...part };
      options.onProgress?.(progress);
    },
    stop: () => timers.forEach(clearInterval),
  };
}

/** One that waits (for a lock, for a connection) is not joined by more, which would take the whole pool. */
function alone(work: () => Promise<void>): () => void {
  let isAtWork = false;
  return () => {
    if (isAtWork) return;
    isAtWork = true;
    void work().finally(() => {
      isAtWork = false;
    });
  };
}
