// Links that work once and expire: for the first admin, an invitation, a new password. Only digests are stored.
import type { Queryable } from '../../../db/database.ts';
import { TillsyncError } from '../../../errors.ts';
import { appendAudit } from '../../../records/audit/append-audit.ts';
import { insertLink, type LinkPurpose } from '../../../records/people/sign-in-links.ts';
import { countAdmins, lockAdmins } from '../../../records/people/user-roles.ts';
import { lockUser, type User } from '../../../records/people/users.ts';
import { lockAsAdmin } from '../accounts/keep-an-admin.ts';
import { type Actor, inNameOf, type PeopleDeps } from '../people-deps.ts';
import { userUnknown } from '../people-errors.ts';
import { after, peopleTimes } from '../people-times.ts';
import { digestToken, newToken } from '../sessions/session-token.ts';

/** A link: the only time that its token can be read. */
export interface MadeLink {
  token: string;
  purpose: LinkPurpose;
  expiresAt: Date;
}

const lasts: Readonly<Record<LinkPurpose, number>> = {
  first_admin: peopleTimes.firstAdminLink,
  invitation: peopleTimes.invitationLink,
  new_password: peopleTimes.newPasswordLink,
};

/**
 * The address of a link's page. The token stands behind the #: browsers send that part to no server, so that it is in no
 * log of one.
 */
export function linkUrl(serverUrl: string, token: string): string {
  return `${serverUrl}/link#${token}`;
}

/** The link with which the first admin comes in; null = there is an admin who can sign in. */
export async function makeFirstAdminLink(
  deps: Pick<PeopleDeps, 'database'>,
  actor: Actor,
  now: Date = new Date(),
): Promise<MadeLink | null> {
  return await inNameOf(deps, actor, async (q) => {
    await lockAdmins(q);
    if ((await countAdmins(q)) > 0) return null;
    return await insertNewLink(q, { purpose: 'first_admin', user: null, actor, now });
  });
}

/** A link for a user: the invitation of who has no password yet, else for a new one. Earlier links of theirs end. */
export async function makeUserLink(
  deps: Pick<PeopleDeps, 'database'>,
  of: { actor: Actor; userId: string },
  now: Date = new Date(),
): Promise<MadeLink> {
  return await inNameOf(deps, of.actor, async (q) => {
    await lockAsAdmin(q, of.actor);
    const user = await lockUser(q, of.userId);
    if (user === null) throw userUnknown();
    if (user.disabledAt !== null) throw userDisabled();
    const purpose = user.passwordHash === null ? 'invitation' : 'new_password';
    return await insertNewLink(q, { purpose, user, actor: of.actor, now });
  });
}

/** Stores a link and its audit row. The user's row is locked by the caller. */
export async function insertNewLink(
  q: Queryable,
  of: { purpose: LinkPurpose; user: Pick<User, 'id' | 'email'> | null; actor: Actor; now: Date },
): Promise<MadeLink> {
  const { purpose, user, actor, now } = of;
  const token = newToken();
  const expiresAt = after(now, lasts[purpose]);
  const tokenHash = digestToken(token) as Buffer;
  await insertLink(q, { purpose, tokenHash, userId: user?.id ?? null, now, expiresAt, createdBy: actor.who });
  await appendAudit(q, {
    action: 'link.made',
    ...(user === null ? {} : { subject: { type: 'user', id: user.id, name: user.email } }),
    after: { purpose, expires_at: expiresAt.toISOString() },
  });
  return { token, purpose, expiresAt };
}

function userDisabled(): TillsyncError {
  return new TillsyncError('This user is disabled.', {
    code: 'user_disabled',
    step: 'validation',
    effect: 'No link was made.',
    hint: 'Enable the user first.',
    status: 409,
    exitCode: 2,
  });
}
