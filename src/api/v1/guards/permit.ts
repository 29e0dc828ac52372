// What each route asks of its caller: declared beside its address, checked before anything of the request is looked at.
import type { Context, MiddlewareHandler } from 'hono';
import { accessDenied } from '../../../access/access-denied.ts';
import { whoOf } from '../../../access/caller.ts';
import { claimsOf } from '../../../access/claims-of.ts';
import { requireWhole } from '../../../access/people/sessions/caller-of-session.ts';
import { type Permission, scopeFor } from '../../../access/permission.ts';
import type { Database } from '../../../db/database.ts';
import type { Deps } from '../../../sync/deps.ts';
import type { ApiEnv, ApiGiven } from '../api-given.ts';

/** Where a declared route says what it asks for; the API's document shows it. */
export const permissionField = 'x-permission';

export interface Permits {
  'x-permission': Permission;
  middleware: MiddlewareHandler<ApiEnv>;
}

/** Part of every route's declaration: `createRoute({ ...permits('read'), … })`. */
export function permits(permission: Permission): Permits {
  return { [permissionField]: permission, middleware: permit(permission) };
}

function permit(permission: Permission): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    if (permission !== 'public') admit(context, permission);
    await next();
  };
}

/**
 * Lets a caller through who may do this somewhere, and remembers where. Throws TillsyncError api_key_missing (401),
 * access_denied (403).
 */
function admit(context: Context<ApiEnv>, permission: Permission): void {
  const caller = context.get('caller');
  // Routes about oneself say themselves what a session that still waits for something may do.
  if (permission !== 'self') requireWhole(caller);
  const scope = scopeFor(permission, caller.grants);
  if (scope === null) throw accessDenied(caller, permission);
  const given = context.get('given');
  const claims = claimsOf(caller, scope, { address: context.get('address'), requestId: context.get('requestId') });
  context.set('scope', scope);
  context.set('database', given.deps.database.as(claims));
  context.set('engine', { ...given.deps, database: given.deps.database.telling(claims) });
}

/** The database as this caller may see it: rows of other places are not there. */
export function ownRows(context: Context<ApiEnv>): Database {
  return context.get('database');
}

/** The engine for what the caller was proven to own (guards/own.ts); the audit log hears who asked. */
export function engineFor(context: Context<ApiEnv>): Deps {
  return context.get('engine');
}

/** Who asked, for the history. */
export function requestedByOf(context: Context<ApiEnv>): string {
  return whoOf(context.get('caller'));
}

/** How the history says that a run came about: by the hand of somebody who signed in, or by a program. */
export function triggerOf(context: Context<ApiEnv>): 'manual' | 'api' {
  return context.get('caller').kind === 'user' ? 'manual' : 'api';
}

/** Makes what the routes are given known to their guards. */
export function withGiven(given: ApiGiven): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    context.set('given', given);
    await next();
  };
}

/** Asks for more than the route does, for one way of calling it. Throws TillsyncError access_denied. */
export function alsoPermits(context: Context<ApiEnv>, permission: Permission): void {
  admit(context, permission);
}
