// Tokens of Supabase: what is taken, what is refused, and what they permit.
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { callerOfToken, looksLikeToken } from './supabase-token.ts';

const secret = 'a-secret-of-the-test-that-is-long-enough';
const url = 'https://project.example';
const sub = '0b1f7a52-6a3c-4d57-9c47-6f1b9e0f2a11';
const now = Math.floor(Date.now() / 1000);
const good = {
  aud: 'authenticated',
  iss: 'https://project.example/auth/v1',
  exp: now + 3600,
  sub,
  role: 'authenticated',
  email: 'ada@example.com',
  app_metadata: { tillsync: { role: 'operator', sites: [12], companies: ['7'] } },
};

function token(payload: object, given: { alg?: string; key?: string; hash?: string } = {}): string {
  const { alg = 'HS256', key = secret, hash = 'sha256' } = given;
  const text = [{ alg, typ: 'JWT' }, payload].map((part) => encode(JSON.stringify(part))).join('.');
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
}

const encode = (text: string) => Buffer.from(text).toString('base64url');
const caller = (text: string) => callerOfToken(text, { secret, url });

test('S21: a signed-in user may do what app_metadata says, at its places', async () => {
  expect(await caller(token(good))).toEqual({
    kind: 'supabase',
    id: sub,
    name: 'ada@example.com',
    grants: [
      { access: 'sync', level: 'company', levelId: '7' },
      { access: 'sync', level: 'site', levelId: '12' },
    ],
  });
  expect(looksLikeToken(token(good))).toBe(true);
  expect(looksLikeToken('ts_abc')).toBe(false);
});

test('S21: what a user can write about himself permits nothing', async () => {
  const tricks: object[] = [
    { ...good, app_metadata: undefined, user_metadata: { tillsync: { role: 'admin', all: true } } },
    { ...good, app_metadata: {}, tillsync: { role: 'admin', all: true } },
    { ...good, app_metadata: { tillsync: { role: 'owner', all: true } } },
    { ...good, app_metadata: { tillsync: { role: 'admin', all: 'true' } } },
    { ...good, app_metadata: { tillsync: { role: 'admin', sites: ['1 or 1=1'] } } },
  ];
  for (const payload of tricks) expect((await caller(token(payload)))?.grants).toEqual([]);
});

test('S21: a forged, unsigned, foreign or expired token is nobody', async () => {
  const [head, body, signature] = token(good).split('.');
  const refused: string[] = [
    token(good, { key: 'another-secret-of-another-project-here' }),
    token(good, { alg: 'none' }),
    token(good, { alg: 'none', key: '' }),
    token(good, { alg: 'HS512', hash: 'sha512' }),
    token(good, { alg: 'RS256' }),
    token(good, { alg: 'hs256' }),
    `${head}.${body}.`,
    `${head}.${encode(JSON.stringify({ ...good, sub: crypto.randomUUID() }))}.${signature}`,
    token({ ...good, aud: 'anon' }),
    token({ ...good, aud: undefined }),
    token({ ...good, role: 'anon' }),
    token({ ...good, role: 'service_role' }),
    token({ ...good, exp: now - 3600 }),
    token({ ...good, exp: undefined }),
    token({ ...good, nbf: now + 3600 }),
    token({ ...good, iss: 'https://other.example/auth/v1' }),
    token({ ...good, iss: undefined }),
    token({ ...good, sub: 'nobody' }),
    'a.b.c',
    '..',
  ];
  expect(await Promise.all(refused.map(caller))).toEqual(refused.map(() => null));
});
