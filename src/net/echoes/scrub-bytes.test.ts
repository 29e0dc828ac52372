// A stream without its secrets: cut anywhere, beside each other, at both ends, and every other byte as it was.
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { scrubBytes } from './scrub-bytes.ts';

async function scrubbed(pieces: readonly (string | Uint8Array)[], texts: readonly string[]): Promise<string> {
  async function* body() {
    for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
  }
  const parts: Uint8Array[] = [];
  for await (const part of scrubBytes(body(), () => texts)) parts.push(part);
  return Buffer.concat(parts).toString('latin1');
}

const secret = 'canary-0123456789';

test('S41: a secret that is cut at any byte is taken out, and nothing else', async () => {
  const text = `{"a":"${secret}","b":"canary-012345678","c":"${secret}${secret}"}${secret}`;
  const clean = text.replaceAll(secret, '[redacted]');
  for (let at = 0; at <= text.length; at++) {
    expect(await scrubbed([text.slice(0, at), text.slice(at)], [secret]), `cut at ${at}`).toBe(clean);
  }
  expect(await scrubbed([...text], [secret])).toBe(clean);
});

test('of two that begin together the longer goes, and one within another leaves no rest', async () => {
  const texts = ['canary-01234', secret, '0123456789'];
  expect(await scrubbed([`x${secret}y canary-01234 0123456789`], texts)).toBe('x[redacted]y [redacted] [redacted]');
});

test('any bytes in any pieces come through as they were', async () => {
  const bytes = Buffer.from(Array.from({ length: 20_000 }, () => randomInt(256)));
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = randomInt(1, 700);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  expect(await scrubbed(pieces, [secret, 'another-secret-text'])).toBe(bytes.toString('latin1'));
  expect(await scrubbed(pieces, [])).toBe(bytes.toString('latin1'));
});
