// The exit codes of the command, and which end of a run or error leads to which.
import { TillsyncError } from '../errors.ts';
import type { Run } from '../records/runs/run.ts';

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  partial: 3,
  held: 4,
  alreadyRunning: 5,
  /** As in sysexits.h: the same command can succeed later. */
  tryLater: 75,
} as const;

/** The exit code for a run as it stands. */
export function exitCodeOfRun(run: Run): number {
  switch (run.status) {
    case 'success':
    case 'planned':
      return exitCodes.ok;
    case 'partial':
      return exitCodes.partial;
    case 'held':
      return exitCodes.held;
    case 'queued':
    case 'in_progress':
      return exitCodes.tryLater;
    default:
      return run.error !== null && run.error.retry !== 'no' ? exitCodes.tryLater : exitCodes.failed;
  }
}

/** The exit code for an error; one that passes by itself is 75, whatever it was. */
export function exitCodeOfError(error: unknown): number {
  if (!(error instanceof TillsyncError)) return exitCodes.failed;
  if (error.exitCode === exitCodes.failed && error.retry !== 'no') return exitCodes.tryLater;
  return error.exitCode;
}
