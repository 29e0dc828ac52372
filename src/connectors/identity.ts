// Which catalog namespace a config's merged params mean: connector, origin and identity as one comparable key.
import type { Connector } from './connector.ts';

export interface SourceIdentity {
  /** Origin of the base URL, e.g. 'https://pos.example'. */
  origin: string;
  /** Identity params by name, as text, byte-exact. */
  identity: Record<string, string>;
  /** Equal for equal connector, origin and identity, whatever the order of params or the form of numbers. */
  key: string;
}

/**
 * The identity that these params lead to, or null when one of the connector's identity params or its base URL is
 * missing or unusable: such a config holds defaults for others and has no source.
 */
export function identityOf(
  connector: Pick<Connector, 'id' | 'identity' | 'origin'>,
  params: Readonly<Record<string, unknown>>,
): SourceIdentity | null {
  const pairs: [string, string][] = [];
  for (const name of connector.identity) {
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || text === '') return null;
    pairs.push([name, text]);
  }
  const origin = originOf(connector, params);
  if (origin === null) return null;
  return { origin, identity: Object.fromEntries(pairs), key: JSON.stringify([connector.id, origin, pairs]) };
}

function originOf(connector: Pick<Connector, 'origin'>, params: Readonly<Record<string, unknown>>): string | null {
  try {
    return connector.origin(params);
  } catch (error) {
    // What is wrong with the address is said where the params are checked; here it only means: no identity.
    if (error instanceof Error && error.name === 'TillsyncError') return null;
    throw error;
  }
}
