// Webhooks of Clover: a fixed text in a header proves them; the body names merchants and what changed there.
import { isObject, readText } from '../../catalog/raw-fields.ts';
import { type Json, parseForeign } from '../../json.ts';
import { isSameText } from '../../net/webhook-signature.ts';
import type { WebhookRequest, WebhookVerdict } from '../connector.ts';
import { webhookSecret } from './settings.ts';

/**
 * The merchants whose inventory changed. Orders, payments and stock counts of the same app are no reason to sync. The one-time
 * POST with a verification code comes before there is an auth code and names nobody, so it is refused as any other text.
 */
export function verifyWebhook({ headers, rawBody, secrets }: WebhookRequest): WebhookVerdict {
  const expected = secrets[webhookSecret] ?? '';
  const given = headers.get('x-clover-auth') ?? '';
  if (expected === '' || !isSameText(expected, given)) return { ok: false, reason: 'signature' };
  const text = Buffer.from(rawBody).toString('utf8');
  const body = parsedOrNull(text);
  if (!isObject(body) || !isObject(body.merchants)) return { ok: false, reason: 'malformed' };
  const merchants = Object.entries(body.merchants).filter(
    ([id, events]) => id !== '' && Array.isArray(events) && events.some(isAboutInventory),
  );
  return {
    ok: true,
    id: text,
    at: newest(Object.values(body.merchants)),
    identities: merchants.map(([merchant_id]) => ({ merchant_id })),
  };
}

// I an item, IA its availability, IC a category, IG a group, IM a modifier; IS is the stock count, which moves with every sale.
function isAboutInventory(event: Json): boolean {
  const objectId = isObject(event) ? readText(event.objectId) : null;
  const [, type] = /^(I[A-Z]*):/.exec(objectId ?? '') ?? [];
  return type !== undefined && type !== 'IS';
}

function newest(lists: readonly Json[]): Date | null {
  const times = lists
    .flat()
    .map((event) => (isObject(event) ? event.ts : null))
    .filter((ts) => typeof ts === 'number' && ts > 0 && ts <= 8.64e15);
  return times.length === 0 ? null : new Date(Math.max(...(times as number[])));
}

function parsedOrNull(text: string): Json {
  return parseForeign(text) ?? null;
}
