// Webhooks of Toast: an HMAC-SHA256 over the body and the time that stands in it.
import { createHash } from 'node:crypto';
import { isObject } from '../../catalog/raw-fields.ts';
import { type Json, parseForeign } from '../../json.ts';
import { isHmacSha256 } from '../../net/webhook-signature.ts';
import type { WebhookRequest, WebhookVerdict } from '../connector.ts';

/** Names of the secrets that a webhook is checked with. */
export const webhookSecrets = ['webhook_secret'] as const;

/**
 * Every event of a restaurant is a hint to sync it. The restaurant is the one in the body: the header of the same meaning is
 * not signed. Signed is the body followed by the time, in base64: https://doc.toasttab.com/doc/devguide/apiMessageSigning.html
 */
export function verifyWebhook({ headers, rawBody, secrets }: WebhookRequest): WebhookVerdict {
  const event = eventOf(rawBody);
  const timestamp = typeof event.timestamp === 'string' ? event.timestamp : '';
  const signature = headers.get('toast-signature');
  const secret = secrets.webhook_secret ?? '';
  const isSigned = isHmacSha256({ parts: [rawBody, timestamp], secret, signature, encoding: 'base64' });
  if (!isSigned) return { ok: false, reason: 'signature' };
  const at = dateOf(timestamp);
  const details = isObject(event.details) ? event.details : {};
  const restaurant = details.restaurantGuid ?? event.restaurantGuid;
  if (at === null || typeof restaurant !== 'string' || restaurant === '') return { ok: false, reason: 'malformed' };
  // The same in every attempt to deliver it.
  const id = typeof event.guid === 'string' && event.guid !== '' ? event.guid : digestOf(rawBody);
  return { ok: true, id, at, identities: [{ restaurant_guid: restaurant }] };
}

function eventOf(rawBody: Uint8Array): { [key: string]: Json } {
  const event = parseForeign(Buffer.from(rawBody).toString('utf8'));
  return isObject(event ?? null) ? (event as { [key: string]: Json }) : {};
}

// ISO 8601; Toast writes the offset with and without a colon.
function dateOf(timestamp: string): Date | null {
  if (!/^\d{4}-\d\d-\d\dT/.test(timestamp)) return null;
  const at = Date.parse(timestamp.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(at) ? null : new Date(at);
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
