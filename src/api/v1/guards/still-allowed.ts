// A stream outlives the request that opened it: who may no longer see what it tells sees no more of it.
import type { Context } from 'hono';
import { claimsOf } from '../../../access/claims-of.ts';
import { scopeFor } from '../../../access/permission.ts';
import { type Scope, scopeKey } from '../../../db/claims.ts';
import { getRun } from '../../../records/runs/read-runs.ts';
import type { ApiEnv } from '../api-given.ts';
import { findCaller } from './find-caller.ts';

/** Whether the caller of a request is still one, and may still read this run. False where the database does not answer. */
export async function isStillAllowed(context: Context<ApiEnv>, runId: string): Promise<boolean> {
  const { deps } = context.get('given');
  try {
    const caller = await findCaller(context);
    const scope = scopeFor('read', caller.grants);
    if (scope === null) return false;
    const rows = deps.database.as(claimsOf(caller, scope));
    return (await getRun(rows, runId)) !== null;
  } catch {
    return false;
  }
}

/** Whether the caller of a request is still one, and may read exactly what lies within `scope`. False as above. */
export async function isStillWithin(context: Context<ApiEnv>, scope: Scope): Promise<boolean> {
  try {
    const now = scopeFor('read', (await findCaller(context)).grants);
    return now !== null && scopeKey(now) === scopeKey(scope);
  } catch {
    return false;
  }
}
