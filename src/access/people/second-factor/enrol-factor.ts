// Setting up a second factor: a secret for the app, in force when its first code is given; and taking it away.
import type { Queryable } from '../../../db/database.ts';
import { TillsyncError } from '../../../errors.ts';
import { appendAudit } from '../../../records/audit/append-audit.ts';
import {
  confirmSecret,
  keepSecret,
  removeFactor,
  replaceRecoveryCodes,
} from '../../../records/people/second-factor.ts';
import { endSessions } from '../../../records/people/sessions.ts';
import { lockUser, type User } from '../../../records/people/users.ts';
import { lockAsAdmin } from '../accounts/keep-an-admin.ts';
import { type Actor, actorOfCaller, inNameOf, type PeopleDeps } from '../people-deps.ts';
import { codeRefused, notSignedIn, userUnknown } from '../people-errors.ts';
import { type Person, requireRecentProof } from '../sessions/caller-of-session.ts';
import { renewedSession } from '../sessions/renewed-session.ts';
import type { From, OpenedSession } from '../sign-in/sign-in.ts';
import { newRecoveryCodes } from './recovery-codes.ts';
import { takeCode, totpField } from './take-code.ts';
import { newTotpSecret, stepOfCode, totpUri } from './totp-codes.ts';

/** One request of somebody about themselves. */
export interface Own {
  person: Person;
  from: From;
}

/**
 * Makes a secret that waits to be confirmed; an earlier one that waits is replaced. `uri` is for the QR code, `secret` to
 * type. Throws TillsyncError proof_needed, second_factor_exists (409).
 */
export async function enrolFactor(
  deps: PeopleDeps,
  { person, from }: Own,
  now: Date = new Date(),
): Promise<{ uri: string; secret: string }> {
  requireRecentProof(person, now);
  const secret = newTotpSecret();
  const encrypted = await deps.vault.encrypt(person.id, totpField, secret);
  return await inNameOf(deps, actorOfCaller(person, from), async (q) => {
    const user = await lockedSelf(q, person);
    if (user.totpConfirmedAt !== null) throw factorExists();
    await keepSecret(q, user.id, encrypted);
    return { uri: totpUri(secret, user.email), secret };
  });
}

/**
 * Puts the secret in force by its first code. All other sessions of the user end; recovery codes are returned, and can
 * never be read again. Throws TillsyncError second_factor_refused, second_factor_exists, not_signed_in.
 */
export async function confirmFactor(
  deps: PeopleDeps,
  { person, from, code }: Own & { code: string },
  now: Date = new Date(),
): Promise<OpenedSession & { recoveryCodes: string[] }> {
  return await inNameOf(deps, actorOfCaller(person, from), async (q) => {
    const user = await lockedSelf(q, person);
    if (user.totpConfirmedAt !== null) throw factorExists();
    if (user.totpEncrypted === null) throw codeRefused();
    const secret = await deps.vault.decrypt(user.id, totpField, user.totpEncrypted);
    const step = stepOfCode(secret, code.replace(/\s/g, ''), now);
    if (step === null) throw codeRefused();
    await confirmSecret(q, { userId: user.id, step, now });
    const { codes, digests } = newRecoveryCodes();
    await replaceRecoveryCodes(q, user.id, digests);
    await endSessions(q, { userId: user.id, now, except: person.session.id });
    const confirmed = { ...user, totpConfirmedAt: now };
    const renewed = await renewedSession(q, { user: confirmed, person, now, secondFactorAt: now });
    if (renewed === null) throw notSignedIn();
    await appendAudit(q, { action: 'factor.added', subject: subjectOf(user) });
    return { ...renewed, recoveryCodes: codes };
  });
}

/** Ten new recovery codes instead of the old ones. Throws TillsyncError proof_needed, second_factor_absent (409). */
export async function renewRecoveryCodes(
  deps: PeopleDeps,
  { person, from }: Own,
  now: Date = new Date(),
): Promise<string[]> {
  requireRecentProof(person, now);
  return await inNameOf(deps, actorOfCaller(person, from), async (q) => {
    const user = await lockedSelf(q, person);
    if (user.totpConfirmedAt === null) throw factorAbsent();
    const { codes, digests } = newRecoveryCodes();
    await replaceRecoveryCodes(q, user.id, digests);
    await appendAudit(q, { action: 'factor.codes_renewed', subject: subjectOf(user) });
    return codes;
  });
}

/**
 * Takes the second factor of a user away, and ends their sessions except `keep`, in one transaction. For the user
 * themselves after a recent proof; for a user who lost everything, by an admin. Throws user_unknown, second_factor_absent.
 */
export async function takeFactorAway(
  deps: Pick<PeopleDeps, 'database'>,
  of: { actor: Actor; userId: string; keep?: string },
  now: Date = new Date(),
): Promise<void> {
  await inNameOf(deps, of.actor, async (q) => {
    if (of.actor.id !== of.userId) await lockAsAdmin(q, of.actor);
    const user = await lockUser(q, of.userId);
    if (user === null) throw userUnknown();
    if (user.totpConfirmedAt === null) throw factorAbsent();
    await removeFactor(q, user.id);
    await endSessions(q, { userId: user.id, now, ...(of.keep ? { except: of.keep } : {}) });
    await appendAudit(q, { action: 'factor.removed', subject: subjectOf(user) });
  });
}

/** Takes a code where the user has a second factor; says nothing where there is none. Throws second_factor_refused. */
export async function requireCode(
  q: Queryable,
  deps: PeopleDeps,
  of: { user: User; code: string | undefined; now: Date },
): Promise<void> {
  if (of.user.totpConfirmedAt === null) return;
  const taken = await takeCode(q, deps.vault, { ...of, code: of.code ?? '' });
  if (taken === null) throw codeRefused();
}

function subjectOf(user: User): { type: string; id: string; name: string } {
  return { type: 'user', id: user.id, name: user.email };
}

async function lockedSelf(q: Queryable, person: Person): Promise<User> {
  const user = await lockUser(q, person.id);
  if (user === null) throw notSignedIn();
  return user;
}

function factorExists(): TillsyncError {
  return new TillsyncError('There is a second factor already.', {
    code: 'second_factor_exists',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'Remove it first to set up another app.',
    status: 409,
  });
}

function factorAbsent(): TillsyncError {
  return new TillsyncError('There is no second factor.', {
    code: 'second_factor_absent',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'Nothing is to be done; one can be set up under the own account.',
    status: 409,
    exitCode: 2,
  });
}
