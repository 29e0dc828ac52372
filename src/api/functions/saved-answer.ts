// The answer of a save that is in the tables; the CLI's `save --json` prints the same.
import type { Kind } from '../../catalog/item.ts';
import type { Run } from '../../records/runs/run.ts';
import type { FunctionAnswer } from './functions-options.ts';
import { changesOf, isSaved } from './run-answer.ts';

/** The 200 answer of save-integration-data, or null when the run did not save. `metadata` is given back as it came. */
export function savedAnswer(
  saved: { run: Run; stored: Record<Kind, number> },
  metadata: Readonly<Record<string, unknown>>,
): FunctionAnswer | null {
  const { run, stored } = saved;
  if (!isSaved(run)) return null;
  return {
    status: 200,
    body: {
      success: true,
      config_id: run.config_id,
      source_id: run.source_id,
      sync_id: run.id,
      counts: { ...stored, total: stored.products + stored.modifiers + stored.discounts },
      changes: changesOf(run),
      saved_at: run.finished_at,
      metadata,
    },
  };
}
