// How far a run has come that somebody else works on.
import type { Run } from '../../records/runs/run.ts';
import type { Progress } from '../print/progress-line.ts';

/** What the progress line shows of a run. */
export function progressOf(run: Run): Progress {
  const { items, bytes } = run.progress ?? {};
  return {
    phase: run.phase ?? run.status,
    items: typeof items === 'number' ? items : null,
    bytes: typeof bytes === 'number' ? bytes : null,
  };
}
