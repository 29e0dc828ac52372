// What a source is to callers: one catalog namespace, with how much it holds and which configs feed it.
import type { Kind } from '../../catalog/item.ts';

/** The bare source; times are ISO text in UTC. */
export interface Source {
  id: string;
  name: string;
  connector_id: string;
  /** Origin of the base URL; null = not known (adopted). */
  origin: string | null;
  /** Identity params and their values; null = not known (adopted). */
  identity: Record<string, string> | null;
  /** Canonical text of connector, origin and identity. */
  identity_key: string | null;
  retired_at: string | null;
  created_at: string;
  updated_at: string;
}

/** How many items of one kind a source holds. */
export interface ItemCount {
  live: number;
  removed: number;
}

/** A source as lists show it. */
export interface SourceOverview extends Omit<Source, 'identity_key'> {
  /** Time of the last committed run. */
  last_synced_at: string | null;
  /** When a whole read last looked for items that are gone; reading changes only may not tell them. */
  removals_checked_at: string | null;
  items: Record<Kind, ItemCount>;
  configs: { id: string; name: string; is_active: boolean }[];
}

/** What makes two configs share one source. */
export interface SourceIdentity {
  origin: string;
  identity: Readonly<Record<string, string>>;
  /** Canonical text of connector, origin and identity. */
  key: string;
}
