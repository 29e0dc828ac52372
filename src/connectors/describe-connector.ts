// What a connector can do and what it asks for, as data: for the API, the command and the reference page.
import { z } from 'zod';
import type { Json } from '../json.ts';
import type { Connector } from './connector.ts';

export interface ShownConnector {
  id: string;
  title: string;
  version: number;
  /** Params that make the identity of a source. */
  identity: string[];
  /** Whether *Test connection* asks the POS for identity params that nobody set. */
  finds_identity: boolean;
  secret_fields: string[];
  /** How it learns that an item is gone. */
  removal: Connector['removal'];
  /** What it remembers to read changes only, or to ask whether there are any, by the POS's names; null = it does not. */
  incremental: { cursor: string | null; probe: string | null };
  webhooks: boolean;
  webhook_secrets: string[];
  /** Whether it lists the places of the account. */
  lists_locations: boolean;
  /** Whether one source serves several locations. */
  per_location: boolean;
  /** Whether it can be tried without its POS. */
  demo: boolean;
  /** JSON Schema of the params. */
  settings: { [name: string]: Json };
}

/** The connector as data. */
export function describeConnector(connector: Connector): ShownConnector {
  const { id, title, version, identity, secretFields, removal, incremental, webhookSecrets } = connector;
  return {
    id,
    title,
    version,
    identity: [...identity],
    finds_identity: connector.check !== undefined,
    secret_fields: [...secretFields],
    removal,
    incremental: { cursor: incremental?.cursor ?? null, probe: incremental?.probe ?? null },
    webhooks: connector.verifyWebhook !== undefined,
    webhook_secrets: [...(webhookSecrets ?? [])],
    lists_locations: connector.listLocations !== undefined,
    per_location: connector.perLocation === true,
    demo: connector.demo !== undefined,
    settings: z.toJSONSchema(connector.settings, { io: 'input', unrepresentable: 'any' }) as ShownConnector['settings'],
  };
}
