// docs/reference/sign-in.md states the times and limits that are in force.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { passwordLength } from '../../src/access/people/passwords/check-password.ts';
import { peopleTimes } from '../../src/access/people/people-times.ts';
import { patience } from '../../src/access/people/sign-in/attempt-delay.ts';

const page = readFileSync(new URL('../../docs/reference/sign-in.md', import.meta.url), 'utf8');
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test('S59: session times, links, delays and the rules of passwords are documented as they are', () => {
  const times = {
    sessionIdle: ['a session that nobody uses | 12 hours', 12 * hour],
    sessionLongest: ['a session, however much it is used | 7 days', 7 * day],
    proof: ['a second factor) | 10 minutes', 10 * minute],
    firstAdminLink: ['the first admin | 1 hour', hour],
    invitationLink: ['an invitation | 3 days', 3 * day],
    newPasswordLink: ['a new password | 1 day', day],
    failuresKept: ['remembered | 1 day after the last', day],
    knownAddress: ['the user’s own | 30 days', 30 * day],
  } as const;
  const documented = page.replaceAll("'", '’');
  for (const [name, [words, milliseconds]] of Object.entries(times)) {
    expect(documented).toContain(words);
    expect([name, peopleTimes[name as keyof typeof times]]).toEqual([name, milliseconds]);
  }
  const delays = {
    accountHere: ['one account from one address', '15 min'],
    address: ['one address, whatever account', '15 min'],
    account: ['one account, from wherever', '60 s'],
    code: ['codes of one user, from wherever', '15 min'],
  } as const;
  for (const [name, [words, longest]] of Object.entries(delays)) {
    const { free, longest: seconds } = patience[name as keyof typeof delays];
    expect(page).toContain(`| ${words} | ${free} | ${longest} |`);
    expect(seconds).toBe(longest === '60 s' ? 60 : 900);
  }
  const { least, most, advised } = passwordLength;
  expect(page).toContain(`${least} to ${most} characters, any; ${advised} or more are advised`);
  expect(page).toContain('scrypt, N = 2^15, r = 8, p = 3');
});
