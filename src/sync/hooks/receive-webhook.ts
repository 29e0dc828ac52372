// Takes one webhook: the signature first, then its time, then whether it is new, then whom it speaks of. A hint, never the truth.
import { hash } from 'node:crypto';
import type { Connector, WebhookRequest, WebhookVerdict } from '../../connectors/connector.ts';
import { isTimely, webhookWindowSeconds } from '../../net/webhook-signature.ts';
import { noteEvent } from '../../records/hooks/note-event.ts';
import { countRefused, readEndpoint } from '../../records/hooks/webhook-endpoints.ts';
import type { Deps } from '../deps.ts';
import { endpointPath } from './webhook-endpoints.ts';

export interface ReceivedWebhook extends Pick<WebhookRequest, 'headers' | 'rawBody'> {
  connectorId: string;
  endpointId: string;
  /** As the request says; an endpoint's own public origin takes the place of its scheme and host. */
  url: string;
}

/** What becomes of it. Whether the account it speaks of is known is counted, and told to nobody. */
export type WebhookOutcome = 'noted' | 'replayed' | 'refused' | 'unknown-endpoint';

// Twice the window: an event that is just still timely cannot come again after its id was forgotten. Where the POS signs no
// time, only the id tells a second copy.
const keepSeconds = 2 * webhookWindowSeconds;
const keepTimelessSeconds = 7 * 86_400;
/** Events of POS name one account, or as many as were changed at once. */
const mostIdentities = 1_000;

/** Checks and notes it: two statements, no run. Throws only where the database or the vault fails. */
export async function receiveWebhook(deps: Deps, received: ReceivedWebhook): Promise<WebhookOutcome> {
  const { connectorId, endpointId } = received;
  const endpoint = await readEndpoint(deps.database, endpointId);
  if (endpoint?.connectorId !== connectorId) return 'unknown-endpoint';
  const connector = await deps.connectors.get(connectorId);
  if (connector?.verifyWebhook === undefined) return 'unknown-endpoint';
  const secrets: Record<string, string> = {};
  for (const [name, stored] of Object.entries(endpoint.secrets)) {
    secrets[name] = await deps.vault.decrypt(endpointId.toLowerCase(), name, stored);
  }
  const { publicOrigin, now } = endpoint;
  const url = publicOrigin === null ? received.url : publicOrigin + endpointPath(connectorId, endpointId);
  const { headers, rawBody } = received;
  const verdict = verify(deps, connector, { headers, rawBody, url, secrets, now });
  if (!verdict.ok || (verdict.at !== null && !isTimely(verdict.at, now))) {
    await countRefused(deps.database, endpointId);
    return 'refused';
  }
  const { replayed } = await noteEvent(deps.database, {
    endpointId,
    connectorId,
    // Of any length and any characters.
    eventId: hash('sha256', verdict.id, 'hex'),
    keepSeconds: verdict.at === null ? keepTimelessSeconds : keepSeconds,
    identities: verdict.identities.filter(isUsable).slice(0, mostIdentities),
    debounceSeconds: deps.hookDebounceSeconds,
  });
  return replayed ? 'replayed' : 'noted';
}

/** A body that a connector chokes on proves nothing. */
function verify(deps: Deps, connector: Connector, request: WebhookRequest): WebhookVerdict {
  try {
    return connector.verifyWebhook?.(request) ?? { ok: false, reason: 'malformed' };
  } catch (error) {
    deps.log.warn({ connector: connector.id, err: error }, 'a webhook could not be read');
    return { ok: false, reason: 'malformed' };
  }
}

// What PostgreSQL cannot store is nobody's identity.
function isUsable(identity: Readonly<Record<string, string>>): boolean {
  const texts = Object.entries(identity).flat();
  return texts.length > 0 && texts.every((text) => typeof text === 'string' && !/\p{Cc}|\p{Cs}/u.test(text));
}
