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
  /** Settings that name the POS's address, where it has none of its own; without one of them nothing can be read. */
  address_fields: string[];
  /** Which secrets are needed for which choices of its settings; [] where that depends on more than choices. */
  secret_needs: SecretNeed[];
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
  /** Whether it reads files that people bring: those are imported, and no account is connected. */
  takes_files: boolean;
  /** Whether it can be tried without its POS. */
  demo: boolean;
  /** JSON Schema of the params. */
  settings: { [name: string]: Json };
}

/** With these choices, names of settings to their values as text, these secrets are needed; {} = always. */
export interface SecretNeed {
  when: Record<string, string>;
  secrets: string[];
}

// A form asks for what the choices need; with more combinations than that it asks for every secret.
const mostNeeds = 64;

// It stays what it is for as long as it is loaded, and is asked for with each list.
const described = new WeakMap<Connector, ShownConnector>();

/** The connector as data; not to be written to. */
export function describeConnector(connector: Connector): ShownConnector {
  const shown = described.get(connector) ?? describe(connector);
  described.set(connector, shown);
  return shown;
}

function describe(connector: Connector): ShownConnector {
  const { id, title, version, identity, secretFields, removal, incremental, webhookSecrets } = connector;
  const schema = z.toJSONSchema(connector.settings, { io: 'input', unrepresentable: 'any' });
  return {
    id,
    title,
    version,
    identity: [...identity],
    finds_identity: connector.check !== undefined,
    secret_fields: [...secretFields],
    address_fields: addressFieldsOf(connector, Object.keys(schema.properties ?? {})),
    secret_needs: needsOf(connector, choicesOf(schema.properties ?? {})),
    removal,
    incremental: { cursor: incremental?.cursor ?? null, probe: incremental?.probe ?? null },
    webhooks: connector.verifyWebhook !== undefined,
    webhook_secrets: [...(webhookSecrets ?? [])],
    lists_locations: connector.listLocations !== undefined,
    per_location: connector.perLocation === true,
    takes_files: connector.preview !== undefined,
    demo: connector.demo !== undefined,
    settings: schema as ShownConnector['settings'],
  };
}

/** Found by asking: without anything there is no address, with this setting there is one. */
function addressFieldsOf(connector: Connector, names: readonly string[]): string[] {
  const hasAddress = (params: Record<string, string>) => {
    try {
      return connector.origin(params) !== '';
    } catch {
      // It says by throwing that these params lead nowhere.
      return false;
    }
  };
  return hasAddress({}) ? [] : names.filter((name) => hasAddress({ [name]: 'https://pos.example' }));
}

type Choices = readonly (readonly [name: string, values: readonly string[]])[];

function choicesOf(properties: Readonly<Record<string, z.core.JSONSchema._JSONSchema>>): Choices {
  return Object.entries(properties).flatMap(([name, field]) =>
    typeof field === 'object' && field.enum !== undefined ? [[name, field.enum.map(String)] as const] : [],
  );
}

/** What the connector says of each combination of the choices that matter. */
function needsOf(connector: Connector, choices: Choices): SecretNeed[] {
  const ask = (params: Record<string, string>) => [...(connector.requiredSecrets?.(params) ?? [])];
  const matter = choices.filter(
    ([name, values]) => new Set(values.map((value) => ask({ [name]: value }).join(' '))).size > 1,
  );
  const combinations = matter.reduce<Record<string, string>[]>(
    (before, [name, values]) => before.flatMap((when) => values.map((value) => ({ ...when, [name]: value }))),
    [{}],
  );
  if (combinations.length > mostNeeds) return [];
  return combinations.map((when) => ({ when, secrets: ask(when) }));
}
