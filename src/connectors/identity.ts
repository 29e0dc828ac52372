// The identity of a source: which catalog of which POS its params name.
import type { Connector } from './connector.ts';

/** What makes two configs share one source. */
export interface SourceIdentity {
  /** Origin of the base URL, e.g. 'https://pos.example:8443'. */
  origin: string;
  /** Identity params and their values as text, byte-exact. */
  identity: Record<string, string>;
  /** Canonical text of connector, origin and identity; equal keys are one source. */
  key: string;
}

/** The identity that merged params make; null when an identity param or the base URL is missing. */
export function identityOf(
  connector: Pick<Connector, 'id' | 'identity' | 'origin'>,
  params: Readonly<Record<string, unknown>>,
): SourceIdentity | null {
  const pairs = connector.identity.map((name) => [name, textOf(params[name])] as const);
  if (pairs.some(([, value]) => value === null)) return null;
  let origin: string;
  try {
    origin = connector.origin(params);
  } catch {
    return null;
  }
  const identity = Object.fromEntries(pairs) as Record<string, string>;
  return { origin, identity, key: JSON.stringify([connector.id, origin, pairs]) };
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}
