// What a plan knows of every key while the payload streams by: the stored row, the best incoming item, the rejects.
import type { Item, Kind, Reject } from '../../catalog/item.ts';
import { kinds } from '../../catalog/item.ts';

/** The item that a key stands for in this payload. */
export interface Incoming {
  /** 32 hex digits. */
  hash: string;
  preference: number;
  copies: number;
  /** Whether all copies had the same content. */
  identical: boolean;
  /** Whether the price the guard looks at is known. */
  priced: boolean;
  /** Kept only while it may have to be written and memory allows; otherwise it is read from the payload again. */
  item: Item | null;
}

/** One key of one kind: as stored, as incoming, or both. */
export interface Entry {
  externalId: string;
  /** Path of the incoming item, else of the stored row. */
  pathId: string | null;
  stored: { hash: string; removed: boolean; pathId: string | null } | null;
  incoming: Incoming | null;
  /** A reject had this key: it counts as seen and the stored row stays as it is. */
  rejected: boolean;
}

/** Rejects that a run lists in full; its payload holds all of them. */
export const keptRejects = 10_000;

/** All that was collected of one kind. */
export interface KindDraft {
  kind: Kind;
  /** By itemKey(). */
  entries: Map<string, Entry>;
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
}

/** An empty draft. */
export function openDraft(): Draft {
  const kind = (name: Kind): KindDraft => ({
    kind: name,
    entries: new Map(),
    live: 0,
    received: 0,
    filtered: 0,
    rejected: 0,
    duplicates: 0,
    keylessRejects: 0,
  });
  return {
    kinds: Object.fromEntries(kinds.map((name) => [name, kind(name)])) as Record<Kind, KindDraft>,
    rejects: [],
    sanitised: 0,
    kept: 0,
    overflow: false,
    complete: true,
    reason: null,
    kindsPresent: new Set(),
  };
}

/** What the plan would do with an entry; 'compare' = the stored fingerprint differs or is not known. */
export type Verdict = 'absent' | 'unchanged' | 'created' | 'restored' | 'compare';

/** The verdict on one entry, from fingerprints alone. */
export function verdictOf(entry: Entry): Verdict {
  if (entry.incoming === null) return 'absent';
  if (entry.stored === null) return 'created';
  if (entry.stored.removed) return 'restored';
  return entry.stored.hash === entry.incoming.hash ? 'unchanged' : 'compare';
}
