// Proving again who one is: the password, and the code where there is a second factor; the session gets a new token.

import type { Queryable } from '../../../db/database.ts';
import { TillsyncError } from '../../../errors.ts';
import { networkOf } from '../../../net/address-ranges.ts';
import { appendAudit } from '../../../records/audit/append-audit.ts';
import { endSessions } from '../../../records/people/sessions.ts';
import { endLinks } from '../../../records/people/sign-in-links.ts';
import { findUserByEmail, lockUser, setPasswordHash, type User } from '../../../records/people/users.ts';
import { checkPassword } from '../passwords/check-password.ts';
import { actorOfCaller, inNameOf, type PeopleDeps } from '../people-deps.ts';
import { notSignedIn } from '../people-errors.ts';
import { type Own, requireCode } from '../second-factor/enrol-factor.ts';
import { isKnown, type OpenedSession } from '../sign-in/sign-in.ts';
import { type Attempt, passwordCounts, takeAttempt } from '../sign-in/take-attempt.ts';
import { renewedSession } from './renewed-session.ts';

interface Proof extends Own {
  password: string;
  /** Of the second factor, where there is one. */
  code?: string | undefined;
}

/** Renews the proof for 10 minutes. Throws TillsyncError password_refused (403), second_factor_refused, sign_in_delayed. */
export async function proveAgain(deps: PeopleDeps, proof: Proof, now: Date = new Date()): Promise<OpenedSession> {
  return await withPassword(deps, { proof, now }, async (q, user) => {
    const subject = { type: 'user', id: user.id, name: user.email };
    await appendAudit(q, { action: 'session.proved', subject, after: { session: proof.person.session.id } });
  });
}

/**
 * Replaces the own password. All other sessions and open links end. Throws as proveAgain does, and password_unfit.
 */
export async function changePassword(
  deps: PeopleDeps,
  proof: Proof & { newPassword: string },
  now: Date = new Date(),
): Promise<OpenedSession> {
  checkPassword(proof.newPassword, [proof.person.name]);
  // Hashed when the old one was right: nobody makes us compute for nothing.
  let hash = '';
  const prepare = async (user: User) => {
    checkPassword(proof.newPassword, [user.email, user.name]);
    hash = await deps.passwords.hash(proof.newPassword);
  };
  return await withPassword(deps, { proof, now, prepare }, async (q, user) => {
    await setPasswordHash(q, { userId: user.id, hash, now });
    await endSessions(q, { userId: user.id, now, except: proof.person.session.id });
    await endLinks(q, user.id);
    await appendAudit(q, { action: 'password.changed', subject: { type: 'user', id: user.id, name: user.email } });
  });
}

async function withPassword(
  deps: PeopleDeps,
  of: { proof: Proof; now: Date; prepare?: (user: User) => Promise<void> },
  work: (q: Queryable, user: User) => Promise<void>,
): Promise<OpenedSession> {
  const { proof, now } = of;
  const { person, from } = proof;
  const { user, attempt } = await rightPassword(deps, proof, now);
  await of.prepare?.(user);
  return await inNameOf(deps, actorOfCaller(person, from), async (q) => {
    const locked = await lockUser(q, person.id);
    // Changed meanwhile: this session has ended with the old password.
    if (locked === null || locked.passwordHash !== user.passwordHash) throw notSignedIn();
    await requireCode(q, deps, { user: locked, code: proof.code, now });
    const renewed = await renewedSession(q, { user: locked, person, now });
    if (renewed === null) throw notSignedIn();
    await attempt.succeeded(q);
    await work(q, locked);
    return renewed;
  });
}

// A session that was taken over must not be a way to guess the password: the same counts as for signing in.
async function rightPassword(
  deps: PeopleDeps,
  { person, password, from }: Proof,
  now: Date,
): Promise<{ user: User; attempt: Attempt }> {
  const address = networkOf(from.address ?? 'unknown');
  const isKnownAddress = await isKnown(deps, { userId: person.id, address, now });
  const attempt = await takeAttempt(
    deps.database,
    passwordCounts({ email: person.name, address, isKnownAddress }),
    now,
  );
  const user = await findUserByEmail(deps.database, person.name);
  const isRight = await deps.passwords.verify(user?.passwordHash ?? null, password);
  if (isRight && user !== null && user.id === person.id) return { user, attempt };
  await inNameOf(deps, actorOfCaller(person, from), (q) =>
    appendAudit(q, {
      action: 'session.refused',
      subject: { type: 'user', id: person.id, name: person.name },
      after: { why: 'password', session: person.session.id },
    }),
  );
  throw new TillsyncError('This password is not right.', {
    code: 'password_refused',
    step: 'auth',
    effect: 'Nothing was changed.',
    hint: 'Give the password with which you sign in.',
    status: 403,
  });
}
