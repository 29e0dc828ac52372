// What a round consists of: for each scenario the catalogs to save one after another, and what each save has to count.
import type { Item } from '../../src/catalog/item.ts';
import { changeAll, changeOnePercent, removeOnePercent, reorder } from '../catalog.ts';
import type { Counts, Scenario } from '../contender.ts';

export interface StepSync {
  items: readonly Item[];
  counts: Counts;
}

export interface Step {
  scenario: Scenario;
  /** Saved one after another; for `first` each into a new source. */
  syncs: readonly StepSync[];
}

type Edit = (items: readonly Item[], turn: number) => readonly Item[];

const edits: Readonly<Record<Scenario, Edit>> = {
  first: (items) => items,
  unchanged: (items) => items,
  reordered: reorder,
  changed: changeOnePercent,
  'all changed': changeAll,
  removed: removeOnePercent,
};

/**
 * The steps of one round from `base`, made one at a time: each goes on from where the one before has left the tables, and
 * each save within a step has another edit to save.
 */
export function* roundSteps(
  base: readonly Item[],
  of: { scenarios: readonly Scenario[]; repeats: number },
): Generator<Step, void, void> {
  let last = base;
  for (const scenario of of.scenarios) {
    const syncs: StepSync[] = [];
    for (let turn = 0; turn < of.repeats; turn++) {
      const items = edits[scenario](last, turn);
      syncs.push({ items, counts: expectedCounts(scenario, last, items) });
      last = items;
    }
    yield { scenario, syncs };
  }
}

function expectedCounts(scenario: Scenario, before: readonly Item[], after: readonly Item[]): Counts {
  const n = after.length;
  if (scenario === 'first') return { created: n, updated: 0, unchanged: 0, removed: 0 };
  const known = new Set(before);
  const unchanged = after.filter((item) => known.has(item)).length;
  return { created: 0, updated: n - unchanged, unchanged, removed: before.length - n };
}
