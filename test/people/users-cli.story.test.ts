// tillsync users, and the first admin's link of tillsync start; no password passes through a flag or a prompt.
import { describe, expect, test } from 'vitest';
import { redeemLink } from '../../src/access/people/links/redeem-link.ts';
import { openPasswords } from '../../src/access/people/passwords/open-passwords.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { encryptionKey, openStory } from '../support/cli-story.ts';
import { until } from '../support/until.ts';
import { home, password } from './open-people.ts';

const { cli, database } = await openStory();
const people = {
  database,
  vault: openVault({ active: encryptionKey }),
  passwords: openPasswords({ cost: { logN: 4, r: 1, p: 1 } }),
};

interface Link {
  link: { purpose: string; url: string; expires_at: string };
}

function use(url: string, more: object = {}) {
  return redeemLink(people, { token: url.split('#')[1] as string, password, from: home, ...more });
}

describe('tillsync users', () => {
  test('S25: starts with nobody, and makes a link for the first admin until there is one', async () => {
    const empty = await cli.run(['users', 'list']);
    expect(empty.stdout).toContain('No users. `tillsync users first-admin`');
    const made = await cli.run(['users', 'first-admin', '--url', 'https://till.example']);
    expect(made.stdout).toMatch(/^https:\/\/till\.example\/link#[\w-]{43}\n$/);
    expect(made.stderr).toContain('It works once, until ');
    await use(made.stdout.trim(), { name: 'Ada Lovelace', email: 'ada@example.com' });
    const again = await cli.json<{ error: { code: string } }>(['users', 'first-admin']);
    expect(again).toMatchObject({ code: 2, answer: { error: { code: 'admin_exists' } } });
  });

  test('adds, invites and makes links for a new password, by e-mail or id', async () => {
    const words = ['users', 'add', 'bob@example.com', '--name', 'Bob', '--role', 'viewer'];
    const added = await cli.json<Link & { user: { id: string } }>(words);
    expect(added).toMatchObject({ code: 0, answer: { user: { email: 'bob@example.com' } } });
    expect(added.answer.link.url).toMatch(/^http:\/\/127\.0\.0\.1:4600\/link#/);
    expect(await cli.json(words)).toMatchObject({ code: 2, answer: { error: { code: 'email_taken' } } });
    const invited = await cli.json<Link>(['users', 'invite', 'BOB@example.com']);
    expect(invited.answer.link.purpose).toBe('invitation');
    await expect(use(added.answer.link.url)).rejects.toMatchObject({ code: 'link_invalid' });
    await use(invited.answer.link.url);
    const reset = await cli.json<Link>(['users', 'reset-password', added.answer.user.id]);
    expect(reset.answer.link.purpose).toBe('new_password');
    const factor = await cli.json(['users', 'reset-password', 'bob@example.com', '--second-factor']);
    expect(factor).toMatchObject({ code: 2, answer: { error: { code: 'second_factor_absent' } } });
  });

  test('gives roles, disables, enables and removes; the last admin stays', async () => {
    const roles = await cli.run(['users', 'roles', 'bob@example.com', '--role', 'viewer', '--role', 'admin']);
    expect(roles.stdout).toBe('bob@example.com is now: admin, viewer.\n');
    const [nowhere, wrong, neither] = await Promise.all([
      cli.json(['users', 'roles', 'bob@example.com', '--role', 'operator:site:77']),
      cli.run(['users', 'roles', 'bob@example.com', '--role', 'owner']),
      cli.json(['users', 'roles', 'bob@example.com']),
    ]);
    expect(nowhere).toMatchObject({ code: 2, answer: { error: { code: 'role_place_unknown' } } });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('viewer, operator or admin') });
    expect(neither).toMatchObject({ code: 2, answer: { error: { code: 'roles_missing' } } });
    expect((await cli.run(['users', 'disable', 'bob@example.com'])).stdout).toBe('bob@example.com is disabled.\n');
    const listed = await cli.run(['users', 'list']);
    expect(listed.stdout).toMatch(/^ada@example\.com +Ada Lovelace +admin +set +no /m);
    expect(listed.stdout).toMatch(/^bob@example\.com +Bob +admin, viewer +disabled +no /m);
    const last = await cli.json(['users', 'disable', 'ada@example.com']);
    expect(last).toMatchObject({ code: 2, answer: { error: { code: 'last_admin' } } });
    expect((await cli.run(['users', 'enable', 'bob@example.com'])).stdout).toBe('bob@example.com is enabled.\n');
    expect((await cli.run(['users', 'roles', 'bob@example.com', '--none'])).stdout).toContain('is now: –.');
    expect((await cli.run(['users', 'remove', 'bob@example.com'])).stdout).toBe('Removed bob@example.com.\n');
    const gone = await cli.json(['users', 'enable', 'bob@example.com']);
    expect(gone).toMatchObject({ code: 2, answer: { error: { code: 'user_unknown' } } });
  });

  test('S44: says in the audit log who did it', async () => {
    const { rows } = await database.query<{ action: string; actor: string; subject_name: string | null }>(
      `select action, actor, subject_name from integration_audit_log where subject_name = 'bob@example.com' order by at`,
    );
    const actions = rows.map(({ action }) => action);
    for (const action of ['created', 'roles_changed', 'disabled', 'enabled', 'deleted']) {
      expect(actions).toContain(`user.${action}`);
    }
    expect(actions).toContain('link.made');
    expect(rows.find(({ action }) => action === 'user.created')?.actor).toMatch(/^cli:/);
  });
});

test('S25: start prints a link for the first admin while there is none, and none afterwards', async () => {
  const fresh = await openStory();
  const started = async () => {
    const server = fresh.cli.start(['start', '--port', '0', '--json']);
    const answer = await until('the address', () =>
      server.stdout().endsWith('}\n') ? (JSON.parse(server.stdout()) as { url: string; first_admin: string }) : null,
    );
    return { server, ...answer };
  };
  const first = await started();
  expect(first.first_admin).toMatch(new RegExp(`^${first.url}/link#[\\w-]{43}$`));
  const used = await fetch(`${first.url}/api/v1/links/use`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ token: first.first_admin.split('#')[1], password, name: 'Ada', email: 'ada@example.com' },
    }),
  });
  expect(used.status).toBe(200);
  expect(used.headers.getSetCookie()[0]).toMatch(/^tillsync-session=/);
  // The link is in no log line, nor is the password.
  expect(first.server.stderr()).not.toContain(first.first_admin.split('#')[1]);
  expect(first.server.stderr()).not.toContain(password);
  first.server.child.kill('SIGTERM');
  await first.server.ended;
  const second = await started();
  expect(second.first_admin).toBeNull();
  second.server.child.kill('SIGTERM');
  expect((await second.server.ended).code).toBe(0);
});
