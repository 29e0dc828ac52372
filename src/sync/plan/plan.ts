// What a plan is: the changes that a run would make, and what the guard and history say of them.
import type { Kind } from '../../catalog/item.ts';
import type { RunCounts } from '../../records/runs/run.ts';
import type { DuplicateRow } from '../../records/runs/write-outcome.ts';
import type { Draft } from '../draft/draft.ts';
import type { PlannedChange } from './compare-batch.ts';
import type { GuardFacts } from './guard.ts';
import type { PlanDigest } from './plan-digest.ts';

export interface Plan {
  draft: Draft;
  counts: RunCounts;
  facts: Record<Kind, GuardFacts>;
  /** Has the changes that were not kept; digestOf() completes it. */
  digest: PlanDigest;
  /** Indexes of the keys to remove. */
  removals: Record<Kind, number[]>;
  duplicates: DuplicateRow[];
  /** Kept while every item fitted into memory; null = compared again while saving. */
  changes: PlannedChange[] | null;
  /** Sentences for the run: what was not looked at, and why. */
  notes: string[];
}
