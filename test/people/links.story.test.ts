// Links that work once, from a fresh install to an invitation, and what races make of them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addUser, removeUser, renameUserTo, setUserDisabled } from '../../src/access/people/accounts/change-users.ts';
import { makeFirstAdminLink, makeUserLink } from '../../src/access/people/links/make-link.ts';
import { lookAtLink, redeemLink } from '../../src/access/people/links/redeem-link.ts';
import type { PeopleDeps } from '../../src/access/people/people-deps.ts';
import { callerOfSession } from '../../src/access/people/sessions/caller-of-session.ts';
import { signIn } from '../../src/access/people/sign-in/sign-in.ts';
import { backup } from '../../src/db/backup/backup.ts';
import { restoreBackup } from '../../src/db/backup/restore-backup.ts';
import { readUser } from '../../src/records/people/read-users.ts';
import { freshDatabase } from '../support/database.ts';
import {
  admin,
  cli,
  home,
  later,
  openPeople,
  password,
  start,
  userWithPassword,
  viewer,
  withFactor,
} from './open-people.ts';

const deps: PeopleDeps = await openPeople();
const first = { email: 'ada@example.com', name: 'Ada Lovelace', password, from: home };
const hour = 3600;

async function rowsOf(table: string): Promise<number> {
  const { rows } = await deps.database.query<{ count: string }>(`select count(*) as count from ${table}`);
  return Number(rows[0]?.count);
}

/** A link of the first admin, on a database without people. */
async function freshLink(): Promise<{ deps: PeopleDeps; token: string }> {
  const fresh = await openPeople();
  const link = await makeFirstAdminLink(fresh, cli, start);
  return { deps: fresh, token: link?.token as string };
}

describe('S25: a fresh install', () => {
  test('has no account, no session, no link and no password that works', async () => {
    for (const table of ['users', 'user_roles', 'sessions', 'sign_in_links', 'recovery_codes', 'api_keys']) {
      expect([table, await rowsOf(`integration_${table}`)]).toEqual([table, 0]);
    }
    const usual = ['admin', 'admin@example.com', 'root', 'tillsync', 'admin@localhost', ''];
    for (const [i, email] of usual.entries()) {
      for (const tried of ['admin', 'password', 'tillsync']) {
        const from = { ...home, address: `203.0.113.${i}` };
        await expect(signIn(deps, { ...from, email, password: tried }, start)).rejects.toMatchObject({
          code: 'sign_in_refused',
        });
      }
    }
  });

  test('lets the first admin in by a link that works once, and makes no other while there is one', async () => {
    const link = await makeFirstAdminLink(deps, cli, start);
    const spare = await makeFirstAdminLink(deps, cli, start);
    const token = link?.token as string;
    expect(await lookAtLink(deps, token, start)).toMatchObject({ purpose: 'first_admin', email: null });
    const { rows } = await deps.database.query<{ row: string }>(
      'select to_jsonb(l)::text as row from integration_sign_in_links l',
    );
    for (const { row } of rows) expect(row).not.toContain(token);
    for (const [wrong, code] of [
      [{ email: 'none' }, 'email_invalid'],
      [{ email: undefined }, 'email_invalid'],
      [{ name: '' }, 'user_name_invalid'],
      [{ password: 'short' }, 'password_unfit'],
      [{ password: 'ada lovelace' }, 'password_unfit'],
      [{ token: token.slice(1) }, 'link_invalid'],
    ] as const) {
      const tried = { ...first, token, ...wrong };
      await expect(redeemLink(deps, tried, start), code).rejects.toMatchObject({ code });
    }
    const opened = await redeemLink(deps, { ...first, token }, later(hour - 1));
    expect(opened.needs).toBe('enrolment');
    expect(await readUser(deps.database, opened.userId)).toMatchObject({
      email: 'ada@example.com',
      roles: [{ role: 'admin', level: 'all', level_id: null }],
      has_second_factor: false,
    });
    for (const again of [token, spare?.token as string]) {
      await expect(redeemLink(deps, { ...first, token: again }, later(60))).rejects.toMatchObject({
        code: 'link_invalid',
        status: 404,
      });
    }
    expect(await makeFirstAdminLink(deps, cli, later(60))).toBeNull();
  });

  test('refuses a link for the first admin after an hour', async () => {
    const { deps: fresh, token } = await freshLink();
    await expect(redeemLink(fresh, { ...first, token }, later(hour))).rejects.toMatchObject({ code: 'link_invalid' });
    expect(await readUser(fresh.database, first.email)).toBeNull();
  });

  test('gets one admin of two links that are used at once, and of one link that is used by ten', async () => {
    for (const tokens of [2, 1]) {
      const { deps: fresh, token } = await freshLink();
      const other = tokens === 2 ? ((await makeFirstAdminLink(fresh, cli, start))?.token as string) : token;
      const uses = Array.from({ length: 10 }, (_, i) =>
        redeemLink(fresh, { ...first, email: `ada${i}@example.com`, token: i % 2 ? token : other }, start),
      );
      const ended = await Promise.allSettled(uses);
      expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const { rows } = await fresh.database.query('select id from integration_users');
      expect(rows).toHaveLength(1);
    }
  });
});

describe('a link of a user', () => {
  test('invites who has no password yet, for three days, and is for a new one afterwards, for one day', async () => {
    const { user, link } = await addUser(
      deps,
      { actor: cli, email: 'bob@example.com', name: 'Bob', roles: [viewer] },
      start,
    );
    expect(link.purpose).toBe('invitation');
    await expect(lookAtLink(deps, link.token, later(72 * hour))).rejects.toMatchObject({ code: 'link_invalid' });
    const given = { token: link.token, password, from: home };
    // Whose link it is decides, not what is sent along.
    const opened = await redeemLink(deps, { ...given, email: 'mallory@example.com' }, later(72 * hour - 1));
    expect(await readUser(deps.database, opened.userId)).toMatchObject({ id: user.id, email: 'bob@example.com' });
    const anew = await makeUserLink(deps, { actor: cli, userId: user.id }, start);
    expect(anew.purpose).toBe('new_password');
    await expect(lookAtLink(deps, anew.token, later(24 * hour))).rejects.toMatchObject({ code: 'link_invalid' });
    expect(await lookAtLink(deps, anew.token, later(24 * hour - 1))).toMatchObject({ email: 'bob@example.com' });
  });

  test('is the only one of its user, and ends all sessions when it is used; a second factor stays', async () => {
    const session = await withFactor(deps, await userWithPassword(deps, { email: 'carol@example.com' }));
    const { userId } = session;
    const earlier = await makeUserLink(deps, { actor: cli, userId }, start);
    const { token } = await makeUserLink(deps, { actor: cli, userId }, start);
    const chosen = { password: 'quite different plain words', from: home };
    await expect(redeemLink(deps, { ...chosen, token: earlier.token }, start)).rejects.toMatchObject({
      code: 'link_invalid',
    });
    const opened = await redeemLink(deps, { ...chosen, token }, start);
    expect(opened.needs).toBe('second_factor');
    expect(await callerOfSession(deps.database, session.token, start)).toBeNull();
    expect((await callerOfSession(deps.database, opened.token, start))?.grants).toEqual([]);
    await expect(redeemLink(deps, { ...chosen, token }, start)).rejects.toMatchObject({ code: 'link_invalid' });
  });

  test('ends with its user’s right to sign in, with an old e-mail, and with the user', async () => {
    const { userId } = await userWithPassword(deps, { email: 'dan@example.com' });
    const asked = { actor: cli, userId };
    const ends = [
      () => setUserDisabled(deps, { ...asked, disabled: true }, start),
      () => renameUserTo(deps, { ...asked, email: 'dan.2@example.com' }),
      () => removeUser(deps, asked),
    ];
    for (const end of ends) {
      const { token } = await makeUserLink(deps, asked, start);
      await end();
      await expect(redeemLink(deps, { token, password, from: home }, start)).rejects.toMatchObject({
        code: 'link_invalid',
      });
      if (end === ends[0]) await setUserDisabled(deps, { ...asked, disabled: false }, start);
    }
    await expect(makeUserLink(deps, asked, start)).rejects.toMatchObject({ code: 'user_unknown' });
  });

  test('meets no deadlock: used, made anew and disabled at once, again and again', async () => {
    const { userId } = await userWithPassword(deps, { email: 'busy@example.com', roles: [admin] });
    await userWithPassword(deps, { email: 'other-admin@example.com', roles: [admin] });
    const asked = { actor: cli, userId };
    for (let round = 0; round < 10; round++) {
      await setUserDisabled(deps, { ...asked, disabled: false }, start);
      const { token } = await makeUserLink(deps, asked, start);
      const given = { token, password: `round ${round} of plain words`, from: home };
      const ended = await Promise.allSettled([
        redeemLink(deps, given, start),
        makeUserLink(deps, asked, start),
        setUserDisabled(deps, { ...asked, disabled: true }, start),
        redeemLink(deps, given, start),
      ]);
      const codes = ended.map((one) => (one.status === 'rejected' ? one.reason.code : 'done'));
      const known = ['done', 'link_invalid', 'user_disabled'];
      expect(codes.filter((code) => !known.includes(code))).toEqual([]);
      // Of two uses at most one.
      expect([codes[0], codes[3]].filter((code) => code === 'done').length).toBeLessThan(2);
      const { rows } = await deps.database.query(
        `select s.id from integration_sessions s join integration_users u on u.id = s.user_id
          where u.id = $1 and s.revoked_at is null and u.disabled_at is not null`,
        [userId],
      );
      expect(rows).toEqual([]);
    }
  });
});

test('S28: a restored backup brings users back, and neither their sessions nor open links', async () => {
  const before = await openPeople();
  const session = await withFactor(
    before,
    await userWithPassword(before, { email: 'ada@example.com', roles: [admin] }),
  );
  const { link } = await addUser(before, { actor: cli, email: 'bob@example.com', name: 'Bob', roles: [] }, start);
  const folder = mkdtempSync(join(tmpdir(), 'tillsync-people-'));
  try {
    const out = join(folder, 'backup');
    await backup({ database: before.database, out });
    const { database } = await freshDatabase({ migrated: false });
    await restoreBackup({ database, from: out });
    const after = { ...before, database };
    expect(await readUser(database, 'ada@example.com')).toMatchObject({ has_second_factor: true });
    expect(await callerOfSession(database, session.token, start)).toBeNull();
    await expect(lookAtLink(after, link.token, start)).rejects.toMatchObject({ code: 'link_invalid' });
    const opened = await signIn(after, { ...home, email: 'ada@example.com', password }, start);
    expect(opened.needs).toBe('second_factor');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
