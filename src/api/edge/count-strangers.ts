// Limits of who is not known yet, or has proven nothing: by the address that the call came from.
import type { Context } from 'hono';
import { networkOf } from '../../net/address-ranges.ts';
import { clientAddress } from './client-address.ts';
import type { RateLimits } from './rate-limits.ts';

// Wherever a password, a code or a link is tried.
const signingIn = /^\/api\/v1\/(session|links|me\/(password|second-factor|recovery-codes))(\/|$)/;
const withoutKey = /^\/api\/(docs|openapi\.json)/;

/** Counts what anybody may call, before anything is done for it. Throws TillsyncError rate_limited. */
export function countStranger(limits: RateLimits, context: Context): void {
  const { path, method } = context.req;
  if (path.startsWith('/hooks/')) limits.take('hook', addressOf(context));
  else if (withoutKey.test(path)) limits.take('page', addressOf(context));
  else if ((method === 'POST' || method === 'PUT') && signingIn.test(path)) limits.take('sign-in', addressOf(context));
}

/**
 * Counts a call that was answered 401. Throws TillsyncError rate_limited: then that is the answer. Whoever has a valid
 * key is never counted here, so a stranger behind the same proxy locks nobody out.
 */
export function countUnproven(limits: RateLimits, context: Context): void {
  limits.take('unproven', addressOf(context));
}

function addressOf(context: Context): string {
  const address = clientAddress(context);
  return address === null ? 'unknown' : networkOf(address);
}
