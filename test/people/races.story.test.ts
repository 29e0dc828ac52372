// What happens at once: whoever is quicker, an admin is left, and no session outlives what it was opened by.
import { beforeAll, describe, expect, test } from 'vitest';
import {
  addUser,
  closeSessions,
  removeUser,
  renameUserTo,
  setRoles,
  setUserDisabled,
} from '../../src/access/people/accounts/change-users.ts';
import { makeUserLink } from '../../src/access/people/links/make-link.ts';
import type { Passwords } from '../../src/access/people/passwords/open-passwords.ts';
import type { Actor, PeopleDeps } from '../../src/access/people/people-deps.ts';
import { takeFactorAway } from '../../src/access/people/second-factor/enrol-factor.ts';
import { passSecondFactor } from '../../src/access/people/second-factor/pass-second-factor.ts';
import { callerOfSession } from '../../src/access/people/sessions/caller-of-session.ts';
import { changePassword, proveAgain } from '../../src/access/people/sessions/prove-again.ts';
import { signIn } from '../../src/access/people/sign-in/sign-in.ts';
import { countAdmins } from '../../src/records/people/user-roles.ts';
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

/** Passwords that do something just after they were compared: between the look and the deed. */
function inBetween(passwords: Passwords, work: () => Promise<unknown>): Passwords {
  return {
    ...passwords,
    async verify(stored, given) {
      const isRight = await passwords.verify(stored, given);
      await work();
      return isRight;
    },
  };
}

describe('S57: at once', () => {
  test('two admins who take each other’s rights leave one: demoted, disabled or deleted, again and again', async () => {
    const fresh = await openPeople();
    const users = await Promise.all(
      ['a', 'b'].map((name) => userWithPassword(fresh, { email: `${name}@example.com`, roles: [admin] })),
    );
    let [one, two] = users.map(({ userId }) => userId) as [string, string];
    for (let round = 0; round < 30; round++) {
      const kind = round % 3;
      const undo = async (userId: string) => {
        await setRoles(fresh, { actor: cli, userId, roles: [admin] });
        await setUserDisabled(fresh, { actor: cli, userId, disabled: false }, start);
      };
      const deeds = [one, two].map((userId) =>
        kind === 0
          ? setRoles(fresh, { actor: cli, userId, roles: [viewer] })
          : kind === 1
            ? setUserDisabled(fresh, { actor: cli, userId, disabled: true }, start)
            : removeUser(fresh, { actor: cli, userId }),
      );
      const ended = await Promise.allSettled(deeds);
      expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const refused = ended.find((end) => end.status === 'rejected');
      expect(refused?.reason).toMatchObject({ code: 'last_admin', status: 409 });
      expect(await countAdmins(fresh.database)).toBe(1);
      if (kind === 2) {
        const kept = ended[0]?.status === 'fulfilled' ? two : one;
        const again = await userWithPassword(fresh, { email: `c${round}@example.com`, roles: [admin] });
        [one, two] = [kept, again.userId];
      } else {
        await Promise.all([undo(one), undo(two)]);
      }
    }
  });

  test('who was an admin when the request came in, and is none any more, changes nothing', async () => {
    const fresh = await openPeople();
    const users = await Promise.all(
      ['a', 'b'].map((name) => userWithPassword(fresh, { email: `${name}@example.com`, roles: [admin] })),
    );
    const [one, two] = users.map(({ userId }) => userId) as [string, string];
    const actors = [one, two].map((id) => ({ ...cli, who: 'user:someone@example.com', id }));
    const both = [two, one].map((userId, i) => setRoles(fresh, { actor: actors[i] as Actor, userId, roles: [viewer] }));
    const ended = await Promise.allSettled(both);
    const refused = ended.find((end) => end.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'access_denied', status: 403 });
    const loser = actors[ended.findIndex(({ status }) => status === 'rejected')] as Actor;
    const helper = { email: 'mine@example.com', name: 'Mine', roles: [admin] };
    const winner = loser.id === one ? two : one;
    for (const deed of [
      () => addUser(fresh, { actor: loser, ...helper }, start),
      () => renameUserTo(fresh, { actor: loser, userId: winner, email: 'mine@example.com' }),
      () => makeUserLink(fresh, { actor: loser, userId: winner }, start),
      () => takeFactorAway(fresh, { actor: loser, userId: winner }, start),
      () => closeSessions(fresh, { actor: loser, userId: winner }, start),
    ]) {
      await expect(deed()).rejects.toMatchObject({ code: 'access_denied' });
    }
    // What is the loser's own stays theirs to change.
    expect(await renameUserTo(fresh, { actor: loser, userId: loser.id ?? '', name: 'Myself' })).toMatchObject({
      name: 'Myself',
    });
  });

  test('an admin who has not taken the invitation yet does not count as one who is left', async () => {
    const fresh = await openPeople();
    const { userId } = await userWithPassword(fresh, { email: 'only@example.com', roles: [admin] });
    await addUser(fresh, { actor: cli, email: 'invited@example.com', name: 'Invited', roles: [admin] }, start);
    await expect(removeUser(fresh, { actor: cli, userId })).rejects.toMatchObject({ code: 'last_admin' });
  });

  test('a password that is changed during a sign-in leaves no session of the old one', async () => {
    const session = await userWithPassword(deps, { email: 'changing@example.com' });
    const person = await personOf(deps, session.token);
    const change = () =>
      changePassword(deps, { person, from: home, password, newPassword: 'quite different plain words' }, start);
    const racing = { ...deps, passwords: inBetween(deps.passwords, change) };
    await expect(signIn(racing, { ...home, email: 'changing@example.com', password }, start)).rejects.toMatchObject({
      code: 'sign_in_refused',
    });
    const { rows } = await deps.database.query(
      'select id from integration_sessions where user_id = $1 and revoked_at is null',
      [session.userId],
    );
    expect(rows).toEqual([{ id: session.id }]);
  });

  test('sign-ins and a change of the password in any order leave sessions of the new one only', async () => {
    const email = 'stirred@example.com';
    let session = await userWithPassword(deps, { email });
    let now = password;
    for (let round = 0; round < 15; round++) {
      const newPassword = `the plain words of round ${round}`;
      const person = await personOf(deps, session.token);
      const given = { ...home, email, password: now };
      const ended = await Promise.allSettled([
        signIn(deps, given, start),
        changePassword(deps, { person, from: home, password: now, newPassword }, start),
        signIn(deps, given, start),
      ]);
      const changed = ended[1];
      if (changed?.status !== 'fulfilled') throw (changed as PromiseRejectedResult).reason;
      session = changed.value as typeof session;
      now = newPassword;
      const { rows } = await deps.database.query(
        'select id from integration_sessions where user_id = $1 and revoked_at is null',
        [session.userId],
      );
      expect(rows).toEqual([{ id: session.id }]);
    }
  });

  test('who is disabled or deleted during a sign-in does not come in', async () => {
    for (const end of ['disable', 'remove'] as const) {
      const { userId } = await userWithPassword(deps, { email: `${end}@example.com` });
      const work = () =>
        end === 'remove'
          ? removeUser(deps, { actor: cli, userId })
          : setUserDisabled(deps, { actor: cli, userId, disabled: true }, start);
      const racing = { ...deps, passwords: inBetween(deps.passwords, work) };
      await expect(signIn(racing, { ...home, email: `${end}@example.com`, password }, start)).rejects.toMatchObject({
        code: 'sign_in_refused',
      });
      const { rows } = await deps.database.query(
        'select id from integration_sessions where user_id = $1 and revoked_at is null',
        [userId],
      );
      expect(rows).toEqual([]);
    }
  });

  test('a second factor that is taken away during its own step leaves no session that passed it', async () => {
    for (let round = 0; round < 10; round++) {
      const email = `factor${round}@example.com`;
      const { secret, userId } = await withFactor(deps, await userWithPassword(deps, { email, roles: [admin] }));
      const opened = await signIn(deps, { ...home, email, password }, later(60));
      const person = await personOf(deps, opened.token, later(60));
      const passing = passSecondFactor(deps, { person, code: codeAt(secret, later(60)), from: home }, later(60));
      const [passed] = await Promise.allSettled([passing, takeFactorAway(deps, { actor: cli, userId }, later(60))]);
      // Either way every session ended with the factor, in one transaction.
      const tokens = [opened.token, ...(passed?.status === 'fulfilled' ? [passed.value.token] : [])];
      for (const token of tokens) expect(await callerOfSession(deps.database, token, later(60))).toBeNull();
    }
  });

  test('a session that is ended while it proves something stays ended', async () => {
    const session = await userWithPassword(deps, { email: 'ended@example.com' });
    const person = await personOf(deps, session.token);
    const end = () => closeSessions(deps, { actor: cli, userId: session.userId }, start);
    const racing = { ...deps, passwords: inBetween(deps.passwords, end) };
    await expect(proveAgain(racing, { person, from: home, password }, start)).rejects.toMatchObject({
      code: 'not_signed_in',
    });
  });
});
