// Signatures of webhooks: the true one passes, all that is near it does not.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isHmacSha256, isSameText, isTimely } from './webhook-signature.ts';

const body = Buffer.from('{"a":1}');
const sign = (encoding: 'base64' | 'hex', secret = 'key') =>
  createHmac('sha256', secret).update('https://us/hooks').update(body).digest(encoding);
const check = (signature: string | null, over: object = {}) =>
  isHmacSha256({ parts: ['https://us/hooks', body], secret: 'key', encoding: 'hex', signature, ...over });

describe('a signature', () => {
  test('is that of the parts, in hex of either case or base64', () => {
    expect(check(sign('hex'))).toBe(true);
    expect(check(sign('hex').toUpperCase())).toBe(true);
    expect(check(sign('base64'), { encoding: 'base64' })).toBe(true);
  });

  test('of another body, address, key or length, or none, is refused', () => {
    const wrong = [null, '', 'x', sign('hex', 'other'), sign('base64'), `${sign('hex')}00`, sign('hex').slice(2)];
    for (const signature of wrong) expect(check(signature)).toBe(false);
    expect(check(sign('hex'), { parts: ['https://us/hooks', Buffer.from('{"a":2}')] })).toBe(false);
    expect(check(sign('hex'), { parts: ['http://us/hooks', body] })).toBe(false);
    expect(check(sign('hex', ''), { secret: '' })).toBe(false);
  });

  test('may be a fixed token', () => {
    expect([isSameText('token', 'token'), isSameText('token', 'tokem'), isSameText('token', '')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

test('the time window reaches five minutes to both sides, and a time that is none lies outside', () => {
  const now = new Date('2026-01-06T12:00:00Z');
  const at = (seconds: number) => isTimely(new Date(now.getTime() + seconds * 1_000), now);
  expect([at(0), at(-300), at(300), at(-301), at(301), at(Number.NaN)]).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
