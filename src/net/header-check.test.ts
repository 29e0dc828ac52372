// Custom headers: framing, hop-by-hop and line breaks are refused, whatever their case; values never show in errors.
import { describe, expect, test } from 'vitest';
import { checkHeaders } from './header-check.ts';

const secret = 'canary-5f2a';
const refused: [string, string][] = [
  ...[
    'Host',
    'host',
    'HOST',
    'Content-Length',
    'content-length',
    'Transfer-Encoding',
    'TRANSFER-ENCODING',
    'Connection',
    'Keep-Alive',
    'Proxy-Authorization',
    'Proxy-Authenticate',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'Upgrade',
    'HTTP2-Settings',
    'Expect',
    '',
    ' ',
    'X Key',
    'X-Key:',
    'X-Key\r\nHost',
    'X-Ключ',
    ':authority',
    'X-Key ',
    'X(Key)',
  ].map((name): [string, string] => [name, secret]),
  ...['\r\n', '\n', '\r', '\0', '\u007f', '\u0001', '\u2028', 'ключ', '😀', '\ud800'].map((part): [string, string] => [
    'X-Key',
    `${secret}${part}Injected: 1`,
  ]),
];

describe('custom headers', () => {
  test.each(refused)('O19: %j: %j is refused without showing the value', (name, value) => {
    let message = '';
    try {
      checkHeaders({ [name]: value });
    } catch (error) {
      message = (error as Error).message;
      expect(error).toMatchObject({ code: 'header_refused', step: 'fetch' });
    }
    expect(message).not.toBe('');
    expect(message).not.toContain(secret);
    expect(message).not.toMatch(/[\r\n]/);
  });

  test('ordinary ones pass', () => {
    const headers = { 'X-API-Key': 'abc', Authorization: 'Bearer x.y-z', 'x-store': 'caf\u00e9', Cookie: 'a=b; c=d' };
    expect(() => checkHeaders(headers)).not.toThrow();
  });

  test('a value that is no text is refused', () => {
    expect(() => checkHeaders({ 'X-Key': 7 as unknown as string })).toThrow(/X-Key/);
  });
});
