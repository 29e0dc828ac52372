// Using a link: whoever holds it chooses a password, once, and is signed in.

import type { Queryable } from '../../../db/database.ts';
import { TillsyncError } from '../../../errors.ts';
import { networkOf } from '../../../net/address-ranges.ts';
import { appendAudit } from '../../../records/audit/append-audit.ts';
import { endSessions } from '../../../records/people/sessions.ts';
import { forgetDelays } from '../../../records/people/sign-in-delays.ts';
import { endLinks, findUsableLink, takeLink, type UsableLink } from '../../../records/people/sign-in-links.ts';
import { countAdmins, lockAdmins, replaceRoles } from '../../../records/people/user-roles.ts';
import { insertUser, lockUser, noteSignIn, setPasswordHash, type User } from '../../../records/people/users.ts';
import { checkPassword } from '../passwords/check-password.ts';
import { inNameOf, type PeopleDeps } from '../people-deps.ts';
import { checkedEmail, checkedName, emailTaken } from '../people-errors.ts';
import { after, peopleTimes } from '../people-times.ts';
import { digestToken } from '../sessions/session-token.ts';
import { type From, type OpenedSession, openSession } from '../sign-in/sign-in.ts';
import { passwordCounts } from '../sign-in/take-attempt.ts';

/** What a link is for; e-mail and name are null for the first admin, who says both. */
export async function lookAtLink(
  { database }: Pick<PeopleDeps, 'database'>,
  token: string,
  now: Date = new Date(),
): Promise<UsableLink> {
  const digest = digestToken(token);
  const link = digest === null ? null : await findUsableLink(database, digest, now);
  if (link === null) throw linkInvalid();
  return link;
}

export interface LinkGiven {
  token: string;
  password: string;
  /** Of the first admin; others may change their name on the way. */
  name?: string | undefined;
  /** Of the first admin only. */
  email?: string | undefined;
  from: From;
}

/**
 * Sets the password and opens a session; all other sessions of the user end, and what guessers made this user wait here
 * is forgotten. A second factor stays. Throws TillsyncError link_invalid (404: used, expired or unknown), password_unfit,
 * email_invalid, email_taken, user_name_invalid.
 */
export async function redeemLink(deps: PeopleDeps, use: LinkGiven, now: Date = new Date()): Promise<OpenedSession> {
  const link = await lookAtLink(deps, use.token, now);
  // The address of an account comes from its admin; the first one has none.
  const email = link.email ?? checkedEmail(use.email ?? '');
  const name = checkedName(use.name ?? link.name ?? '');
  checkPassword(use.password, [email, name]);
  const hash = await deps.passwords.hash(use.password);
  const actor = { who: `user:${email}`, id: link.userId, address: use.from.address, requestId: use.from.requestId };
  return await inNameOf(deps, actor, async (q) => {
    const user =
      link.userId === null ? await firstAdmin(q, { link, email, name, now }) : await holderOf(q, { link, now });
    await setPasswordHash(q, { userId: user.id, hash, now });
    await endSessions(q, { userId: user.id, now });
    const address = networkOf(use.from.address ?? 'unknown');
    const counts = passwordCounts({ email, address, isKnownAddress: true });
    await forgetDelays(q, counts, after(now, -peopleTimes.failuresKept));
    const opened = await openSession(q, { user: { ...user, passwordHash: hash }, from: use.from, now });
    await noteSignIn(q, user.id, now);
    const subject = { type: 'user', id: user.id, name: user.email };
    await appendAudit(q, { action: 'link.used', subject, after: { purpose: link.purpose, session: opened.id } });
    return opened;
  });
}

// The lock of who decides about admins comes first, as everywhere; of two links that are used at once one finds an admin.
async function firstAdmin(
  q: Queryable,
  of: { link: UsableLink; email: string; name: string; now: Date },
): Promise<User> {
  await lockAdmins(q);
  if ((await countAdmins(q)) > 0 || !(await takeLink(q, of.link.id, of.now))) throw linkInvalid();
  const createdBy = `user:${of.email}`;
  const id = await insertUser(q, { email: of.email, name: of.name, createdBy });
  if (id === null) throw emailTaken();
  await replaceRoles(q, { userId: id, roles: [{ role: 'admin', level: 'all', level_id: null }], createdBy });
  await endLinks(q, null);
  await appendAudit(q, {
    action: 'user.created',
    subject: { type: 'user', id, name: of.email },
    after: { name: of.name, roles: ['admin'] },
  });
  return (await lockUser(q, id)) as User;
}

// The user before the link, as everywhere: who deletes the user, or makes another link, holds the user first, too.
async function holderOf(q: Queryable, of: { link: UsableLink; now: Date }): Promise<User> {
  const user = await lockUser(q, of.link.userId as string);
  if (user === null || user.disabledAt !== null) throw linkInvalid();
  if (!(await takeLink(q, of.link.id, of.now))) throw linkInvalid();
  return user;
}

function linkInvalid(): TillsyncError {
  return new TillsyncError('This link was used already, has expired, or is none of ours.', {
    code: 'link_invalid',
    step: 'auth',
    effect: 'Nothing was changed.',
    hint: 'Have an admin make a new one; for the first admin: `tillsync users first-admin` on the machine of the server.',
    status: 404,
    exitCode: 2,
  });
}
