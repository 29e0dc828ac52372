// What an answer outside 2xx means: redirect, credentials, rate limit, their fault or ours.
import { type ErrorDetails, type Retry, TillsyncError } from '../errors.ts';
import { excerpt } from './redact.ts';
import { secondsToReset, secondsToWait } from './retry-after.ts';

/** What is needed of an answer to judge it. */
export interface JudgedAnswer {
  status: number;
  headers: { get(name: string): string | null };
  text(limitBytes: number): Promise<string>;
  discard(): void;
}

/**
 * The error for a status outside 2xx and 304. Reads the beginning of the body for the log, never for the user; `redact` takes
 * known secrets out of it.
 */
export async function statusError(
  answer: JudgedAnswer,
  url: URL,
  redact: (text: string) => string,
): Promise<TillsyncError> {
  const { status } = answer;
  const now = new Date();
  const wait = secondsToWait(answer.headers, now) ?? (status === 429 ? secondsToReset(answer.headers, now) : null);
  const facts = { status, origin: url.origin, excerpt: await opening(answer, redact) };
  const error = (message: string, details: Omit<ErrorDetails, 'step'>) =>
    new TillsyncError(message, { step: 'fetch', facts, ...details });
  const later: Retry = wait === null ? 'later' : { afterSeconds: wait };
  if (status >= 300 && status < 400) return redirected(answer, url);
  if (status === 401 || status === 403) {
    return error(`The POS at ${url.origin} refused the credentials (HTTP ${status}).`, {
      code: 'upstream_auth',
      hint: 'Check the credentials of the config and whether they may read this establishment.',
    });
  }
  if (status === 429) {
    const when = wait === null ? '' : ` and asks to wait ${Math.ceil(wait)} s`;
    return error(`The POS at ${url.origin} limits requests (HTTP 429)${when}.`, {
      code: 'upstream_rate_limited',
      retry: later,
      hint: 'Try again later, or sync less often.',
    });
  }
  const transient = status >= 500 || status === 408 || status === 425;
  return error(`The POS at ${url.origin} answered HTTP ${status}.`, {
    code: 'upstream_status',
    retry: transient ? later : 'no',
    hint: transient
      ? 'The fault lies with the POS; try again later.'
      : 'Check base_url and the identity settings of the config.',
  });
}

function redirected(answer: JudgedAnswer, url: URL): TillsyncError {
  const target = URL.parse(answer.headers.get('location') ?? '', url.href);
  const where = target === null ? 'somewhere else' : target.origin === url.origin ? 'another path' : target.origin;
  return new TillsyncError(`The POS at ${url.origin} redirects to ${where} (HTTP ${answer.status}); not followed.`, {
    code: 'redirect_refused',
    step: 'fetch',
    hint: 'Put the final address into base_url; credentials are never sent to an address that an answer names.',
    facts: { status: answer.status, origin: url.origin },
  });
}

async function opening(answer: JudgedAnswer, redact: (text: string) => string): Promise<string> {
  try {
    // Known secrets first and everywhere: one that an excerpt cuts in two would not be recognised.
    return excerpt(redact(await answer.text(64 * 1024)));
  } catch {
    // The status is the news; a body that cannot be read adds nothing.
    answer.discard();
    return '';
  }
}
