// The one hierarchy of errors: each says its code, whether a retry helps, what it did to the data, and the fix.

/** When trying the same thing again can help: never, later (transient), or not before so many seconds. */
export type Retry = 'no' | 'later' | { afterSeconds: number };

/** The step of a run in which an error arose; the edge contract's error_code is derived from it. */
export type ErrorStep = 'fetch' | 'format' | 'save' | 'sync' | 'auth' | 'validation';

export interface ErrorDetails {
  /** Stable, snake_case, documented in docs/reference/errors.md. */
  readonly code: string;
  readonly step: ErrorStep;
  readonly retry?: Retry;
  /** One sentence on what happened to the data. Default: 'Your catalog was not changed.' */
  readonly effect?: string;
  /** One sentence with the fix. */
  readonly hint: string;
  /** Exact SQL that repairs it, where SQL does. */
  readonly sql?: string;
  /** HTTP status at the API's edge; default 500 for step save/sync, 422 for validation, 401 for auth, 502 for fetch. */
  readonly status?: number;
  /** Exit code of the CLI; default 1. */
  readonly exitCode?: number;
  /** Facts for the log and for machines; never secrets. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * An error that is meant for a person: `message` is one clear sentence without SQLSTATEs, paths or secrets.
 * Everything that is not a TillsyncError is a bug and is shown as a reference id only.
 */
export class TillsyncError extends Error {
  readonly code: string;
  readonly step: ErrorStep;
  readonly retry: Retry;
  readonly effect: string;
  readonly hint: string;
  readonly doc: string;
  readonly sql: string | undefined;
  readonly status: number;
  readonly exitCode: number;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'TillsyncError';
    this.code = details.code;
    this.step = details.step;
    this.retry = details.retry ?? 'no';
    this.effect = details.effect ?? 'Your catalog was not changed.';
    this.hint = details.hint;
    this.doc = `docs/reference/errors.md#${details.code}`;
    this.sql = details.sql;
    this.status = details.status ?? defaultStatus[details.step];
    this.exitCode = details.exitCode ?? 1;
    this.facts = details.facts ?? {};
  }
}

const defaultStatus: Readonly<Record<ErrorStep, number>> = {
  fetch: 502,
  format: 422,
  save: 500,
  sync: 500,
  auth: 401,
  validation: 400,
};

/** A person's input is unusable; exit code 2, HTTP 400. */
// biome-ignore lint/complexity/useMaxParams: three texts and rarely facts; an object would say their names in sixty places.
export function inputError(
  code: string,
  message: string,
  hint: string,
  facts?: Record<string, unknown>,
): TillsyncError {
  return new TillsyncError(message, { code, step: 'validation', hint, exitCode: 2, ...(facts ? { facts } : {}) });
}

/** What is stored in a run row and shown by CLI and API of an error. */
export interface ErrorRecord {
  code: string;
  step: ErrorStep;
  message: string;
  effect: string;
  hint: string;
  doc: string;
  sql?: string;
  retry: Retry;
}

/** The storable form of any error; a bug becomes `internal` with its reference id and no text of its own. */
export function errorRecord(error: unknown, reference: string): ErrorRecord {
  if (error instanceof TillsyncError) {
    const { code, step, message, effect, hint, doc, sql, retry } = error;
    return { code, step, message, effect, hint, doc, retry, ...(sql === undefined ? {} : { sql }) };
  }
  return {
    code: 'internal',
    step: 'sync',
    message: `Something unexpected went wrong inside tillsync (reference ${reference}).`,
    effect: 'The run was rolled back; your catalog was not changed.',
    hint: `Look for ${reference} in the log and report it with the lines around it.`,
    doc: 'docs/reference/errors.md#internal',
    retry: 'no',
  };
}
