// A problem of the API as the error that the command would have met itself, with the same exit code.
import { type ErrorStep, type Retry, TillsyncError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { exitCodes } from '../exit-code.ts';

interface SentProblem {
  detail: string;
  code: string;
  step: ErrorStep;
  effect: string;
  hint: string;
  retry: Retry;
  sql?: string;
  run_id?: string;
}

/** The error behind an answer of 400 and above, or behind one that is no answer of tillsync. */
export function problemError(status: number, body: Json | null): TillsyncError {
  if (!isProblem(body)) return noTillsync(status);
  const { detail, code, step, effect, hint, retry, sql, run_id } = body;
  return new TillsyncError(detail, {
    code,
    step,
    effect,
    hint,
    retry,
    status,
    exitCode: exitCodeOf(code, step),
    ...(sql === undefined ? {} : { sql }),
    ...(run_id === undefined ? {} : { facts: { run_id } }),
  });
}

// As the errors are made: what a person gave is usage, a run in the way is its own code, all else has failed.
function exitCodeOf(code: string, step: ErrorStep): number {
  if (code === 'sync_running') return exitCodes.alreadyRunning;
  return step === 'validation' || step === 'auth' ? exitCodes.usage : exitCodes.failed;
}

function isProblem(body: unknown): body is SentProblem {
  const sent = body as Partial<SentProblem> | null;
  return typeof sent?.detail === 'string' && typeof sent.code === 'string' && typeof sent.step === 'string';
}

function noTillsync(status: number): TillsyncError {
  return new TillsyncError(`What answers there (status ${status}) is not the HTTP API of tillsync.`, {
    code: 'server_not_tillsync',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'Give the address that `tillsync start` prints with --server or TILLSYNC_SERVER, without a path.',
    exitCode: exitCodes.usage,
  });
}
