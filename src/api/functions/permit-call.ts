// What a caller of an edge function may do: the function's permission, at the place of the config that it names.
import { accessDenied } from '../../access/access-denied.ts';
import { type Caller, whoOf } from '../../access/caller.ts';
import { claimsOf } from '../../access/claims-of.ts';
import { type Permission, scopeFor } from '../../access/permission.ts';
import { getConfig } from '../../records/configs/read-configs.ts';
import { configUnknown } from '../../sync/configs/merge-levels.ts';
import type { FunctionCall, FunctionsDeps } from './functions-options.ts';

/** Lets a caller in who may do this somewhere. Throws TillsyncError access_denied (403). */
export function permitCall(
  caller: Caller,
  permission: Permission,
  deps: FunctionsDeps,
): Pick<FunctionCall, 'deps' | 'ownRows' | 'requestedBy'> {
  const scope = scopeFor(permission, caller.grants);
  if (scope === null) throw accessDenied(caller, permission);
  const claims = claimsOf(caller, scope);
  return {
    deps: { ...deps, database: deps.database.telling(claims) },
    ownRows: deps.database.as(claims),
    requestedBy: whoOf(caller),
  };
}

/** Proves that a config lies within the caller's places. Throws TillsyncError config_unknown (404). */
export async function proveConfig({ ownRows }: FunctionCall, configId: string): Promise<void> {
  if ((await getConfig(ownRows, configId)) === null) throw configUnknown(configId);
}
