// Foreign text in errors: known secrets in every usual form and unknown ones by their look are gone.
import { describe, expect, test } from 'vitest';
import { excerpt, redactByLook, redactor } from './redact.ts';

const secret = 'pa$$w/rd+42 "x"';

describe('redaction', () => {
  const forms = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
    `https://pos.example/?key=${encodeURIComponent(secret)}&x=1`,
  ];
  test.each(forms)('takes out a known secret written as %s', (form) => {
    const clean = redactor([secret])(`before ${form} after`);
    expect(clean).toContain('[redacted]');
    expect(clean).toMatch(/^before .*after$|^before/);
    for (const part of ['pa$$w', 'cGEk', 'rd+42', 'rd%2B42']) expect(clean).not.toContain(part);
  });

  test('takes out the token of a header value that a POS echoes without its scheme', () => {
    expect(redactor(['Bearer tok-123-abc'])('unknown token tok-123-abc')).not.toContain('tok-123-abc');
  });

  test('takes out a Basic authorization as a whole, decoded, and in its two parts', () => {
    const pair = Buffer.from('shopuser:pa55wordX').toString('base64');
    for (const secrets of [[`Basic ${pair}`], ['shopuser', 'pa55wordX', `Basic ${pair}`]]) {
      const redact = redactor(secrets);
      expect(redact(`got ${pair} here`)).toBe('got [redacted] here');
      expect(redact('got shopuser:pa55wordX here')).toBe('got [redacted] here');
      expect(redact('shopuser gave pa55wordX here')).toBe('[redacted] gave [redacted] here');
    }
  });

  test.each([
    ['{"api_key":"abc"}', 'abc'],
    ["token='t0p'", 't0p'],
    ['Authorization: Bearer aaa.bbb.ccc', 'aaa.bbb.ccc'],
    ['password=hunter2&x=1', 'hunter2'],
    ['client_secret = s3cr', 's3cr'],
    ['got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc back', 'eyJhbGciOiJIUzI1NiJ9'],
    ['Basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA'],
    ['key sk_live_51H8x9aBcDeFgHiJkLmN is wrong', 'sk_live_51H8x9aBcDeFgHiJkLmN'],
  ])('takes out what looks like a secret in %s', (text, part) => {
    expect(redactByLook(text)).not.toContain(part);
  });

  test('leaves ordinary text alone', () => {
    const text = '<!doctype html><title>Sign in to the integration portal</title>';
    expect(redactByLook(text)).toBe(text);
    expect(redactor(['abc'])('the abc of it')).toBe('the abc of it');
  });

  test('an excerpt is one line of at most 200 characters without control characters', () => {
    expect(excerpt('a\r\nb\u001b[31mc\0d\u2028e')).toBe('a b [31mc d e');
    expect(excerpt('word '.repeat(500))).toHaveLength(201);
  });

  test('a secret is gone before the text is cut', () => {
    const text = `${'x '.repeat(98)}${'canarysecret'}`;
    expect(excerpt(text, redactor(['canarysecret']))).not.toContain('cana');
  });
});
