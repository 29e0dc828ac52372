// Who calls with a session: found by the token's digest, with the roles of this moment.
import type { Queryable } from '../../../db/database.ts';
import { TillsyncError } from '../../../errors.ts';
import { findLiveSession, type LiveSession, touchSession } from '../../../records/people/sessions.ts';
import type { Caller, SessionNeeds } from '../../caller.ts';
import { accessOfRole } from '../../permission.ts';
import { after, peopleTimes } from '../people-times.ts';
import { digestToken } from './session-token.ts';

/**
 * The caller behind a session's token, or null when it is unknown or has ended. While a second factor is awaited it may
 * do nothing (`session.needs`). Its last use is noted at most once a minute.
 */
export async function callerOfSession(q: Queryable, token: string, now: Date = new Date()): Promise<Caller | null> {
  const tokenHash = digestToken(token);
  if (tokenHash === null) return null;
  const found = await findLiveSession(q, { tokenHash, now, idleSince: after(now, -peopleTimes.sessionIdle) });
  if (found === null) return null;
  const touchDue = after(now, -peopleTimes.sessionTouch);
  if (found.lastSeenAt < touchDue) await touchSession(q, { id: found.id, now, before: touchDue });
  const needs = needsOf(found);
  const grants = found.roles.map(({ role, level, level_id: levelId }) => {
    return { access: accessOfRole[role], level, levelId: levelId === null ? null : String(levelId) };
  });
  return {
    kind: 'user',
    id: found.userId,
    name: found.email,
    grants: needs === null ? grants : [],
    session: { id: found.id, provedAt: found.provedAt, needs },
  };
}

/** What is still asked of a session before it may do anything. */
export function needsOf(of: Pick<LiveSession, 'totpConfirmedAt' | 'secondFactorAt' | 'roles'>): SessionNeeds {
  if (of.totpConfirmedAt !== null) return of.secondFactorAt === null ? 'second_factor' : null;
  return of.roles.some(({ role }) => role === 'admin') ? 'enrolment' : null;
}

/** Throws TillsyncError second_factor_needed, enrolment_needed (403) while a session waits for more than `mayNeed`. */
export function requireWhole({ session }: Caller, mayNeed: readonly SessionNeeds[] = []): void {
  const needs = session?.needs ?? null;
  if (needs === null || mayNeed.includes(needs)) return;
  if (needs === 'second_factor') {
    throw refusal('second_factor_needed', 'The code of the second factor is still awaited.', 'Give the code first.');
  }
  throw refusal('enrolment_needed', 'An admin needs a second factor.', 'Set up an app for codes first.');
}

/** A user with a session. */
export interface Person extends Caller {
  id: string;
  session: NonNullable<Caller['session']>;
}

/**
 * The caller as somebody who is signed in, or halfway where `mayNeed` says so. Throws TillsyncError person_needed,
 * second_factor_needed, enrolment_needed (403).
 */
export function requirePerson(caller: Caller, mayNeed: readonly SessionNeeds[] = []): Person {
  const { kind, id, session } = caller;
  if (kind !== 'user' || id === null || session === undefined) {
    throw refusal('person_needed', 'This is for people who are signed in; a key is nobody.', 'Sign in.');
  }
  requireWhole(caller, mayNeed);
  return { ...caller, id, session };
}

/**
 * Asks a user to have proven who they are within the last 10 minutes. A key proves itself with each request. Throws
 * TillsyncError proof_needed (403).
 */
export function requireRecentProof(caller: Caller, now: Date = new Date()): void {
  if (caller.session === undefined) return;
  if (now.getTime() - caller.session.provedAt.getTime() <= peopleTimes.proof) return;
  throw refusal(
    'proof_needed',
    'This needs your password again: it was given more than 10 minutes ago.',
    'Give the password once more (POST /api/v1/session/proof), then repeat the request.',
  );
}

function refusal(code: string, message: string, hint: string): TillsyncError {
  return new TillsyncError(message, { code, step: 'auth', effect: 'Nothing was changed.', hint, status: 403 });
}
