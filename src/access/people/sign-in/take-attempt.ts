// Counts an attempt before it is made, so that many at once cannot be made for the price of one.
import { createHash } from 'node:crypto';
import type { Database, Queryable } from '../../../db/database.ts';
import { TillsyncError } from '../../../errors.ts';
import {
  type DelaySubject,
  forgetDelays,
  lockDelays,
  readWait,
  takeBackAttempt,
  writeDelay,
} from '../../../records/people/sign-in-delays.ts';
import { after, peopleTimes } from '../people-times.ts';
import { nextAttempt, type Patience, patience } from './attempt-delay.ts';

/** An attempt under way: it counts as failed until `succeeded` is called in the transaction of its success. */
export interface Attempt {
  succeeded(q: Queryable): Promise<void>;
}

interface Counted extends DelaySubject {
  patience: Patience;
}

/**
 * What is counted for a password. From an address of the user's own only that account's failures there count: neither a
 * neighbour behind the same address nor guessers elsewhere keep them out.
 */
export function passwordCounts(of: { email: string; address: string; isKnownAddress: boolean }): Counted[] {
  const account = of.email.toLowerCase();
  const here = counted('account', `${account} from ${of.address}`, patience.accountHere);
  if (of.isKnownAddress) return [here];
  return [here, counted('account', account, patience.account), counted('address', of.address, patience.address)];
}

/** What is counted for a code of the second factor. */
export function codeCounts(of: { userId: string; address: string; isKnownAddress: boolean }): Counted[] {
  const here = counted('account', `code of ${of.userId} from ${of.address}`, patience.accountHere);
  return of.isKnownAddress ? [here] : [here, counted('account', `code of ${of.userId}`, patience.code)];
}

function counted(kind: DelaySubject['kind'], text: string, of: Patience): Counted {
  return { kind, hash: createHash('sha256').update(text).digest(), patience: of };
}

/** Throws TillsyncError sign_in_delayed (429) when earlier failures make it wait; such a refusal counts for nothing. */
export async function takeAttempt(database: Database, counts: readonly Counted[], now: Date): Promise<Attempt> {
  // Most refusals end here, without a lock or a write.
  const until = await readWait(database, counts);
  if (until !== null && until > now) throw delayed(until, now);
  const wait = await database.transaction(
    async (q) => {
      const states = await lockDelays(q, counts, now);
      const next = states.map((state, i) => nextAttempt(state, (counts[i] as Counted).patience, now));
      if (next.includes(null)) return new Date(Math.max(...states.map(({ nextAllowedAt }) => nextAllowedAt.getTime())));
      for (const [i, state] of next.entries()) if (state !== null) await writeDelay(q, counts[i] as Counted, state);
      return null;
    },
    { isShort: true },
  );
  if (wait !== null) throw delayed(wait, now);
  return {
    async succeeded(q) {
      await takeBackAttempt(q, counts, now);
      // The first one is the account here: its owner begins anew.
      await forgetDelays(q, counts.slice(0, 1), after(now, -peopleTimes.failuresKept));
    },
  };
}

function delayed(until: Date, now: Date): TillsyncError {
  const seconds = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
  const wait = seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
  return new TillsyncError(`After several failures the next attempt must wait ${wait}.`, {
    code: 'sign_in_delayed',
    step: 'auth',
    retry: { afterSeconds: seconds },
    effect: 'This attempt was not looked at, and does not make the wait longer.',
    hint: 'Wait, then try again; or have an admin make a link for a new password.',
    status: 429,
    exitCode: 75,
  });
}
