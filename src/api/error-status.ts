// Which HTTP status an error becomes, when it can be tried again, and which run it is about; the same for every face.
import type { Retry, TillsyncError } from '../errors.ts';

// The CLI calls these wrong input; over HTTP they are things that are not there.
const notFound = new Set([
  'config_unknown',
  'source_unknown',
  'run_unknown',
  'item_unknown',
  'hierarchy_unknown',
  'key_unknown',
  'place_unknown',
]);

// What PostgreSQL refuses outside a run is a value of the request (a NUL, a cursor of another list): nothing else is written.
const refusedValues = new Set(['text_unstorable', 'value_unstorable', 'number_out_of_range']);

/** The status of an error; a failure that passes by itself is 503. */
export function statusOf(error: TillsyncError): number {
  if (refusedValues.has(error.code)) return 400;
  const isPassing = error.retry !== 'no' && error.status === 500;
  return notFound.has(error.code) ? 404 : isPassing ? 503 : error.status;
}

/** The run that an error is about, or that stands in the way. */
export function runIdOf(error: TillsyncError): string | undefined {
  const id = error.facts.run_id ?? error.facts.run;
  return typeof id === 'string' ? id : undefined;
}

/** Seconds for Retry-After; null = trying again does not help. */
export function retrySeconds(retry: Retry): number | null {
  if (retry === 'no') return null;
  return retry === 'later' ? 30 : Math.ceil(retry.afterSeconds);
}
