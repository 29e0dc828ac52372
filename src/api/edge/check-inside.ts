// Who may look at what describes the server itself: its metrics, and the pages about what can be called.
import type { Context } from 'hono';
import { callerOfSession } from '../../access/people/sessions/caller-of-session.ts';
import type { Deps } from '../../sync/deps.ts';
import { checkCaller } from '../functions/check-caller.ts';
import type { FunctionsOptions } from '../functions/functions-options.ts';
import { isLocalRequest } from '../metrics/metrics-access.ts';
import { readSessionCookie } from './session-cookie.ts';

/**
 * Lets through everybody on this machine where the server listens only there; else whoever has a key or is signed in.
 * Throws TillsyncError api_key_missing, api_key_invalid (401).
 */
export async function checkInside(
  context: Context,
  { deps, options }: { deps: Deps; options: FunctionsOptions & { listensOnLoopback?: boolean } },
): Promise<void> {
  const request = context.req.raw;
  if (isLocalRequest(request, options.listensOnLoopback === true)) return;
  const token = request.headers.has('authorization') ? null : readSessionCookie(context);
  if (token !== null && (await callerOfSession(deps.database, token)) !== null) return;
  await checkCaller(request, options);
}
