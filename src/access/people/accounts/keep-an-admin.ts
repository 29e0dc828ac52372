// Whatever changes who is an admin: one after another, and never so that none is left.
import type { Queryable } from '../../../db/database.ts';
import { TillsyncError } from '../../../errors.ts';
import { countAdmins, isUserWithoutAdmin, lockAdmins } from '../../../records/people/user-roles.ts';
import { accessDenied } from '../../access-denied.ts';
import type { Actor } from '../people-deps.ts';

/**
 * Waits until nobody else decides about admins, and asks once more whether the actor is one: since the request was let in,
 * somebody may have taken the role. Throws TillsyncError access_denied (403).
 */
export async function lockAsAdmin(q: Queryable, { id }: Actor): Promise<void> {
  await lockAdmins(q);
  if (await isUserWithoutAdmin(q, id)) throw accessDenied({ kind: 'user', id, name: '', grants: [] }, 'system');
}

/**
 * Does `work` while nobody else decides about admins. Throws TillsyncError access_denied (403) where the actor is a user
 * who is no admin any more, and last_admin (409) where it would leave nobody who administers everything; the transaction
 * takes it back.
 */
export async function keepingAnAdmin<T>(q: Queryable, actor: Actor, work: () => Promise<T>): Promise<T> {
  await lockAsAdmin(q, actor);
  const before = await countAdmins(q);
  const done = await work();
  if (before > 0 && (await countAdmins(q)) === 0) throw lastAdmin();
  return done;
}

function lastAdmin(): TillsyncError {
  return new TillsyncError('This is the last admin who can sign in.', {
    code: 'last_admin',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'Make somebody else an admin of everything first, and let them set their password.',
    status: 409,
    exitCode: 2,
  });
}
