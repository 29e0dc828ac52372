// Follows a run that another process works on, to its end.
import type { App } from '../../../app.ts';
import type { Run } from '../../../records/runs/run.ts';
import { exitCodes } from '../../exit-code.ts';
import { openProgressLine } from '../../print/progress-line.ts';
import { writeTalk } from '../../print/write.ts';
import { reportRun } from '../../run-outcome.ts';

/** Shows how a run that somebody else works on comes along, and its end; Ctrl-C leaves it alone. */
export async function followToEnd(app: App, of: { run: Run; json: boolean; signal: AbortSignal }): Promise<number> {
  const { followRun } = await import('../../../sync/follow-run.ts');
  const line = openProgressLine();
  try {
    const ended = await followRun(app.deps, of.run.id, {
      signal: of.signal,
      onProgress: (run) => line.show({ phase: run.phase ?? run.status, ...numbersOf(run) }),
    });
    line.end();
    return reportRun(ended, of.json);
  } catch (error) {
    line.end();
    if (!of.signal.aborted) throw error;
    writeTalk(`Stopped following; run ${of.run.id} goes on.\n`);
    return exitCodes.tryLater;
  }
}

function numbersOf(run: Run): { items: number | null; bytes: number | null } {
  const { items, bytes } = run.progress ?? {};
  return { items: typeof items === 'number' ? items : null, bytes: typeof bytes === 'number' ? bytes : null };
}
