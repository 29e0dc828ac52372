// Somebody who is signed in already, as a browser profile keeps it: for stories that are not about signing in.
import type { BrowserContextOptions } from 'playwright-core';
import { addUser } from '../../../src/access/people/accounts/change-users.ts';
import { redeemLink } from '../../../src/access/people/links/redeem-link.ts';
import { openPasswords } from '../../../src/access/people/passwords/open-passwords.ts';
import type { From } from '../../../src/access/people/sign-in/sign-in.ts';
import { loopbackCookieName } from '../../../src/api/edge/session-cookie.ts';
import type { RoleAt } from '../../../src/records/people/user-roles.ts';
import { admin, cli, home, password, withFactor } from '../../people/open-people.ts';
import type { Pages } from './open-pages.ts';

export interface PersonToSignIn {
  email: string;
  name: string;
  roles?: readonly RoleAt[];
  from?: From;
}

/** Adds a user with `password`, an admin also with a second factor, and signs them in. */
export async function signedIn(
  { deps, url }: Pick<Pages, 'deps' | 'url'>,
  { email, name, roles = [admin], from = home }: PersonToSignIn,
): Promise<NonNullable<BrowserContextOptions['storageState']>> {
  const people = { ...deps, passwords: openPasswords({ cost: { logN: 4, r: 1, p: 1 } }) };
  const { link } = await addUser(people, { actor: cli, email, name, roles });
  const now = new Date();
  const invited = await redeemLink(people, { token: link.token, password, from }, now);
  const isAdmin = roles.some(({ role }) => role === 'admin');
  const { token } = isAdmin ? await withFactor(people, invited, now) : invited;
  const cookie = { httpOnly: true, secure: false, sameSite: 'Strict' as const, expires: -1 };
  return {
    cookies: [{ name: loopbackCookieName, value: token, domain: '127.0.0.1', path: '/', ...cookie }],
    origins: [{ origin: url, localStorage: [{ name: 'tillsync.signed-in', value: 'yes' }] }],
  };
}
