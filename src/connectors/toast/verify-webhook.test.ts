// Webhooks of Toast: signed over body and time, in base64, and about the restaurant that the signature covers.
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { verifyWebhook } from './verify-webhook.ts';

const key = 'signing-key';
const event = {
  timestamp: '2026-01-31T12:00:00.500Z',
  eventCategory: 'menus',
  eventType: 'menus_updated',
  guid: 'event-1',
  details: { restaurantGuid: 'r-1', publishedDate: '2026-01-31T11:59:58.000Z' },
};

interface Sent {
  body?: string;
  signature?: string | null;
  secrets?: Record<string, string>;
}

function verdictOf({ body = JSON.stringify(event), signature, secrets = { webhook_secret: key } }: Sent) {
  const headers = { 'toast-signature': signature, 'toast-restaurant-external-id': 'not-signed' } as Record<
    string,
    string
  >;
  return verifyWebhook({
    headers: { get: (name) => headers[name.toLowerCase()] ?? null },
    rawBody: Buffer.from(body),
    url: 'https://sync.example/hooks/x',
    secrets,
    now: new Date(event.timestamp),
  });
}

function sign(body: string, timestamp: string): string {
  return createHmac('sha256', key).update(body).update(timestamp).digest('base64');
}

test('a webhook signed by Toast speaks of the restaurant in its body', () => {
  const body = JSON.stringify(event, null, 2);
  expect(verdictOf({ body, signature: sign(body, event.timestamp) })).toEqual({
    ok: true,
    id: 'event-1',
    at: new Date(event.timestamp),
    identities: [{ restaurant_guid: 'r-1' }],
  });
});

test('a webhook with another body, another time, another key or no signature is refused', () => {
  const body = JSON.stringify(event);
  const good = sign(body, event.timestamp);
  const refused = { ok: false, reason: 'signature' };
  expect(verdictOf({ body: `${body} `, signature: good })).toEqual(refused);
  expect(verdictOf({ body: body.replace('12:00', '12:01'), signature: good })).toEqual(refused);
  expect(verdictOf({ signature: sign(body, '') })).toEqual(refused);
  expect(verdictOf({ signature: good, secrets: { webhook_secret: 'other' } })).toEqual(refused);
  expect(verdictOf({ signature: good, secrets: {} })).toEqual(refused);
  expect(verdictOf({ signature: null })).toEqual(refused);
  expect(verdictOf({ body: 'no json', signature: good })).toEqual(refused);
});

test('a webhook that is signed but says no time or no restaurant is malformed', () => {
  for (const wrong of [{ ...event, details: {} }, { ...event, timestamp: 'noon' }, { details: event.details }]) {
    const body = JSON.stringify(wrong);
    const timestamp = 'timestamp' in wrong ? wrong.timestamp : '';
    expect(verdictOf({ body, signature: sign(body, timestamp) })).toEqual({ ok: false, reason: 'malformed' });
  }
});

test('the time may have an offset without a colon, and the same event without a guid has the same id', () => {
  const { guid: _, ...nameless } = { ...event, timestamp: '2026-01-31T13:00:00.500+0100' };
  const body = JSON.stringify(nameless);
  const [one, other] = [1, 2].map(() => verdictOf({ body, signature: sign(body, nameless.timestamp) }));
  expect(one).toMatchObject({ ok: true, at: new Date(event.timestamp) });
  expect(other).toEqual(one);
});
