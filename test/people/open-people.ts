// People on a fresh database: cheap hashes, a clock that tests turn, and the shortest ways to a user and a session.
import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { addUser } from '../../src/access/people/accounts/change-users.ts';
import { redeemLink } from '../../src/access/people/links/redeem-link.ts';
import { openPasswords } from '../../src/access/people/passwords/open-passwords.ts';
import type { Actor, PeopleDeps } from '../../src/access/people/people-deps.ts';
import { confirmFactor, enrolFactor } from '../../src/access/people/second-factor/enrol-factor.ts';
import { callerOfSession, type Person, requirePerson } from '../../src/access/people/sessions/caller-of-session.ts';
import type { From, OpenedSession } from '../../src/access/people/sign-in/sign-in.ts';
import type { RoleAt } from '../../src/records/people/user-roles.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { freshDatabase } from '../support/database.ts';

export const admin: RoleAt = { role: 'admin', level: 'all', level_id: null };
export const viewer: RoleAt = { role: 'viewer', level: 'all', level_id: null };
export const cli: Actor = { who: 'cli:ada', id: null, address: null, requestId: null };
export const home: From = { address: '198.51.100.7', userAgent: 'test', requestId: null };
export const start = new Date('2026-11-29T08:00:00Z');
export const password = 'four plain words here';

/** `seconds` after `time`. */
export function later(seconds: number, time: Date = start): Date {
  return new Date(time.getTime() + seconds * 1000);
}

/** Deps over a fresh database; a hash costs nearly nothing. */
export async function openPeople(): Promise<PeopleDeps> {
  const { database } = await freshDatabase();
  return {
    database,
    vault: openVault({ active: randomBytes(32).toString('base64') }),
    passwords: openPasswords({ cost: { logN: 4, r: 1, p: 1 } }),
  };
}

/** A user with `password`, and the session in which it was chosen. */
export async function userWithPassword(
  deps: PeopleDeps,
  of: { email: string; roles?: readonly RoleAt[]; from?: From },
  now: Date = start,
): Promise<OpenedSession> {
  const { email, roles = [viewer], from = home } = of;
  const { link } = await addUser(deps, { actor: cli, email, name: 'Somebody Else', roles }, now);
  return await redeemLink(deps, { token: link.token, password, from }, now);
}

/** The person behind a session. */
export async function personOf(deps: PeopleDeps, token: string, now: Date = start): Promise<Person> {
  const caller = await callerOfSession(deps.database, token, now);
  if (caller === null) throw new Error('no such session');
  return requirePerson(caller, ['second_factor', 'enrolment']);
}

/** The code that an app with this secret shows at a time. */
export function codeAt(secret: string, time: Date): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: time.getTime() });
}

/** Sets up a second factor in a session; the session goes on with another token. */
export async function withFactor(
  deps: PeopleDeps,
  session: OpenedSession,
  now: Date = start,
): Promise<OpenedSession & { secret: string; recoveryCodes: string[] }> {
  const person = await personOf(deps, session.token, now);
  const { secret } = await enrolFactor(deps, { person, from: home }, now);
  const confirmed = await confirmFactor(deps, { person, from: home, code: codeAt(secret, now) }, now);
  return { ...confirmed, secret };
}
