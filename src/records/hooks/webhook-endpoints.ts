// The rows of webhook endpoints: where a POS sends to, its encrypted secrets, and how often what came.
import type { Queryable } from '../../db/database.ts';
import type { SecretDescription } from '../configs/config.ts';
import { isUuid, numberOf, timeOf } from '../row-values.ts';

/** An endpoint as lists show it, never its secrets. Times are ISO text in UTC. */
export interface WebhookEndpoint {
  id: string;
  connector_id: string;
  public_origin: string | null;
  /** What may be shown of its secrets. */
  secrets: Record<string, SecretDescription>;
  created_at: string;
  created_by: string | null;
  last_received_at: string | null;
  accepted: number;
  /** A bad signature, or a time outside the window. */
  refused: number;
  /** An event that came before. */
  replayed: number;
  /** Accepted, but of an account that no active config reads. */
  unknown: number;
}

/** Stores a new endpoint; `secrets` are ciphertexts by name. */
export async function insertEndpoint(
  q: Queryable,
  endpoint: Pick<WebhookEndpoint, 'id' | 'connector_id' | 'public_origin' | 'created_by'> & {
    secrets: Readonly<Record<string, string>>;
    described: WebhookEndpoint['secrets'];
  },
): Promise<void> {
  await q.query(
    `insert into integration_webhook_endpoints (id, connector_id, secrets_encrypted, public_origin, created_by, secrets_described)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      ...[endpoint.id, endpoint.connector_id, JSON.stringify(endpoint.secrets), endpoint.public_origin],
      ...[endpoint.created_by, JSON.stringify(endpoint.described)],
    ],
  );
}

/** What is needed to check a webhook, with the database's time; null = there is no such endpoint. */
export async function readEndpoint(
  q: Queryable,
  id: string,
): Promise<{ connectorId: string; secrets: Record<string, string>; publicOrigin: string | null; now: Date } | null> {
  if (!isUuid(id)) return null;
  const { rows } = await q.query<{
    connector_id: string;
    secrets: Record<string, string>;
    public_origin: string | null;
    now: Date;
  }>(
    `select connector_id, secrets_encrypted as secrets, public_origin, clock_timestamp() as now
       from integration_webhook_endpoints where id = $1`,
    [id],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return { connectorId: row.connector_id, secrets: row.secrets, publicOrigin: row.public_origin, now: row.now };
}

/** All endpoints, oldest first. */
export async function listEndpoints(q: Queryable): Promise<WebhookEndpoint[]> {
  const { rows } = await q.query<{
    id: string;
    connector_id: string;
    public_origin: string | null;
    secrets: WebhookEndpoint['secrets'];
    created_at: Date;
    created_by: string | null;
    last_received_at: Date | null;
    accepted: string;
    refused: string;
    replayed: string;
    unknown: string;
  }>(
    `select id, connector_id, public_origin, created_at, created_by,
            (select coalesce(jsonb_object_agg(name, coalesce(secrets_described -> name, '{"set_at": null, "ends_in": null}')), '{}')
               from jsonb_object_keys(secrets_encrypted) name) as secrets, last_received_at, accepted, refused, replayed, unknown
       from integration_webhook_endpoints order by created_at, id`,
  );
  return rows.map((row) => ({
    ...row,
    created_at: timeOf(row.created_at),
    last_received_at: timeOf(row.last_received_at),
    accepted: numberOf(row.accepted) ?? 0,
    refused: numberOf(row.refused) ?? 0,
    replayed: numberOf(row.replayed) ?? 0,
    unknown: numberOf(row.unknown) ?? 0,
  }));
}

/** Deletes an endpoint and what it remembers; false = there was none. Hints that it gave stay. */
export async function deleteEndpoint(q: Queryable, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  const { rowCount } = await q.query(
    `with events as (delete from integration_webhook_events where endpoint_id = $1)
     delete from integration_webhook_endpoints where id = $1`,
    [id],
  );
  return rowCount === 1;
}

/** Counts a webhook that proved nothing. */
export async function countRefused(q: Queryable, id: string): Promise<void> {
  await q.query(
    `update integration_webhook_endpoints set refused = refused + 1, last_received_at = clock_timestamp() where id = $1`,
    [id],
  );
}
