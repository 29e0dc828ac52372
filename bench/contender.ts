// What takes part in the benchmark: a way to save a catalog into its own database, and what it can do.
import type { Item, Kind } from '../src/catalog/item.ts';

/** What one sync has to do, in the order in which a round measures it; removals last, because some peers cannot delete. */
export const scenarios = ['first', 'unchanged', 'reordered', 'changed', 'all changed', 'removed'] as const;
export type Scenario = (typeof scenarios)[number];

/** One whole catalog of one source, as parsed and formatted items. Every contender gets the very same array. */
export interface Sync {
  sourceId: string;
  /** Products, modifiers and discounts, in the order of the payload. */
  items: readonly Item[];
}

/** Rows of all kinds together. */
export interface Counts {
  created: number;
  updated: number;
  unchanged: number;
  removed: number;
}

export interface Outcome {
  counts: Counts;
  /** The guard held the save: nothing was written. */
  held: boolean;
}

/** A contender at work on one database. All calls are made one after another, except in the concurrency gate. */
export interface Session {
  /** Makes a new, empty source and returns its id (a uuid). Off the clock. Other sessions of the database may save to it. */
  begin(): Promise<string>;
  /** What may be done before the clock starts, e.g. a limit's COPY text, or the run row that history needs anyway. */
  prepare?(sync: Sync): Promise<void>;
  /** On the clock: afterwards the source's live rows are exactly these items, committed. */
  save(sync: Sync): Promise<void>;
  /** What the last save says of itself, off the clock; absent where the contender cannot tell. */
  outcome?(): Promise<Outcome>;
  close(): Promise<void>;
}

/** A select list of the content columns, by which the contenders' tables are compared. */
export const contentColumns = [
  'kind',
  'external_id',
  'path_id',
  'name',
  'item_type',
  'modifier_group_id',
  'modifier_group_name',
  'discount_amount',
  'discount_percent',
  'price',
  'currency',
  'is_available',
  'data',
] as const;

export interface Contender {
  /** Names its database too: lower case letters, digits and underscores. */
  id: string;
  /** As the report shows it. */
  label: string;
  /** 'limit' = a physical limit, 'peer' = how others do it, 'ours' = tillsync. */
  role: 'limit' | 'peer' | 'ours';
  scenarios: readonly Scenario[];
  /** Rows are saved one by one: measured once per round, and not above 10,000 rows. */
  slow?: boolean;
  /** False for upserts, which leave removed rows where they are: then `removed` is timed, and its rows are not checked. */
  removes: boolean;
  /**
   * Where its rows are: 'items' = our item tables; null = it writes none; else its own tables, and a select that yields
   * contentColumns (amounts as numeric, data as jsonb) of the live rows of source $1.
   */
  rows: 'items' | null | { tables: readonly string[]; select: string };
  /** SQL that its database needs beside our tables. */
  setup?: string;
  /** Opens it on its own migrated database (role tillsync, which owns it). */
  open(url: string): Promise<Session>;
}

/** Items by kind, in their order; each kind is saved into its own table. */
export function byKind(items: readonly Item[]): Record<Kind, Item[]> {
  const kinds: Record<Kind, Item[]> = { products: [], modifiers: [], discounts: [] };
  for (const item of items) kinds[item.kind].push(item);
  return kinds;
}
