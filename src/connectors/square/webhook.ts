// Square's webhooks: proven by their signature, they say that a merchant's catalog has a new version.
import { idText, isObject } from '../../catalog/raw-fields.ts';
import { type Json, parseForeign } from '../../json.ts';
import { isHmacSha256 } from '../../net/webhook-signature.ts';
import type { WebhookRequest, WebhookVerdict } from '../connector.ts';

/** Names of the secrets of an endpoint: the signature key that Square shows beside the subscription. */
export const webhookSecrets = ['signature_key'] as const;

/** See Connector.verifyWebhook. Events other than a new catalog version are proven too, and speak of no account. */
export function verifyWebhook({ headers, rawBody, url, secrets }: WebhookRequest): WebhookVerdict {
  const isSigned = isHmacSha256({
    parts: [url, rawBody],
    secret: secrets.signature_key ?? '',
    encoding: 'base64',
    signature: headers.get('x-square-hmacsha256-signature'),
  });
  if (!isSigned) return { ok: false, reason: 'signature' };
  const event = eventOf(rawBody);
  const id = isObject(event) ? idText(event.event_id) : null;
  if (!isObject(event) || id === null || typeof event.merchant_id !== 'string' || event.merchant_id === '') {
    return { ok: false, reason: 'malformed' };
  }
  const isCatalog = event.type === 'catalog.version.updated';
  return {
    ok: true,
    id,
    // `created_at` is when it happened, not when it was signed: Square sends an event again for up to 24 hours, unchanged.
    at: null,
    identities: isCatalog ? [{ merchant_id: event.merchant_id }] : [],
  };
}

function eventOf(rawBody: Uint8Array): Json {
  return parseForeign(Buffer.from(rawBody).toString('utf8')) ?? null;
}
