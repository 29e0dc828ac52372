// Errors of the edge contract: one sentence, a code and a hint; never a stack, a path, SQL or a host.
import { type ErrorRecord, type ErrorStep, errorRecord, TillsyncError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Run } from '../../records/runs/run.ts';
import { retrySeconds, runIdOf, statusOf } from '../error-status.ts';
import type { ErrorCode } from './functions-options.ts';

export interface ErrorBody {
  success: false;
  error: string;
  error_code: ErrorCode;
  hint: string;
  run_id?: string;
  held?: true;
}

export interface ErrorAnswer {
  status: number;
  body: ErrorBody;
  headers: Record<string, string>;
}

const codes: Readonly<Record<Exclude<ErrorStep, 'sync'>, ErrorCode>> = {
  fetch: 'FETCH_ERROR',
  format: 'FORMAT_ERROR',
  save: 'SAVE_ERROR',
  auth: 'AUTH_ERROR',
  validation: 'VALIDATION_ERROR',
};
const statuses: Readonly<Record<ErrorStep, number>> = {
  fetch: 502,
  format: 422,
  save: 500,
  sync: 500,
  auth: 401,
  validation: 400,
};
/**
 * The answer for anything thrown. `own` is the function's own code, used where the error names no step.
 * A bug is logged with its stack under a reference id, and the caller sees only that id.
 */
export function errorAnswer(error: unknown, own: ErrorCode, log: Logger): ErrorAnswer {
  if (!(error instanceof TillsyncError)) {
    const reference = crypto.randomUUID();
    log.error({ reference, err: error }, 'unexpected error in an edge function');
    return answerOf(errorRecord(error, reference), { own, status: 500 });
  }
  log.info({ code: error.code, step: error.step, facts: error.facts }, error.message);
  return answerOf(errorRecord(error, ''), { own, status: statusOf(error), runId: runIdOf(error) });
}

/** The answer for a run that ended without saving: failed, interrupted or cancelled. */
export function failedRunAnswer(run: Run, own: ErrorCode): ErrorAnswer {
  const record = run.error;
  if (record === null) {
    const error = `The run was ${run.status} before it could finish.`;
    return problem({ status: 503, code: own, error, hint: 'Start it again.', runId: run.id });
  }
  const later = record.retry !== 'no' && (record.step === 'sync' || record.step === 'save');
  return answerOf(record, { own, status: later ? 503 : statuses[record.step], runId: run.id });
}

/** The answer for a run that the guard held: nothing was written. */
export function heldRunAnswer(run: Run): ErrorAnswer {
  const reasons = (run.hold?.rules ?? []).map((rule) => rule.message).join(' ');
  const answer = problem({
    status: 409,
    code: 'SAVE_ERROR',
    error: `Held: ${reasons === '' ? 'the guard stopped this save.' : reasons} Nothing was written.`,
    hint: `Look at it with \`tillsync diff ${run.id}\`, then \`tillsync runs approve ${run.id}\` or \`tillsync runs discard ${run.id}\`.`,
    runId: run.id,
  });
  answer.body.held = true;
  return answer;
}

/** The answer for a source that another run is working on. */
export function alreadyRunningAnswer(run: Run, own: ErrorCode): ErrorAnswer {
  const answer = problem({
    status: 409,
    code: own,
    error: `A sync of this source is already running (run ${run.id}, ${run.phase ?? run.status}).`,
    hint: 'Wait for that run to end, then try again.',
    runId: run.id,
  });
  answer.headers['retry-after'] = '5';
  return answer;
}

interface Problem {
  status: number;
  code: ErrorCode;
  error: string;
  hint: string;
  runId?: string | undefined;
}

/** An error answer of the contract from its parts. */
export function problem({ status, code, error, hint, runId }: Problem): ErrorAnswer {
  return {
    status,
    body: { success: false, error, error_code: code, hint, ...(runId === undefined ? {} : { run_id: runId }) },
    headers: {},
  };
}

function answerOf(
  record: ErrorRecord,
  { own, status, runId }: { own: ErrorCode; status: number; runId?: string | undefined },
): ErrorAnswer {
  const code = record.step === 'sync' ? own : codes[record.step];
  const answer = problem({ status, code, error: record.message, hint: record.hint, runId });
  const seconds = retrySeconds(record.retry);
  if (seconds !== null && (status === 503 || status === 502 || status === 429)) {
    answer.headers['retry-after'] = String(seconds);
  }
  return answer;
}
