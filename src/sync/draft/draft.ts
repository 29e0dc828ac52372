// What a plan gathers while the payload streams by: per kind the keys and the numbers, the rejects, the items that wait.
import type { Item, Kind, Reject } from '../../catalog/item.ts';
import { kinds } from '../../catalog/item.ts';
import { KeyTable } from './key-table.ts';

/** Rejects that a run lists in full; its payload holds all of them. */
export const keptRejects = 10_000;

/** An item that may have to be written: kept only while memory allows, otherwise read from the payload again. */
export interface KeptItem {
  item: Item;
  /** JSON text of its data. */
  data: string;
}

/** All that was collected of one kind. */
export interface KindDraft {
  kind: Kind;
  keys: KeyTable;
  /** By index of the key. */
  items: Map<number, KeptItem>;
  /** Live stored rows before the run. */
  live: number;
  received: number;
  filtered: number;
  rejected: number;
  duplicates: number;
  /** Rejects whose key could not be read: while there is one, absence proves nothing. */
  keylessRejects: number;
}

export interface Draft {
  kinds: Record<Kind, KindDraft>;
  /** The first of them; their number is in the kinds. */
  rejects: Reject[];
  /** Values that were changed to be storable (NUL, lone surrogates). */
  sanitised: number;
  /** Items kept in memory, and whether some had to be left out. */
  kept: number;
  overflow: boolean;
  /** What the documents proved about themselves. */
  complete: boolean;
  reason: string | null;
  kindsPresent: Set<Kind>;
  /** Whether the source has rows by location: then each comparison and each write looks at them. */
  hasLocations: boolean;
}

/** An empty draft. */
export function openDraft(hasLocations: boolean): Draft {
  const kind = (name: Kind): KindDraft => ({
    kind: name,
    keys: new KeyTable(name),
    items: new Map(),
    live: 0,
    received: 0,
    filtered: 0,
    rejected: 0,
    duplicates: 0,
    keylessRejects: 0,
  });
  return {
    kinds: { products: kind('products'), modifiers: kind('modifiers'), discounts: kind('discounts') },
    rejects: [],
    sanitised: 0,
    kept: 0,
    overflow: false,
    complete: true,
    reason: null,
    kindsPresent: new Set(),
    hasLocations,
  };
}

/** One value per kind. */
export function perKind<T>(make: (kind: Kind) => T): Record<Kind, T> {
  return Object.fromEntries(kinds.map((kind) => [kind, make(kind)])) as Record<Kind, T>;
}
