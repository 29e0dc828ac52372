// Signing in: one path for everybody, so that neither the answer nor the time tells who has an account.

import type { Queryable } from '../../../db/database.ts';
import { networkOf } from '../../../net/address-ranges.ts';
import { appendAudit } from '../../../records/audit/append-audit.ts';
import { addressesOf, insertSession } from '../../../records/people/sessions.ts';
import { readRoles } from '../../../records/people/user-roles.ts';
import { findUserByEmail, lockUser, noteSignIn, setPasswordHash, type User } from '../../../records/people/users.ts';
import type { SessionNeeds } from '../../caller.ts';
import { type Actor, inNameOf, type PeopleDeps } from '../people-deps.ts';
import { signInRefused } from '../people-errors.ts';
import { after, peopleTimes } from '../people-times.ts';
import { needsOf } from '../sessions/caller-of-session.ts';
import { digestToken, newToken } from '../sessions/session-token.ts';
import { passwordCounts, takeAttempt } from './take-attempt.ts';

/** Where a request comes from; `requestId` for the audit log. */
export interface From {
  address: string | null;
  userAgent: string | null;
  requestId: string | null;
}

/** A session that was opened or renewed: the only time that its token can be read. */
export interface OpenedSession {
  token: string;
  id: string;
  userId: string;
  needs: SessionNeeds;
  expiresAt: Date;
}

/**
 * Opens a session for who knows the password; where there is a second factor, it waits for the code (`needs`). Throws
 * TillsyncError sign_in_refused (401; always the same), sign_in_delayed (429), sign_in_busy (503).
 */
export async function signIn(
  deps: PeopleDeps,
  given: From & { email: string; password: string },
  now: Date = new Date(),
): Promise<OpenedSession> {
  const { database, passwords } = deps;
  // A NUL can be in no row, and whom nobody can be called is looked up like anybody.
  const email = given.email.trim().normalize('NFC').replaceAll('\0', '').slice(0, 254);
  const user = await findUserByEmail(database, email);
  const address = networkOf(given.address ?? 'unknown');
  const isKnownAddress = await isKnown(deps, { userId: user?.id ?? null, address, now });
  const attempt = await takeAttempt(database, passwordCounts({ email, address, isKnownAddress }), now);
  const isRight = await passwords.verify(user?.passwordHash ?? null, given.password);
  const opened = !isRight || user === null ? null : await openFor(deps, { user, given, attempt, now });
  if (opened !== null) return opened;
  // Whoever it was: a refusal is not that user's deed.
  await inNameOf(deps, actorOf(null, given), (q) => auditRefusal(q, user));
  throw signInRefused();
}

/** Whether this user came in from this network in the last 30 days. */
export async function isKnown(
  { database }: Pick<PeopleDeps, 'database'>,
  of: { userId: string | null; address: string; now: Date },
): Promise<boolean> {
  const addresses = await addressesOf(database, of.userId, after(of.now, -peopleTimes.knownAddress));
  return of.address !== 'unknown' && addresses.some((address) => networkOf(address) === of.address);
}

/** Stores a session of this user. The user's row is locked by the caller. */
export async function openSession(
  q: Queryable,
  of: { user: User; from: From; now: Date; secondFactorAt?: Date },
): Promise<OpenedSession> {
  const { user, from, now, secondFactorAt = null } = of;
  const token = newToken();
  const expiresAt = after(now, peopleTimes.sessionLongest);
  const id = await insertSession(q, {
    userId: user.id,
    tokenHash: digestToken(token) as Buffer,
    ...{ now, expiresAt, secondFactorAt },
    address: from.address,
    userAgent: from.userAgent?.slice(0, 300) ?? null,
  });
  const needs = needsOf({ ...user, secondFactorAt, roles: await readRoles(q, user.id) });
  return { token, id, userId: user.id, needs, expiresAt };
}

// null = meanwhile the password was changed, or the user disabled or deleted.
async function openFor(
  deps: PeopleDeps,
  of: {
    user: User;
    given: From & { password: string };
    attempt: { succeeded(q: Queryable): Promise<void> };
    now: Date;
  },
): Promise<OpenedSession | null> {
  const { passwords } = deps;
  const { user, given, attempt, now } = of;
  // Whoever is turned away below costs no second hash.
  if (user.disabledAt !== null) return null;
  const stored = user.passwordHash as string;
  const renewed = passwords.isDated(stored) ? await passwords.hash(given.password) : null;
  return await inNameOf(deps, actorOf(user, given), async (q) => {
    const locked = await lockUser(q, user.id);
    if (locked === null || locked.disabledAt !== null || locked.passwordHash !== stored) return null;
    if (renewed !== null) await setPasswordHash(q, { userId: user.id, hash: renewed, now });
    const opened = await openSession(q, { user: locked, from: given, now });
    await attempt.succeeded(q);
    await noteSignIn(q, user.id, now);
    await appendAudit(q, {
      action: 'session.opened',
      subject: { type: 'user', id: user.id, name: user.email },
      after: { session: opened.id, needs: opened.needs },
    });
    return opened;
  });
}

// What was typed is shown only where it is somebody's e-mail: it may as well be a password in the wrong field.
async function auditRefusal(q: Queryable, user: User | null): Promise<void> {
  await appendAudit(q, {
    action: 'session.refused',
    ...(user === null ? {} : { subject: { type: 'user', id: user.id, name: user.email } }),
    after: { why: user === null ? 'unknown user' : user.disabledAt !== null ? 'disabled' : 'password' },
  });
}

function actorOf(user: User | null, from: From): Actor {
  const who = user === null ? 'nobody' : `user:${user.email}`;
  return { who, id: user?.id ?? null, address: from.address, requestId: from.requestId };
}
