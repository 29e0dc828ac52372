// Square's webhooks: the signature covers the address and the bytes; only a new catalog version speaks of a merchant.
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { WebhookRequest } from '../connector.ts';
import { verifyWebhook } from './webhook.ts';

const url = 'https://sync.example/hooks/square/1';
const key = 'signature-key-of-a-test';
const event = {
  merchant_id: 'MERCHANT17',
  type: 'catalog.version.updated',
  event_id: 'e-1',
  created_at: '2025-06-01T08:00:00.123456789Z',
  data: { type: 'catalog_version', id: '' },
};

function signed(body: unknown, more: Partial<WebhookRequest> = {}, by = key): WebhookRequest {
  const rawBody = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const signature = createHmac('sha256', by).update(url).update(rawBody).digest('base64');
  const headers = new Headers({ 'x-square-hmacsha256-signature': signature });
  return { headers, rawBody, url, secrets: { signature_key: key }, now: new Date(), ...more };
}

test('a signed catalog version is proven: its id, and its merchant; it is told again for a day, so its time says nothing', () => {
  expect(verifyWebhook(signed(event))).toEqual({
    ok: true,
    id: 'e-1',
    at: null,
    identities: [{ merchant_id: 'MERCHANT17' }],
  });
});

test('another event is proven and speaks of nobody', () => {
  expect(verifyWebhook(signed({ ...event, type: 'payment.updated' }))).toMatchObject({ ok: true, identities: [] });
});

test('another key, another address, another byte or no signature is refused', () => {
  const refused = { ok: false, reason: 'signature' };
  expect(verifyWebhook(signed(event, {}, 'other'))).toEqual(refused);
  expect(verifyWebhook(signed(event, { url: `${url}/` }))).toEqual(refused);
  expect(verifyWebhook(signed(event, { rawBody: Buffer.from(`${JSON.stringify(event)} `) }))).toEqual(refused);
  expect(verifyWebhook(signed(event, { headers: new Headers() }))).toEqual(refused);
  expect(verifyWebhook(signed(event, { secrets: {} }, ''))).toEqual(refused);
});

test('a signed body that is no event is malformed', () => {
  for (const body of ['', 'x', '[]', { ...event, event_id: '' }, { ...event, merchant_id: 17 }]) {
    expect(verifyWebhook(signed(body))).toEqual({ ok: false, reason: 'malformed' });
  }
});
