// Doing it again: only where the error says that it can help, after the wait that the other side asked for, a few times.
import { setTimeout as pause } from 'node:timers/promises';
import { TillsyncError } from '../errors.ts';

export interface RetryOptions {
  /** How often in all; default 3. */
  tries?: number;
  signal?: AbortSignal;
  /** Called before each wait. */
  onWait?: ((milliseconds: number, error: Error) => void) | undefined;
  /** Longest single wait in seconds; an error that asks for more is thrown, with what it asks for in it. Default 120. */
  mostSeconds?: number;
  /** Waits; default a timer. */
  pause?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

/**
 * Runs `work` until it succeeds, at most `tries` times. Waits only for TillsyncErrors with a retry decision: what they
 * ask for, else 1 s, 2 s, 4 s …, and always a random part on top, so that many clients do not come back together.
 * Throws the last error; an abort of `signal` throws its reason.
 */
export async function withRetries<T>(work: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { tries = 3, signal, mostSeconds = 120 } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      const wait = attempt < tries ? millisecondsToWait(error, attempt) : null;
      if (wait === null || wait > mostSeconds * 1_000 * (1 + jitter)) throw error;
      signal?.throwIfAborted();
      options.onWait?.(wait, error as Error);
      await (options.pause ?? defaultPause)(wait, signal);
    }
  }
}

const jitter = 0.25;

function millisecondsToWait(error: unknown, attempt: number): number | null {
  if (!(error instanceof TillsyncError) || error.retry === 'no') return null;
  // A host that rests is left alone by everybody; waiting for it here would hold a worker, and meet the same rest again.
  if (error.code === 'upstream_resting') return null;
  const { retry } = error;
  const asked = retry === 'later' ? 2 ** (attempt - 1) : retry.afterSeconds;
  // Never less than what was asked for: whoever returns early is made to wait longer.
  return Math.ceil(asked * 1_000 * (1 + Math.random() * jitter) + Math.random() * 250);
}

async function defaultPause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(milliseconds, undefined, signal ? { signal } : {});
  } catch (error) {
    // The timer's own AbortError says less than the reason of whoever aborted.
    throw signal?.aborted ? signal.reason : error;
  }
}
