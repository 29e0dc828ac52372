// Users as admins change them: added, renamed, given roles, disabled, deleted; each with its audit row.
import type { Queryable } from '../../../db/database.ts';
import { appendAudit } from '../../../records/audit/append-audit.ts';
import { readUser, type UserEntry } from '../../../records/people/read-users.ts';
import { endSessions } from '../../../records/people/sessions.ts';
import { endLinks } from '../../../records/people/sign-in-links.ts';
import { type RoleAt, readRoles, replaceRoles } from '../../../records/people/user-roles.ts';
import { deleteUser, insertUser, lockUser, renameUser, setDisabled, type User } from '../../../records/people/users.ts';
import { insertNewLink, type MadeLink } from '../links/make-link.ts';
import { type Actor, inNameOf, type PeopleDeps } from '../people-deps.ts';
import { checkedEmail, checkedName, emailTaken, userUnknown } from '../people-errors.ts';
import { checkedRoles } from './checked-roles.ts';
import { keepingAnAdmin, lockAsAdmin } from './keep-an-admin.ts';

type UsersDeps = Pick<PeopleDeps, 'database'>;

interface Asked {
  actor: Actor;
  userId: string;
}

/**
 * Adds a user, and makes the link with which they choose their password. Throws TillsyncError email_invalid, email_taken,
 * user_name_invalid, role_invalid, role_place_unknown.
 */
export async function addUser(
  deps: UsersDeps,
  of: { actor: Actor; email: string; name: string; roles: readonly RoleAt[] },
  now: Date = new Date(),
): Promise<{ user: UserEntry; link: MadeLink }> {
  const { actor } = of;
  const [email, name] = [checkedEmail(of.email), checkedName(of.name)];
  return await inNameOf(deps, actor, (q) =>
    keepingAnAdmin(q, actor, async () => {
      const roles = await checkedRoles(q, of.roles);
      const id = await insertUser(q, { email, name, createdBy: actor.who });
      if (id === null) throw emailTaken();
      await replaceRoles(q, { userId: id, roles, createdBy: actor.who });
      const subject = { type: 'user', id, name: email };
      await appendAudit(q, { action: 'user.created', subject, after: { name, roles } });
      const link = await insertNewLink(q, { purpose: 'invitation', user: { id, email }, actor, now });
      return { user: await entryOf(q, id), link };
    }),
  );
}

/** Changes e-mail or name. Open links of the user end with an old e-mail. Throws user_unknown and as addUser does. */
export async function renameUserTo(
  deps: UsersDeps,
  of: Asked & { email?: string | undefined; name?: string | undefined },
): Promise<UserEntry> {
  return await inNameOf(deps, of.actor, async (q) => {
    if (of.actor.id !== of.userId) await lockAsAdmin(q, of.actor);
    const user = await lockedUser(q, of.userId);
    const email = of.email === undefined ? user.email : checkedEmail(of.email);
    const name = of.name === undefined ? user.name : checkedName(of.name);
    if (!(await renameUser(q, { id: user.id, email, name }))) throw emailTaken();
    if (email !== user.email) await endLinks(q, user.id);
    await appendAudit(q, {
      action: 'user.changed',
      subject: subjectOf(user),
      before: { email: user.email, name: user.name },
      after: { email, name },
    });
    return await entryOf(q, user.id);
  });
}

/** Gives a user exactly these roles, in force with their next request. Throws user_unknown, last_admin, role_invalid, … */
export async function setRoles(deps: UsersDeps, of: Asked & { roles: readonly RoleAt[] }): Promise<UserEntry> {
  return await inNameOf(deps, of.actor, async (q) => {
    const user = await keepingAnAdmin(q, of.actor, async () => {
      const locked = await lockedUser(q, of.userId);
      const roles = await checkedRoles(q, of.roles);
      const before = await readRoles(q, locked.id);
      await replaceRoles(q, { userId: locked.id, roles, createdBy: of.actor.who });
      const subject = subjectOf(locked);
      await appendAudit(q, { action: 'user.roles_changed', subject, before: { roles: before }, after: { roles } });
      return locked;
    });
    return await entryOf(q, user.id);
  });
}

/** Disables a user, which ends their sessions and links, or enables them again. Throws user_unknown, last_admin. */
export async function setUserDisabled(
  deps: UsersDeps,
  of: Asked & { disabled: boolean },
  now: Date = new Date(),
): Promise<UserEntry> {
  return await inNameOf(deps, of.actor, async (q) => {
    const user = await keepingAnAdmin(q, of.actor, async () => {
      const locked = await lockedUser(q, of.userId);
      if ((locked.disabledAt !== null) === of.disabled) return locked;
      await setDisabled(q, locked.id, of.disabled ? now : null);
      if (of.disabled) {
        await endSessions(q, { userId: locked.id, now });
        await endLinks(q, locked.id);
      }
      await appendAudit(q, { action: of.disabled ? 'user.disabled' : 'user.enabled', subject: subjectOf(locked) });
      return locked;
    });
    return await entryOf(q, user.id);
  });
}

/** Deletes a user with sessions, links and roles. History and audit log keep the name. Throws user_unknown, last_admin. */
export async function removeUser(deps: UsersDeps, of: Asked): Promise<UserEntry> {
  return await inNameOf(deps, of.actor, (q) =>
    keepingAnAdmin(q, of.actor, async () => {
      const user = await lockedUser(q, of.userId);
      const entry = await entryOf(q, user.id);
      await deleteUser(q, user.id);
      await appendAudit(q, {
        action: 'user.deleted',
        subject: subjectOf(user),
        before: { name: user.name, roles: entry.roles },
      });
      return entry;
    }),
  );
}

/** Ends sessions of a user: one, all but one, or all. Returns how many ended. */
export async function closeSessions(
  deps: UsersDeps,
  of: Asked & { only?: string; except?: string },
  now: Date = new Date(),
): Promise<number> {
  return await inNameOf(deps, of.actor, async (q) => {
    if (of.actor.id !== of.userId) await lockAsAdmin(q, of.actor);
    const user = await lockedUser(q, of.userId);
    const { only, except } = of;
    const ended = await endSessions(q, {
      userId: user.id,
      now,
      ...(only ? { only } : {}),
      ...(except ? { except } : {}),
    });
    if (ended > 0) {
      const which = only === undefined ? {} : { session: only };
      await appendAudit(q, { action: 'session.closed', subject: subjectOf(user), after: { ...which, ended } });
    }
    return ended;
  });
}

async function lockedUser(q: Queryable, userId: string): Promise<User> {
  const user = await lockUser(q, userId);
  if (user === null) throw userUnknown();
  return user;
}

async function entryOf(q: Queryable, userId: string): Promise<UserEntry> {
  return (await readUser(q, userId)) as UserEntry;
}

function subjectOf(user: User): { type: string; id: string; name: string } {
  return { type: 'user', id: user.id, name: user.email };
}
