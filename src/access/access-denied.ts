// The refusal of somebody who is known, and may not do this anywhere.
import { TillsyncError } from '../errors.ts';
import type { Caller } from './caller.ts';
import type { Permission } from './permission.ts';

const deeds: Readonly<Record<Permission, string>> = {
  public: 'do this',
  self: 'do this',
  read: 'read this',
  sync: 'sync',
  admin: 'change settings',
  system: 'do this, since it concerns all places',
};

/** What the caller lacks, in words (403). */
export function accessDenied({ kind, name }: Caller, permission: Permission): TillsyncError {
  const who = kind === 'user' || kind === 'supabase' ? 'You' : `The key "${name}"`;
  return new TillsyncError(`${who} may not ${deeds[permission]}.`, {
    code: 'access_denied',
    step: 'auth',
    status: 403,
    effect: 'Nothing was changed.',
    hint: 'Ask an administrator for a role, or for a key with more access (`tillsync keys create --access …`).',
    facts: { permission },
  });
}
