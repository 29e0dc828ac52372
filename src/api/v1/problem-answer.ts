// Errors as problem+json (RFC 9457): the same sentence, code, effect and fix as the command shows.
import { errorRecord, TillsyncError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { retrySeconds, runIdOf, statusOf } from '../error-status.ts';
import { securityHeaders } from '../security-headers.ts';
import type { Problem } from './schemas/problem-schema.ts';

/** The answer for anything thrown. A bug is logged with its stack; the caller sees only the request's id. */
export function problemAnswer(error: unknown, of: { requestId: string; log: Logger }): Response {
  const problem = problemOf(error, of.requestId);
  if (error instanceof TillsyncError) {
    of.log.info({ request: of.requestId, code: error.code, facts: error.facts }, error.message);
  } else {
    of.log.error({ request: of.requestId, err: error }, 'unexpected error in the API');
  }
  return new Response(JSON.stringify(problem), { status: problem.status, headers: headersOf(error, problem) });
}

function problemOf(error: unknown, requestId: string): Problem {
  const record = errorRecord(error, requestId);
  const isKnown = error instanceof TillsyncError;
  const runId = isKnown ? runIdOf(error) : undefined;
  const errors = isKnown ? error.facts.errors : undefined;
  return {
    type: `/api/docs/errors#${record.code}`,
    title: titleOf(record.code),
    status: isKnown ? statusHere(error) : 500,
    detail: record.message,
    instance: `urn:uuid:${requestId}`,
    code: record.code,
    step: record.step,
    effect: record.effect,
    hint: record.hint,
    retry: record.retry,
    ...(record.sql === undefined ? {} : { sql: record.sql }),
    ...(runId === undefined ? {} : { run_id: runId }),
    ...(Array.isArray(errors) ? { errors } : {}),
  };
}

// A POS that fails is no failure of this server: whoever watches its 5xx answers would look in the wrong place.
function statusHere(error: TillsyncError): number {
  const status = statusOf(error);
  return status === 502 ? 424 : status;
}

function headersOf(error: unknown, problem: Problem): Record<string, string> {
  const seconds = retrySeconds(problem.retry);
  const canWait = [409, 424, 429, 503].includes(problem.status);
  const allow = error instanceof TillsyncError ? error.facts.allow : undefined;
  return {
    ...securityHeaders,
    'content-type': 'application/problem+json; charset=utf-8',
    ...(seconds !== null && canWait ? { 'retry-after': String(seconds) } : {}),
    ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(typeof allow === 'string' ? { allow } : {}),
  };
}

/** 'config_unknown' → 'Config unknown'. */
function titleOf(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
