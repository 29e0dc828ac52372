// What becomes of a run that was just asked for: a worker takes it, this process works on it, or it is there already.
import type { Run } from '../../../records/runs/run.ts';
import type { Backend, RequestedSync, Waiting } from '../../backend/backend.ts';
import { exitCodes } from '../../exit-code.ts';
import { openProgressLine } from '../../print/progress-line.ts';
import { writeJson, writeTalk } from '../../print/write.ts';
import { reportRun } from '../../run-outcome.ts';

interface CarryingOut {
  json: boolean;
  /** Waits for the end also where somebody else works on it. */
  wait: boolean;
  signal: AbortSignal;
}

/** Carries it out as far as this process has to, and returns the exit code. */
export async function carryOut(
  backend: Backend,
  { run, alreadyActive, isTaken }: RequestedSync,
  { json, wait, signal }: CarryingOut,
): Promise<number> {
  const follow = () => waitFor(run, { json, signal }, (waiting) => backend.followRun(run.id, waiting));
  if (!alreadyActive && isTaken) {
    writeTalk(`Run ${run.id} is queued; a worker takes it.\n`);
    if (wait) return await follow();
    if (json) writeJson(run);
    else writeTalk(`See it: tillsync runs show ${run.id}\n`);
    return exitCodes.ok;
  }
  if (!alreadyActive) {
    return await waitFor(run, { json, signal }, (waiting) => backend.workRun(run, waiting));
  }
  if (wait) {
    writeTalk(`Following run ${run.id}, which is running already (by ${run.requested_by ?? 'somebody'}).\n`);
    return await follow();
  }
  writeTalk(`A sync of this source is already running (run ${run.id}, by ${run.requested_by ?? 'somebody'}).\n`);
  writeTalk('  Nothing was started.\n  Fix: Wait for it, or follow it with --wait.\n');
  if (json) writeJson(run);
  return exitCodes.alreadyRunning;
}

/** Shows how it comes along while `work` works on it or follows it, then its end; returns the exit code. */
export async function waitFor(
  run: Run,
  of: { json: boolean; signal: AbortSignal },
  work: (waiting: Waiting) => Promise<Run>,
): Promise<number> {
  const line = openProgressLine();
  try {
    const ended = await work({ signal: of.signal, onProgress: line.show });
    line.end();
    return reportRun(ended, of.json);
  } catch (error) {
    line.end();
    if (!of.signal.aborted) throw error;
    writeTalk(`Stopped following; run ${run.id} goes on.\n`);
    return exitCodes.tryLater;
  }
}
