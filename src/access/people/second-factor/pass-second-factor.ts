// The second step of signing in: the session that waits for a code gets it, and a new token.
import { networkOf } from '../../../net/address-ranges.ts';
import { appendAudit } from '../../../records/audit/append-audit.ts';
import { lockUser } from '../../../records/people/users.ts';
import { actorOfCaller, inNameOf, type PeopleDeps } from '../people-deps.ts';
import { codeRefused, notSignedIn } from '../people-errors.ts';
import type { Person } from '../sessions/caller-of-session.ts';
import { renewedSession } from '../sessions/renewed-session.ts';
import { type From, isKnown, type OpenedSession } from '../sign-in/sign-in.ts';
import { codeCounts, takeAttempt } from '../sign-in/take-attempt.ts';
import { takeCode } from './take-code.ts';

/** Throws TillsyncError second_factor_refused (401), sign_in_delayed (429), not_signed_in (401). */
export async function passSecondFactor(
  deps: PeopleDeps,
  of: { person: Person; code: string; from: From },
  now: Date = new Date(),
): Promise<OpenedSession> {
  const { person, code, from } = of;
  const address = networkOf(from.address ?? 'unknown');
  const isKnownAddress = await isKnown(deps, { userId: person.id, address, now });
  const attempt = await takeAttempt(deps.database, codeCounts({ userId: person.id, address, isKnownAddress }), now);
  const passed = await inNameOf(deps, actorOfCaller(person, from), async (q) => {
    const user = await lockUser(q, person.id);
    const taken = user === null ? null : await takeCode(q, deps.vault, { user, code, now });
    const subject = { type: 'user', id: person.id, name: person.name };
    if (user === null || taken === null) {
      await appendAudit(q, { action: 'session.refused', subject, after: { why: 'code' } });
      return null;
    }
    const renewed = await renewedSession(q, { user, person, now, secondFactorAt: now });
    if (renewed === null) throw notSignedIn();
    await attempt.succeeded(q);
    await appendAudit(q, { action: 'session.proved', subject, after: { session: renewed.id, code: taken } });
    return renewed;
  });
  if (passed === null) throw codeRefused();
  return passed;
}
