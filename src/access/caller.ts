// Who calls, whichever way they proved it: an API key, a session, a Supabase token.
import type { Grant } from './permission.ts';

/** Somebody whose word was proven, with everything they may do. */
export interface Caller {
  /** 'admin_key' = TILLSYNC_ADMIN_KEY; 'nobody' has proven nothing, at an address that is for everybody. */
  kind: 'admin_key' | 'nobody' | 'key' | 'user' | 'supabase';
  /** Of the stored key or the user; null = the admin key. */
  id: string | null;
  /** The key's name, or the user's e-mail. */
  name: string;
  grants: readonly Grant[];
  /** Only of a user: the session that the request came with. */
  session?: { id: string; provedAt: Date; needs: SessionNeeds };
}

/** A caller of an address that is for everybody. */
export const nobody: Caller = { kind: 'nobody', id: null, name: 'nobody', grants: [] };

/** What a session still waits for; until then its caller has no grants. 'enrolment': an admin without a second factor. */
export type SessionNeeds = 'second_factor' | 'enrolment' | null;

/** For requested_by and the audit log: 'key:kiosk', 'user:ada@example.com'. */
export function whoOf({ kind, name }: Caller): string {
  if (kind === 'nobody') return kind;
  return `${kind === 'admin_key' ? 'key' : kind}:${name}`;
}
