// Signing in: one path for everybody, and guessing gets slower and slower while nobody is locked out.
import { beforeAll, describe, expect, test } from 'vitest';
import { addUser, setUserDisabled } from '../../src/access/people/accounts/change-users.ts';
import { makeUserLink } from '../../src/access/people/links/make-link.ts';
import { redeemLink } from '../../src/access/people/links/redeem-link.ts';
import { openPasswords } from '../../src/access/people/passwords/open-passwords.ts';
import type { PeopleDeps } from '../../src/access/people/people-deps.ts';
import { nextAttempt } from '../../src/access/people/sign-in/attempt-delay.ts';
import { signIn } from '../../src/access/people/sign-in/sign-in.ts';
import { passwordCounts } from '../../src/access/people/sign-in/take-attempt.ts';
import type { TillsyncError } from '../../src/errors.ts';
import type { DelayState } from '../../src/records/people/sign-in-delays.ts';
import { cli, home, later, openPeople, password, start, userWithPassword } from './open-people.ts';

let deps: PeopleDeps;
beforeAll(async () => {
  deps = await openPeople();
});

/** One attempt: 'in', or the code of its refusal, and the hashes that it cost. */
async function attempt(
  given: { email: string; password: string; address?: string },
  now: Date = start,
): Promise<{ outcome: string; message: string; hashes: number; wait: number | null }> {
  const before = deps.passwords.computed();
  const from = { ...home, address: given.address ?? home.address };
  const ended = await signIn(deps, { ...from, email: given.email, password: given.password }, now).then(
    () => null,
    (error: TillsyncError) => error,
  );
  const retry = ended?.retry;
  return {
    outcome: ended === null ? 'in' : ended.code,
    message: ended === null ? '' : JSON.stringify([ended.message, ended.effect, ended.hint, ended.status]),
    hashes: deps.passwords.computed() - before,
    wait: typeof retry === 'object' ? retry.afterSeconds : null,
  };
}

async function auditOf(action: string): Promise<Record<string, unknown>[]> {
  const { rows } = await deps.database.query<{ row: Record<string, unknown> }>(
    'select to_jsonb(a) as row from integration_audit_log a where action = $1 order by at',
    [action],
  );
  return rows.map(({ row }) => row);
}

describe('signing in', () => {
  test('S26: unknown, disabled, not yet invited and wrong take one path: one hash, one answer, the same statements', async () => {
    await userWithPassword(deps, { email: 'known@example.com' });
    const disabled = await userWithPassword(deps, { email: 'disabled@example.com' });
    await setUserDisabled(deps, { actor: cli, userId: disabled.userId, disabled: true }, start);
    await addUser(deps, { actor: cli, email: 'invited@example.com', name: 'Invited', roles: [] }, start);
    const statements: string[][] = [];
    const { database } = deps;
    const answers = [];
    for (const [email, tried] of [
      ['known@example.com', 'another four plain words'],
      ['unknown@example.com', password],
      ['disabled@example.com', password],
      ['disabled@example.com', 'another four plain words'],
      ['invited@example.com', password],
      ['nul\0@example.com', password],
      ['', ''],
    ] as const) {
      const seen: string[] = [];
      statements.push(seen);
      const watched = {
        ...database,
        query: ((statement, parameters) => {
          seen.push(statement);
          return database.query(statement, parameters);
        }) as typeof database.query,
        as: ((claims) => {
          seen.push('as a caller');
          return database.as(claims);
        }) as typeof database.as,
      };
      const before = deps.passwords.computed();
      const error = await signIn(
        { ...deps, database: watched },
        { ...home, address: '203.0.113.1', email, password: tried },
        start,
      ).catch((refused: TillsyncError) => refused);
      answers.push({ ...(error as TillsyncError), hashes: deps.passwords.computed() - before });
    }
    for (const answer of answers) {
      expect(answer).toEqual(answers[0]);
      expect(answer).toMatchObject({ code: 'sign_in_refused', status: 401, hashes: 1 });
    }
    for (const seen of statements) expect(seen).toEqual(statements[0]);
  });

  test('S44: a refusal is in the audit log, and what was typed only where it is the e-mail of a user', async () => {
    await userWithPassword(deps, { email: 'audited@example.com' });
    await attempt({ email: 'audited@example.com', password: 'wrong', address: '203.0.113.2' });
    await attempt({ email: 'my-secret-in-the-wrong-field', password: 'wrong', address: '203.0.113.2' });
    await attempt({ email: 'audited@example.com', password });
    const refused = (await auditOf('session.refused')).filter(({ address }) => address === '203.0.113.2');
    expect(refused).toMatchObject([
      { actor: 'nobody', subject_name: 'audited@example.com', after: { why: 'password' } },
      { actor: 'nobody', subject_name: null, after: { why: 'unknown user' } },
    ]);
    const opened = (await auditOf('session.opened')).filter(({ actor }) => actor === 'user:audited@example.com');
    expect(opened).toMatchObject([{ address: home.address, subject_name: 'audited@example.com' }]);
    expect(JSON.stringify(await auditOf('session.refused'))).not.toContain('wrong-field');
  });

  test('the case of an e-mail and spaces around it do not matter; those of a password do', async () => {
    await userWithPassword(deps, { email: 'Case@Example.com' });
    expect(await attempt({ email: ' case@example.COM ', password })).toMatchObject({ outcome: 'in' });
    expect(await attempt({ email: 'case@example.com', password: ` ${password}` })).toMatchObject({
      outcome: 'sign_in_refused',
    });
  });

  test('a hash of an older cost is made anew when its user comes in', async () => {
    const { userId } = await userWithPassword(deps, { email: 'dated@example.com' });
    const raised = { ...deps, passwords: openPasswords({ cost: { logN: 5, r: 1, p: 1 } }) };
    await signIn(raised, { ...home, email: 'dated@example.com', password }, start);
    const { rows } = await deps.database.query<{ password_hash: string }>(
      'select password_hash from integration_users where id = $1',
      [userId],
    );
    expect(rows[0]?.password_hash).toMatch(/^scrypt\$5\$1\$1\$/);
    expect(await attempt({ email: 'dated@example.com', password })).toMatchObject({ outcome: 'in' });
  });
});

describe('guessing', () => {
  test('S26: five failures cost nothing, then each doubles the wait up to a quarter of an hour; then the right password works', async () => {
    await userWithPassword(deps, { email: 'slow@example.com' });
    const guess = { email: 'slow@example.com', password: 'wrong', address: '203.0.113.10' };
    const waits: number[] = [];
    let now = start;
    for (let i = 0; i < 4; i++) expect(await attempt(guess, now)).toMatchObject({ outcome: 'sign_in_refused' });
    for (let i = 0; i < 13; i++) {
      expect(await attempt(guess, now)).toMatchObject({ outcome: 'sign_in_refused', hashes: 1 });
      const refused = await attempt(guess, now);
      expect(refused).toMatchObject({ outcome: 'sign_in_delayed', hashes: 0 });
      waits.push(refused.wait as number);
      now = later(refused.wait as number, now);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    expect(await attempt({ ...guess, password }, later(-1, now))).toMatchObject({ outcome: 'sign_in_delayed' });
    expect(await attempt({ ...guess, password }, now)).toMatchObject({ outcome: 'in' });
    // Who came in begins anew.
    expect(await attempt(guess, now)).toMatchObject({ outcome: 'sign_in_refused' });
    expect(await attempt(guess, now)).toMatchObject({ outcome: 'sign_in_refused' });
  });

  test('S26: a stranger keeps nobody out: the owner comes in from an address of their own at once, others wait a minute at most', async () => {
    const email = 'wanted@example.com';
    await userWithPassword(deps, { email, from: { ...home, address: '198.51.100.20' } });
    let now = start;
    // 150 addresses guess at once, again and again.
    for (let i = 0; i < 150; i++) {
      const { outcome, wait } = await attempt({ email, password: 'wrong', address: `203.0.${i % 250}.99` }, now);
      if (outcome === 'sign_in_delayed') now = later(wait as number, now);
    }
    const last = await attempt({ email, password: 'wrong', address: '203.0.113.200' }, now);
    now = later(last.wait ?? 0, now);
    if (last.wait !== null) await attempt({ email, password: 'wrong', address: '203.0.113.201' }, now);
    expect(await attempt({ email, password, address: '198.51.100.20' }, now)).toMatchObject({ outcome: 'in' });
    const elsewhere = await attempt({ email, password, address: '192.0.2.77' }, now);
    expect(elsewhere).toMatchObject({ outcome: 'sign_in_delayed' });
    expect(elsewhere.wait).toBeLessThanOrEqual(60);
    const after = later(elsewhere.wait as number, now);
    expect(await attempt({ email, password, address: '192.0.2.77' }, after)).toMatchObject({ outcome: 'in' });
  });

  test('a link for a new password ends the wait of its user', async () => {
    const email = 'linked@example.com';
    const { userId } = await userWithPassword(deps, { email });
    const guess = { email, password: 'wrong', address: '203.0.113.30' };
    for (let i = 0; i < 5; i++) await attempt(guess);
    expect(await attempt({ ...guess, password })).toMatchObject({ outcome: 'sign_in_delayed' });
    const { token } = await makeUserLink(deps, { actor: cli, userId }, start);
    const chosen = 'quite different plain words';
    await redeemLink(deps, { token, password: chosen, from: { ...home, address: '203.0.113.30' } }, start);
    expect(await attempt({ ...guess, password: chosen })).toMatchObject({ outcome: 'in' });
  });

  test('S26: many guesses at once get no more tries than one after another', async () => {
    await userWithPassword(deps, { email: 'parallel@example.com' });
    const guess = { email: 'parallel@example.com', password: 'wrong', address: '203.0.113.40' };
    const outcomes = await Promise.all(Array.from({ length: 60 }, () => attempt(guess)));
    expect(outcomes.filter(({ outcome }) => outcome === 'sign_in_refused')).toHaveLength(5);
    expect(outcomes.filter(({ outcome }) => outcome === 'sign_in_delayed')).toHaveLength(55);
  });

  /** Guesses, three a second. */
  const campaigns = [
    { name: 'on one account from one address', most: 120, of: () => ({ email: 'a@example.com', address: '10.0.0.1' }) },
    {
      name: 'on one account from a thousand addresses',
      most: 700,
      of: (i: number) => ({ email: 'b@example.com', address: `10.1.${i % 4}.${i % 250}` }),
    },
    {
      name: 'on a thousand accounts from one address',
      most: 130,
      of: (i: number) => ({ email: `user${i % 1000}@example.com`, address: '10.0.0.2' }),
    },
  ];
  const guessAt = (i: number) => later(Math.floor(i / 3));

  /** How many of so many guesses are tried, by the rule alone. */
  function triedByRule(of: (i: number) => { email: string; address: string }, guesses: number): number {
    const states = new Map<string, DelayState>();
    // The same thousand come again and again: what is counted for them is hashed once.
    const known = new Map<string, ReturnType<typeof passwordCounts>>();
    const countsOf = (guess: { email: string; address: string }) => {
      const who = `${guess.email} ${guess.address}`;
      const counts = known.get(who) ?? passwordCounts({ ...guess, isKnownAddress: false });
      known.set(who, counts);
      return counts;
    };
    let tried = 0;
    for (let i = 0; i < guesses; i++) {
      const now = guessAt(i);
      const next = countsOf(of(i)).map(({ kind, hash, patience }) => {
        const name = kind + hash.toString('hex');
        const state = states.get(name) ?? { failures: 0, lastFailedAt: now, nextAllowedAt: now };
        return [name, nextAttempt(state, patience, now)] as const;
      });
      if (next.some(([, state]) => state === null)) continue;
      tried++;
      for (const [name, state] of next) states.set(name, state as DelayState);
    }
    return tried;
  }

  test.each(campaigns)('S26: of 100,000 guesses $name at most $most are tried', async ({ most, of }) => {
    const tried = triedByRule(of, 100_000);
    expect(tried).toBeGreaterThan(20);
    expect(tried).toBeLessThanOrEqual(most);
    // The rule alone says what signing in does.
    const before = deps.passwords.computed();
    for (let i = 0; i < 400; i++) await attempt({ ...of(i), password: 'wrong' }, guessAt(i));
    expect(deps.passwords.computed() - before).toBe(triedByRule(of, 400));
  });

  test('failures are forgotten after a day without one', async () => {
    await userWithPassword(deps, { email: 'forgotten@example.com' });
    const guess = { email: 'forgotten@example.com', password: 'wrong', address: '203.0.113.70' };
    for (let i = 0; i < 5; i++) await attempt(guess);
    const nextDay = later(24 * 3600 + 2);
    for (let i = 0; i < 5; i++) expect(await attempt(guess, nextDay)).toMatchObject({ outcome: 'sign_in_refused' });
    expect(await attempt(guess, nextDay)).toMatchObject({ outcome: 'sign_in_delayed' });
  });
});
