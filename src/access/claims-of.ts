// What the statements of a request tell PostgreSQL about who asks.
import type { Claims, Scope } from '../db/claims.ts';
import { type Caller, whoOf } from './caller.ts';

/** The claims of a caller who may act within a scope; address and request id where there is a request. */
export function claimsOf(
  caller: Caller,
  scope: Scope,
  request: { address: string | null; requestId: string | null } = { address: null, requestId: null },
): Claims {
  return { who: whoOf(caller), id: caller.id, ...request, scope };
}
