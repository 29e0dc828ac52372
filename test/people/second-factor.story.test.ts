// The second factor: set up, asked for, codes once only, recovery, and taken away.
import { beforeAll, describe, expect, test } from 'vitest';
import { setRoles } from '../../src/access/people/accounts/change-users.ts';
import type { PeopleDeps } from '../../src/access/people/people-deps.ts';
import { drawQr } from '../../src/access/people/second-factor/draw-qr.ts';
import {
  confirmFactor,
  enrolFactor,
  renewRecoveryCodes,
  takeFactorAway,
} from '../../src/access/people/second-factor/enrol-factor.ts';
import { passSecondFactor } from '../../src/access/people/second-factor/pass-second-factor.ts';
import { digestRecoveryCode } from '../../src/access/people/second-factor/recovery-codes.ts';
import { callerOfSession, requirePerson } from '../../src/access/people/sessions/caller-of-session.ts';
import { proveAgain } from '../../src/access/people/sessions/prove-again.ts';
import { signIn } from '../../src/access/people/sign-in/sign-in.ts';
import {
  admin,
  cli,
  codeAt,
  home,
  later,
  openPeople,
  password,
  personOf,
  start,
  userWithPassword,
  viewer,
  withFactor,
} from './open-people.ts';

let deps: PeopleDeps;
beforeAll(async () => {
  deps = await openPeople();
});

let made = 0;
async function adminWithFactor() {
  made++;
  const email = `admin${made}@example.com`;
  const session = await withFactor(deps, await userWithPassword(deps, { email, roles: [admin] }));
  return { ...session, email };
}

/** Password first, then a code. */
async function signInWith(email: string, code: string, now: Date) {
  return await signInFrom({ email, address: home.address }, code, now);
}

async function signInFrom(of: { email: string; address: string | null }, code: string, now: Date) {
  const { address } = of;
  const opened = await signIn(deps, { ...home, ...of, password }, now);
  const person = await personOf(deps, opened.token, now);
  return await passSecondFactor(deps, { person, code, from: { ...home, address } }, now);
}

describe('S27: a second factor', () => {
  test('is asked of admins: without one their session may only set it up', async () => {
    const one = await userWithPassword(deps, { email: 'new-admin@example.com', roles: [admin] });
    expect(one.needs).toBe('enrolment');
    const before = await personOf(deps, one.token);
    expect(before.grants).toEqual([]);
    expect(() => requirePerson(before)).toThrow(expect.objectContaining({ code: 'enrolment_needed', status: 403 }));
    const after = await withFactor(deps, one);
    expect(after.needs).toBeNull();
    expect(await callerOfSession(deps.database, one.token, start)).toBeNull();
    expect((await personOf(deps, after.token)).grants).toEqual([{ access: 'admin', level: 'all', levelId: null }]);
  });

  test('is asked of who becomes an admin, with the next request', async () => {
    const one = await userWithPassword(deps, { email: 'promoted@example.com', roles: [viewer] });
    expect((await personOf(deps, one.token)).grants).toHaveLength(1);
    await setRoles(deps, { actor: cli, userId: one.userId, roles: [admin] });
    expect(await personOf(deps, one.token)).toMatchObject({ grants: [], session: { needs: 'enrolment' } });
  });

  test('is awaited after the password: until then the session may do nothing, not even set up another one', async () => {
    const { email, secret } = await adminWithFactor();
    const opened = await signIn(deps, { ...home, email, password }, later(60));
    expect(opened.needs).toBe('second_factor');
    const person = await personOf(deps, opened.token, later(60));
    expect(person.grants).toEqual([]);
    expect(() => requirePerson(person, ['enrolment'])).toThrow(
      expect.objectContaining({ code: 'second_factor_needed', status: 403 }),
    );
    const code = codeAt(secret, later(60));
    const passed = await passSecondFactor(deps, { person, code, from: home }, later(60));
    expect(passed).toMatchObject({ id: opened.id, needs: null });
    expect(passed.token).not.toBe(opened.token);
    expect(await callerOfSession(deps.database, opened.token, later(60))).toBeNull();
    expect((await personOf(deps, passed.token, later(60))).grants).toHaveLength(1);
  });

  test('takes each code once, also of two that come at the same moment', async () => {
    const { email, secret } = await adminWithFactor();
    const now = later(60);
    const code = codeAt(secret, now);
    const both = await Promise.allSettled([signInWith(email, code, now), signInWith(email, code, now)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(signInWith(email, code, now)).rejects.toMatchObject({ code: 'second_factor_refused', status: 401 });
    // Nor one of a step before the last that was taken.
    await expect(signInWith(email, codeAt(secret, later(30)), now)).rejects.toMatchObject({
      code: 'second_factor_refused',
    });
    expect(await signInWith(email, codeAt(secret, later(90)), later(90))).toMatchObject({ needs: null });
  });

  test('does not take the code with which it was set up again', async () => {
    const { email, secret } = await adminWithFactor();
    await expect(signInWith(email, codeAt(secret, start), start)).rejects.toMatchObject({
      code: 'second_factor_refused',
    });
  });

  test('takes codes of the step before and after, since clocks differ, and no others', async () => {
    const { email, secret } = await adminWithFactor();
    const now = later(600);
    for (const [shift, taken] of [
      [-90, false],
      [-60, false],
      [60, false],
      [-30, true],
      [30, true],
    ] as const) {
      const outcome = await signInWith(email, codeAt(secret, later(shift, now)), now).then(
        () => true,
        () => false,
      );
      expect([shift, outcome]).toEqual([shift, taken]);
    }
  });

  test('takes each of ten recovery codes once, and new ones end the old', async () => {
    const { email, recoveryCodes, token } = await adminWithFactor();
    expect(recoveryCodes).toHaveLength(10);
    const [first = '', second = '', third = ''] = recoveryCodes;
    expect(first).toMatch(/^[2-9a-z]{4}(-[2-9a-z]{4}){6}$/);
    expect(await signInWith(email, ` ${first.toUpperCase().replaceAll('-', ' ')} `, later(60))).toMatchObject({
      needs: null,
    });
    await expect(signInWith(email, first, later(60))).rejects.toMatchObject({ code: 'second_factor_refused' });
    const { rows } = await deps.database.query<{ row: string }>(
      'select to_jsonb(c)::text as row from integration_recovery_codes c',
    );
    for (const { row } of rows) expect(row).not.toContain(second.replaceAll('-', ''));
    const renewed = await renewRecoveryCodes(deps, { person: await personOf(deps, token), from: home }, start);
    await expect(signInWith(email, second, later(60))).rejects.toMatchObject({ code: 'second_factor_refused' });
    expect(await signInWith(email, renewed[0] as string, later(60))).toMatchObject({ needs: null });
    expect(renewed).not.toContain(third);
  });

  test('takes a recovery code of the shorter form of before, once', async () => {
    const { email, userId } = await adminWithFactor();
    const code = 'abcd-efgh-ijkm-npqr';
    await deps.database.query(
      `update integration_recovery_codes set code_hash = $2
        where code_hash = (select code_hash from integration_recovery_codes where user_id = $1 limit 1)`,
      [userId, digestRecoveryCode(code)],
    );
    expect(await signInWith(email, code, later(60))).toMatchObject({ needs: null });
    await expect(signInWith(email, code, later(60))).rejects.toMatchObject({ code: 'second_factor_refused' });
    for (const length of [15, 17, 24, 27, 29]) expect(digestRecoveryCode('a'.repeat(length))).toBeNull();
  });

  test('is guessed no faster than a password', async () => {
    const { email, secret } = await adminWithFactor();
    const outcomes = [];
    for (let i = 0; i < 8; i++) {
      outcomes.push(await signInFrom({ email, address: '203.0.113.9' }, '000000', later(60)).catch(({ code }) => code));
    }
    expect(outcomes).toEqual([...new Array(5).fill('second_factor_refused'), ...new Array(3).fill('sign_in_delayed')]);
    // Elsewhere nobody waits.
    expect(await signInWith(email, codeAt(secret, later(60)), later(60))).toMatchObject({ needs: null });
  });

  test('is stored encrypted, for its user alone', async () => {
    const one = await adminWithFactor();
    const other = await adminWithFactor();
    const { rows } = await deps.database.query<{ totp_encrypted: string; row: string }>(
      'select totp_encrypted, to_jsonb(u)::text as row from integration_users u where id = $1',
      [one.userId],
    );
    expect(rows[0]?.totp_encrypted).toMatch(/^v1\./);
    expect(rows[0]?.row).not.toContain(one.secret);
    await deps.database.query(
      `update integration_users u set totp_encrypted = (select totp_encrypted from integration_users where id = $1)
        where id = $2`,
      [one.userId, other.userId],
    );
    await expect(signInWith(other.email, codeAt(one.secret, later(60)), later(60))).rejects.toMatchObject({
      code: 'credential_unreadable',
    });
  });

  test('is asked for with the password when somebody proves who they are again', async () => {
    const { token, secret } = await adminWithFactor();
    const person = await personOf(deps, token, later(60));
    const proof = { person, from: home, password };
    await expect(proveAgain(deps, proof, later(60))).rejects.toMatchObject({ code: 'second_factor_refused' });
    const code = codeAt(secret, later(60));
    expect(await proveAgain(deps, { ...proof, code }, later(60))).toMatchObject({ id: person.session.id });
  });

  test('cannot be replaced behind its owner: it must be taken away first, which needs a recent proof and ends all other sessions', async () => {
    const { token, email, secret, userId } = await adminWithFactor();
    const person = await personOf(deps, token);
    await expect(enrolFactor(deps, { person, from: home }, start)).rejects.toMatchObject({
      code: 'second_factor_exists',
    });
    await expect(confirmFactor(deps, { person, from: home, code: codeAt(secret, start) }, start)).rejects.toMatchObject(
      {
        code: 'second_factor_exists',
      },
    );
    const other = await signInWith(email, codeAt(secret, later(60)), later(60));
    await takeFactorAway(deps, { actor: cli, userId, keep: person.session.id }, later(61));
    expect(await callerOfSession(deps.database, other.token, later(61))).toBeNull();
    expect(await personOf(deps, token, later(61))).toMatchObject({ grants: [], session: { needs: 'enrolment' } });
    await expect(takeFactorAway(deps, { actor: cli, userId }, start)).rejects.toMatchObject({
      code: 'second_factor_absent',
    });
  });

  test('ends all other sessions when it is set up', async () => {
    const one = await userWithPassword(deps, { email: 'careful@example.com' });
    const other = await signIn(deps, { ...home, email: 'careful@example.com', password }, start);
    await withFactor(deps, one);
    expect(await callerOfSession(deps.database, other.token, start)).toBeNull();
  });

  test('is drawn as a QR code', () => {
    const { size, path } = drawQr('otpauth://totp/tillsync:ada@example.com?issuer=tillsync&secret=ABC');
    expect(size).toBeGreaterThan(29);
    // The corner mark of the upper left, behind the quiet zone.
    expect(path).toMatch(/^M4 4h1v1h-1zM5 4h1v1h-1z/);
    expect(path.replace(/M\d+ \d+h1v1h-1z/g, '')).toBe('');
  });
});
