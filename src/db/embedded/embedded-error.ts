// Errors of the embedded PostgreSQL: each says what stands in the way and offers DATABASE_URL.
import { TillsyncError } from '../../errors.ts';

/** An error of the embedded PostgreSQL: nothing was written, exit code 2 (not runnable), HTTP 503. */
export function embeddedError(
  code: string,
  message: string,
  details: { effect?: string; hint?: string; cause?: unknown; facts?: Record<string, unknown> } = {},
): TillsyncError {
  return new TillsyncError(message, {
    code,
    step: 'sync',
    effect: details.effect ?? 'Nothing was changed in any database.',
    hint: details.hint ?? 'Set DATABASE_URL (or --database-url) to a PostgreSQL 15 or later of your own.',
    status: 503,
    exitCode: 2,
    ...(details.cause === undefined ? {} : { cause: details.cause }),
    ...(details.facts === undefined ? {} : { facts: details.facts }),
  });
}

/** The system's error code of what was thrown ('ENOENT', 'EEXIST', …), or undefined. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
}
