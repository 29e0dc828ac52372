// Adds and removes the endpoints where a POS sends its webhooks; secrets are sealed for their endpoint.
import { randomUUID } from 'node:crypto';
import { inputError } from '../../errors.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import { deleteEndpoint, insertEndpoint, type WebhookEndpoint } from '../../records/hooks/webhook-endpoints.ts';
import type { Deps } from '../deps.ts';
import { describeSecret } from '../vault/describe-secret.ts';

export interface EndpointToAdd {
  connectorId: string;
  /** Plain values; they leave this function only encrypted. */
  secrets: Readonly<Record<string, string>>;
  /** Scheme and host that the POS sends to, where its signature covers the address. */
  publicOrigin?: string | undefined;
  createdBy: string;
}

/**
 * Adds an endpoint; returns its id and the path of its URL. Throws TillsyncError webhook_unsupported, webhook_secrets_invalid,
 * webhook_origin_invalid.
 */
export async function addEndpoint(
  deps: Pick<Deps, 'database' | 'connectors' | 'vault'>,
  add: EndpointToAdd,
): Promise<{ id: string; connector_id: string; path: string }> {
  const connector = await deps.connectors.get(add.connectorId);
  const names = connector?.webhookSecrets;
  if (connector?.verifyWebhook === undefined || names === undefined) {
    throw inputError(
      'webhook_unsupported',
      `The connector “${add.connectorId}” takes no webhooks.`,
      'Sync this POS on a schedule instead; see docs/how-to/webhooks.md.',
    );
  }
  const given = Object.keys(add.secrets).filter((name) => add.secrets[name] !== '');
  const wrong = names.filter((name) => !given.includes(name)).concat(given.filter((name) => !names.includes(name)));
  if (wrong.length > 0) {
    throw inputError(
      'webhook_secrets_invalid',
      `A webhook of “${connector.id}” is checked with ${names.join(' and ')}; missing or not known: ${wrong.join(', ')}.`,
      `Give each by --secret ${names[0] ?? 'name'}=- (from stdin) or --secret name=@file.`,
    );
  }
  const publicOrigin = add.publicOrigin === undefined ? null : originOf(add.publicOrigin);
  const id = randomUUID();
  const secrets: Record<string, string> = {};
  const described: WebhookEndpoint['secrets'] = {};
  for (const [name, value] of Object.entries(add.secrets)) {
    secrets[name] = await deps.vault.encrypt(id, name, value);
    described[name] = describeSecret(value, new Date());
  }
  await deps.database.transaction(async (q) => {
    const made = { id, connector_id: connector.id, public_origin: publicOrigin };
    await insertEndpoint(q, { ...made, created_by: add.createdBy, secrets, described });
    await appendAudit(q, {
      action: 'hook.added',
      actor: add.createdBy,
      subject: { type: 'hook', id, name: connector.id },
      after: { connector_id: connector.id, public_origin: publicOrigin, secrets: names },
    });
  });
  return { id, connector_id: connector.id, path: endpointPath(connector.id, id) };
}

/** The path that a POS is told, e.g. '/hooks/square/0193…'. */
export function endpointPath(connectorId: string, id: string): string {
  return `/hooks/${connectorId}/${id}`;
}

/** Removes an endpoint: what comes for it is answered 404. Throws webhook_endpoint_unknown. */
export async function removeEndpoint({ database }: Pick<Deps, 'database'>, id: string): Promise<void> {
  const isGone = await database.transaction(async (q) => {
    const isDeleted = await deleteEndpoint(q, id);
    if (isDeleted) await appendAudit(q, { action: 'hook.removed', subject: { type: 'hook', id } });
    return isDeleted;
  });
  if (isGone) return;
  throw inputError(
    'webhook_endpoint_unknown',
    `No webhook endpoint has the id ${id.slice(0, 60)}.`,
    'List them with `tillsync hooks list`.',
  );
}

function originOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.origin === text.replace(/\/$/, '')) return url.origin;
  throw inputError(
    'webhook_origin_invalid',
    'The public origin must be a scheme and a host, without a path.',
    'For example: --public-origin https://sync.example',
  );
}
