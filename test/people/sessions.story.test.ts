// Sessions from their opening to their end, and what asks for a proof anew.
import { beforeAll, describe, expect, test } from 'vitest';
import { closeSessions, removeUser, setRoles, setUserDisabled } from '../../src/access/people/accounts/change-users.ts';
import type { PeopleDeps } from '../../src/access/people/people-deps.ts';
import { enrolFactor, renewRecoveryCodes } from '../../src/access/people/second-factor/enrol-factor.ts';
import {
  callerOfSession,
  requirePerson,
  requireRecentProof,
} from '../../src/access/people/sessions/caller-of-session.ts';
import { changePassword, proveAgain } from '../../src/access/people/sessions/prove-again.ts';
import { signIn } from '../../src/access/people/sign-in/sign-in.ts';
import { scopeFor } from '../../src/access/permission.ts';
import { listSessions } from '../../src/records/people/sessions.ts';
import {
  admin,
  cli,
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
  // Somebody who may always stay.
  const keeper = await userWithPassword(deps, { email: 'keeper@example.com', roles: [admin] });
  await withFactor(deps, keeper);
});

const hours = 3600;
let made = 0;
async function anybody(roles = [viewer]) {
  made++;
  const email = `somebody${made}@example.com`;
  const session = await userWithPassword(deps, { email, roles });
  return { email, ...session, again: () => signIn(deps, { ...home, email, password }, start) };
}

async function isLive(token: string, now = start): Promise<boolean> {
  return (await callerOfSession(deps.database, token, now)) !== null;
}

describe('S28: a session', () => {
  test('is 256 random bits, stored as a digest only, and new with each sign-in', async () => {
    const one = await anybody();
    const other = await one.again();
    expect(one.token).toMatch(/^[\w-]{43}$/);
    expect(other.token).not.toBe(one.token);
    expect(other.id).not.toBe(one.id);
    const { rows } = await deps.database.query<{ row: string }>(
      `select to_jsonb(s)::text || s.token_hash::text as row from integration_sessions s`,
    );
    for (const { row } of rows) expect(row).not.toContain(one.token);
  });

  test('that is none, or another text, is nobody', async () => {
    const { token } = await anybody();
    for (const text of [
      '',
      'x',
      token.slice(1),
      `${token}x`,
      token.toUpperCase(),
      `${'A'.repeat(43)}`,
      '\0'.repeat(43),
    ]) {
      expect(await callerOfSession(deps.database, text, start)).toBeNull();
    }
  });

  test('ends after 12 hours without use, and not while it is used', async () => {
    const { token } = await anybody();
    expect(await isLive(token, later(12 * hours - 1))).toBe(true);
    expect(await isLive(token, later(24 * hours - 2))).toBe(true);
    expect(await isLive(token, later(36 * hours - 1))).toBe(false);
  });

  test('ends after 7 days, however much it is used', async () => {
    const { token } = await anybody();
    for (let hour = 0; hour < 168; hour += 11) expect(await isLive(token, later(hour * hours))).toBe(true);
    expect(await isLive(token, later(168 * hours - 1))).toBe(true);
    expect(await isLive(token, later(168 * hours))).toBe(false);
  });

  test('is listed with address and browser, and each can be ended', async () => {
    const one = await anybody();
    const two = await one.again();
    const three = await one.again();
    const listed = () => listSessions(deps.database, { userId: one.userId, now: start, idleSince: later(-12 * hours) });
    expect((await listed()).map(({ id }) => id).sort()).toEqual([one.id, two.id, three.id].sort());
    expect((await listed())[0]).toMatchObject({ address: home.address, user_agent: 'test' });
    const asked = { actor: cli, userId: one.userId };
    expect(await closeSessions(deps, { ...asked, only: two.id }, start)).toBe(1);
    expect(await closeSessions(deps, { ...asked, only: two.id }, start)).toBe(0);
    expect(await closeSessions(deps, { ...asked, only: 'nonsense' }, start)).toBe(0);
    expect(await Promise.all([one, two, three].map(({ token }) => isLive(token)))).toEqual([true, false, true]);
    expect(await closeSessions(deps, { ...asked, except: one.id }, start)).toBe(1);
    expect((await listed()).map(({ id }) => id)).toEqual([one.id]);
  });

  test('of somebody else cannot be ended as one’s own', async () => {
    const [one, other] = [await anybody(), await anybody()];
    expect(await closeSessions(deps, { actor: cli, userId: one.userId, only: other.id }, start)).toBe(0);
    expect(await isLive(other.token)).toBe(true);
  });

  test('ends when its user is disabled, and does not come back when they are enabled', async () => {
    const one = await anybody();
    await setUserDisabled(deps, { actor: cli, userId: one.userId, disabled: true }, start);
    expect(await isLive(one.token)).toBe(false);
    await expect(one.again()).rejects.toMatchObject({ code: 'sign_in_refused' });
    await setUserDisabled(deps, { actor: cli, userId: one.userId, disabled: false }, start);
    expect(await isLive(one.token)).toBe(false);
    expect(await isLive((await one.again()).token)).toBe(true);
  });

  test('ends when its user is deleted', async () => {
    const one = await anybody();
    await removeUser(deps, { actor: cli, userId: one.userId });
    expect(await isLive(one.token)).toBe(false);
  });

  test('ends when the password is changed, but for the one that changes it, which gets a new token', async () => {
    const one = await anybody();
    const other = await one.again();
    const person = await personOf(deps, one.token);
    const given = { person, from: home, password, newPassword: 'quite different plain words' };
    await expect(changePassword(deps, { ...given, password: 'wrong' }, start)).rejects.toMatchObject({
      code: 'password_refused',
      status: 403,
    });
    await expect(changePassword(deps, { ...given, newPassword: 'password' }, start)).rejects.toMatchObject({
      code: 'password_unfit',
    });
    expect(await isLive(other.token)).toBe(true);
    const renewed = await changePassword(deps, given, start);
    expect(renewed.id).toBe(one.id);
    expect(await Promise.all([one, other, renewed].map(({ token }) => isLive(token)))).toEqual([false, false, true]);
    await expect(one.again()).rejects.toMatchObject({ code: 'sign_in_refused' });
  });

  test('gets a new token when more is proven: the old one is worth nothing', async () => {
    const one = await anybody();
    const person = await personOf(deps, one.token);
    const proven = await proveAgain(deps, { person, from: home, password }, later(60));
    expect(proven.id).toBe(one.id);
    expect(await isLive(one.token)).toBe(false);
    expect(await isLive(proven.token)).toBe(true);
  });

  test('S20: carries no rights of its own: roles that are given or taken count with the next request', async () => {
    const one = await anybody([]);
    const scope = async (permission: 'read' | 'sync') =>
      scopeFor(permission, (await callerOfSession(deps.database, one.token, start))?.grants ?? []);
    expect(await scope('read')).toBeNull();
    const { rows } = await deps.database.query<{ site: string }>(
      `with concept as (insert into concepts (name) values ('c') returning id),
            company as (insert into companies (name, concept_id) select 'co', id from concept returning id)
       insert into stores (name, company_id) select 's', id from company returning id as site`,
    );
    const site = String(rows[0]?.site);
    const move = (role: 'viewer' | 'operator') =>
      setRoles(deps, { actor: cli, userId: one.userId, roles: [{ role, level: 'site', level_id: Number(site) }] });
    await move('operator');
    expect(await scope('sync')).toEqual({ all: false, concepts: [], companies: [], sites: [site] });
    await move('viewer');
    expect(await scope('sync')).toBeNull();
    expect(await scope('read')).toMatchObject({ sites: [site] });
    await setRoles(deps, { actor: cli, userId: one.userId, roles: [] });
    expect(await scope('read')).toBeNull();
  });
});

describe('S29: a proof that is older than 10 minutes', () => {
  test('is asked for anew, and counts for 10 minutes', async () => {
    const one = await anybody();
    const caller = await personOf(deps, one.token);
    expect(() => requireRecentProof(caller, later(600))).not.toThrow();
    expect(() => requireRecentProof(caller, later(601))).toThrow(
      expect.objectContaining({ code: 'proof_needed', status: 403 }),
    );
    await expect(enrolFactor(deps, { person: caller, from: home }, later(601))).rejects.toMatchObject({
      code: 'proof_needed',
    });
    await expect(renewRecoveryCodes(deps, { person: caller, from: home }, later(601))).rejects.toMatchObject({
      code: 'proof_needed',
    });
    await expect(
      proveAgain(deps, { person: caller, from: home, password: 'wrong' }, later(3600)),
    ).rejects.toMatchObject({ code: 'password_refused' });
    const proven = await proveAgain(deps, { person: caller, from: home, password }, later(3600));
    const anew = await personOf(deps, proven.token, later(4200));
    expect(() => requireRecentProof(anew, later(4200))).not.toThrow();
    expect(() => requireRecentProof(anew, later(4201))).toThrow();
  });

  test('is no way to guess a password: a session that was taken over waits as a sign-in does', async () => {
    const one = await anybody();
    const person = await personOf(deps, one.token);
    const guess = () =>
      proveAgain(deps, { person, from: home, password: 'wrong' }, start).catch(({ code }: { code: string }) => code);
    const answers = [];
    for (let i = 0; i < 7; i++) answers.push(await guess());
    expect(answers).toEqual([...new Array(5).fill('password_refused'), 'sign_in_delayed', 'sign_in_delayed']);
  });

  test('is asked of people only: a key is nobody, and proves itself each time', () => {
    const key = { kind: 'key', id: null, name: 'kiosk', grants: [] } as const;
    expect(() => requireRecentProof(key, start)).not.toThrow();
    expect(() => requirePerson(key)).toThrow(expect.objectContaining({ code: 'person_needed', status: 403 }));
  });
});
