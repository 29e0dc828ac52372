// Keeps a run's lease while it works: a heartbeat on a connection of its own, a look for a cancel, and an abort on either.
import { readCancelRequest } from '../../records/owners/cancel-run.ts';
import { type Claim, renewLease } from '../../records/runs/lease-run.ts';
import type { RunPhase } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';
import { runCancelled } from '../requests/cancel-run.ts';
import { startLeaseClock } from './lease-clock.ts';
import type { RunLog } from './log/run-log.ts';

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
  /** Aborted only when the lease is lost: then not even a rollback may be waited for. */
  lost: AbortSignal;
  /** Notes progress; told to the caller at once and to the database, for those who look on, within about a second. */
  note(progress: Partial<RunProgress>): void;
  /** What happens is told here, for `runs logs`. */
  runLog: RunLog;
  stop(): void;
}

export interface LeaseOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: RunProgress) => void) | undefined;
}

// A cancel is obeyed within two seconds while the POS is asked, and who looks on sees progress at least every two seconds.
const lookMilliseconds = 1000;

/** Starts the heartbeat: every third of the lease, in database time, and sooner where there is progress to tell. */
export function keepLease(deps: Deps, claim: Claim, options: LeaseOptions & { runLog: RunLog }): Lease {
  const clock = startLeaseClock(deps.leaseSeconds, claim.askedAt);
  const cancelled = new AbortController();
  const ends = [clock.signal, cancelled.signal];
  const signal = AbortSignal.any(options.signal ? [options.signal, ...ends] : ends);
  let progress: RunProgress = { phase: 'fetch', items: 0, bytes: 0 };
  let told = progress;
  const beat = alone(async () => {
    told = progress;
    const { phase, ...rest } = progress;
    const askedAt = performance.now();
    try {
      const held = await renewLease(deps.database, claim, { leaseSeconds: deps.leaseSeconds, phase, progress: rest });
      if (held) clock.confirm(askedAt);
      else clock.lose();
      // Not waited for: a log that hangs must not keep the lease from being prolonged.
      void options.runLog.flush();
    } catch (error) {
      // A missed beat is not yet a lost lease: there are two more before it ends, and then the clock says so.
      deps.log.warn({ err: error }, 'heartbeat failed');
    }
  });
  const look = alone(async () => {
    try {
      if ((await readCancelRequest(deps.database, claim)) !== null) cancelled.abort(runCancelled());
    } catch (error) {
      deps.log.debug({ err: error }, 'the look for a cancel failed');
    }
  });
  const tell = () => {
    if (progress !== told) beat();
  };
  const timers = [
    setInterval(beat, (deps.leaseSeconds * 1000) / 3),
    setInterval(look, lookMilliseconds),
    setInterval(tell, lookMilliseconds),
  ];
  return {
    claim,
    signal,
    lost: clock.signal,
    runLog: options.runLog,
    note(part) {
      if (part.phase !== undefined) options.runLog.phase(part.phase);
      progress = { ...progress, ...part };
      options.onProgress?.(progress);
    },
    stop() {
      timers.forEach(clearInterval);
      clock.stop();
    },
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
