// Finds out who calls /api: a Bearer key, or the session that a browser's cookie names.
import type { Context } from 'hono';
import { type Caller, nobody } from '../../../access/caller.ts';
import { notSignedIn } from '../../../access/people/people-errors.ts';
import { callerOfSession } from '../../../access/people/sessions/caller-of-session.ts';
import { readSessionCookie } from '../../edge/session-cookie.ts';
import { checkCaller } from '../../functions/check-caller.ts';
import type { ApiEnv, ApiGiven } from '../api-given.ts';

/** Addresses for who has proven nothing yet: there the caller is nobody, whatever comes along. */
export const publicRoutes: ReadonlySet<string> = new Set([
  'POST /api/v1/session',
  'POST /api/v1/links/look',
  'POST /api/v1/links/use',
]);

/**
 * The caller of a request. A key that is sent counts, before any cookie. Throws TillsyncError api_key_missing,
 * api_key_invalid, not_signed_in (401).
 */
export async function findCaller(context: Context<ApiEnv>): Promise<Caller> {
  const { method, path } = context.req;
  if (publicRoutes.has(`${method} ${path}`)) return nobody;
  return await provenCaller(context, context.get('given'));
}

/** The same for any address of the server: by a key, else by the session of the cookie. */
export async function provenCaller(
  context: Context,
  { deps, options }: Pick<ApiGiven, 'deps' | 'options'>,
): Promise<Caller> {
  const { raw } = context.req;
  const token = raw.headers.has('authorization') ? null : readSessionCookie(context);
  if (token === null) return await checkCaller(raw, options);
  const caller = await callerOfSession(deps.database, token);
  if (caller === null) throw notSignedIn();
  return caller;
}
