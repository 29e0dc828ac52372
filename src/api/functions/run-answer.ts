// The numbers of a finished run as the edge contract names them.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { KindCounts, Run } from '../../records/runs/run.ts';

export type StoredCounts = Record<Kind, number> & { total: number };
export type Changes = Record<Kind, Omit<KindCounts, 'received'>>;

/** Items per kind that are now stored from this answer or body: created + updated + unchanged + restored. */
export function storedCounts(run: Run): StoredCounts {
  const stored = (kind: Kind) => {
    const counts = run.counts?.[kind];
    return counts === undefined ? 0 : counts.created + counts.updated + counts.unchanged + counts.restored;
  };
  const [products, modifiers, discounts] = [stored('products'), stored('modifiers'), stored('discounts')];
  return { products, modifiers, discounts, total: products + modifiers + discounts };
}

/** What the run did, per kind, in the order and with the names of the contract. */
export function changesOf(run: Run): Changes {
  const changes = {} as Changes;
  for (const kind of kinds) {
    const counts = run.counts?.[kind];
    changes[kind] = {
      created: counts?.created ?? 0,
      updated: counts?.updated ?? 0,
      unchanged: counts?.unchanged ?? 0,
      removed: counts?.removed ?? 0,
      restored: counts?.restored ?? 0,
      rejected: counts?.rejected ?? 0,
      duplicates: counts?.duplicates ?? 0,
      filtered: counts?.filtered ?? 0,
    };
  }
  return changes;
}

/** Milliseconds between start and end; null while it is not over. */
export function durationOf(run: Run): number | null {
  if (run.started_at === null || run.finished_at === null) return null;
  return Date.parse(run.finished_at) - Date.parse(run.started_at);
}

/** Whether the run's rows are in the tables. */
export function isSaved(run: Run): boolean {
  return run.status === 'success' || run.status === 'partial';
}
