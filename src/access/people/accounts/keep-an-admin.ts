// Whatever changes who is an admin: one after another, and never so that none is left.
import type { Queryable } from '../../../db/database.ts';
import { TillsyncError } from '../../../errors.ts';
import { countAdmins, lockAdmins } from '../../../records/people/user-roles.ts';

/**
 * Does `work` while nobody else decides about admins. Throws TillsyncError last_admin (409) where it would leave nobody
 * who administers everything; the transaction takes it back.
 */
export async function keepingAnAdmin<T>(q: Queryable, work: () => Promise<T>): Promise<T> {
  await lockAdmins(q);
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
