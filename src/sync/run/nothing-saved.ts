// A run whose every item was refused.
import { kinds } from '../../catalog/item.ts';
import { TillsyncError } from '../../errors.ts';
import type { RunCounts } from '../../records/runs/run.ts';
import type { Plan } from '../plan/plan.ts';

/** A run that kept nothing because every item was refused is no success; its rejects are kept all the same. */
export function nothingSaved({ counts }: Plan): TillsyncError | null {
  const total = (field: keyof RunCounts['products']) => kinds.reduce((sum, kind) => sum + counts[kind][field], 0);
  const rejected = total('rejected');
  if (rejected === 0 || total('received') > rejected + total('filtered') || total('removed') > 0) return null;
  return new TillsyncError(`None of the ${rejected} items could be saved.`, {
    code: 'all_rejected',
    step: 'format',
    hint: 'Look at the reasons with `tillsync runs show`.',
  });
}
