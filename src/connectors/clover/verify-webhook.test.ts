// A webhook of Clover is believed by its header, names merchants whose inventory changed, and survives any body.
import { expect, test } from 'vitest';
import { verifyWebhook } from './verify-webhook.ts';

const code = 'a-code-of-the-app';

function verdict(body: string, given: string | null = code, secrets: Record<string, string> = { auth_code: code }) {
  return verifyWebhook({
    headers: { get: (name) => (name.toLowerCase() === 'x-clover-auth' ? given : null) },
    rawBody: Buffer.from(body),
    url: 'https://sync.example/hooks/x',
    secrets,
    now: new Date(1_800_000_000_000),
  });
}

const event = (objectId: string, ts = 1_800_000_000_000) => ({ objectId, type: 'UPDATE', ts });
const bodyOf = (merchants: object) => JSON.stringify({ appId: 'A1', merchants });

test('it names every merchant with a change of the inventory, and the time of the newest', () => {
  const body = bodyOf({
    M1: [event('I:A', 1_799_999_999_000)],
    M2: [event('IG:B'), event('O:C')],
    M3: [event('IA:D')],
  });
  expect(verdict(body)).toEqual({
    ok: true,
    id: body,
    at: new Date(1_800_000_000_000),
    identities: [{ merchant_id: 'M1' }, { merchant_id: 'M2' }, { merchant_id: 'M3' }],
  });
});

test('orders, payments and stock counts are no reason to sync', () => {
  const body = bodyOf({
    M1: [event('O:A'), event('P:B')],
    M2: [event('IS:C')],
    M3: [],
    M4: 'none',
    '': [event('I:A')],
  });
  expect(verdict(body)).toMatchObject({ ok: true, identities: [] });
});

test('without the code of the app it is refused, also where no code is set', () => {
  const body = bodyOf({ M1: [event('I:A')] });
  for (const given of [null, '', `${code}x`, code.slice(1), 'b-code-of-the-app']) {
    expect(verdict(body, given)).toEqual({ ok: false, reason: 'signature' });
  }
  for (const secrets of [{}, { auth_code: '' }]) {
    expect(verdict(body, '', secrets)).toEqual({ ok: false, reason: 'signature' });
    expect(verdict(body, null, secrets)).toEqual({ ok: false, reason: 'signature' });
  }
});

test('the one-time POST with the verification code, and any other body, is refused and breaks nothing', () => {
  const bodies = [
    '{"verificationCode":"0a1b2c3d"}',
    '',
    'null',
    '[]',
    '{',
    '{"merchants":[]}',
    '\u0000',
    '['.repeat(9_000),
  ];
  for (const body of bodies) {
    expect(verdict(body, null)).toEqual({ ok: false, reason: 'signature' });
    expect(verdict(body)).toEqual({ ok: false, reason: 'malformed' });
  }
  const odd = '{"merchants":{"M1":[null,7,{"objectId":{}},{"objectId":"I:A","ts":"soon"}]}}';
  expect(verdict(odd)).toMatchObject({ ok: true, at: null, identities: [{ merchant_id: 'M1' }] });
});
