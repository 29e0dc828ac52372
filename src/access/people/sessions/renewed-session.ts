// A session whose token is replaced, because its person has just proven something.
import type { Queryable } from '../../../db/database.ts';
import { renewSession } from '../../../records/people/sessions.ts';
import { readRoles } from '../../../records/people/user-roles.ts';
import type { User } from '../../../records/people/users.ts';
import type { OpenedSession } from '../sign-in/sign-in.ts';
import { needsOf, type Person } from './caller-of-session.ts';
import { digestToken, newToken } from './session-token.ts';

/** The same session with a new token; the old one is worth nothing from then on. null = it has ended meanwhile. */
export async function renewedSession(
  q: Queryable,
  of: { user: User; person: Person; now: Date; secondFactorAt?: Date },
): Promise<OpenedSession | null> {
  const { user, person, now, secondFactorAt } = of;
  const { id } = person.session;
  const token = newToken();
  const tokenHash = digestToken(token) as Buffer;
  const kept = await renewSession(q, { id, tokenHash, provedAt: now, ...(secondFactorAt ? { secondFactorAt } : {}) });
  if (kept === null) return null;
  const needs = needsOf({ ...user, secondFactorAt: kept.secondFactorAt, roles: await readRoles(q, user.id) });
  return { token, id, userId: user.id, needs, expiresAt: kept.expiresAt };
}
