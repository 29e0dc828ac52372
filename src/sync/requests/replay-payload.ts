// Which stored answer a replay saves, and what is known of it: it is as complete as its own fetch proved, and no newer.
import type { Queryable } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';
import { listRunPages } from '../../records/payloads/read-payload.ts';
import { getRun } from '../../records/runs/read-runs.ts';
import type { Run } from '../../records/runs/run.ts';
import { getSource } from '../../records/sources/read-sources.ts';
import { configChanged } from '../run/refusals.ts';

export interface Replayable {
  /** The run that refers to the pages. */
  runId: string;
  /** null = the answer never claimed to be the whole catalog. */
  complete: boolean | null;
  reason: string | null;
}

/** A replay of a replay of a replay …: more of them are a circle. */
const mostSteps = 50;

/**
 * Finds the stored answer of a run, of a replay that of the run that it replays. Throws TillsyncError payload_gone,
 * replay_of_changes, config_changed (the source has stood for another catalog then).
 */
export async function findReplayable(q: Queryable, of: { sourceId: string; runId: string }): Promise<Replayable> {
  let from: Run | null = null;
  let pages = 0;
  let form: 'connector' | 'formatted' = 'connector';
  let holder = of.runId;
  let next: string | null = of.runId;
  for (let step = 0; next !== null && step < mostSteps; step++) {
    const run: Run | null = await getRun(q, next);
    if (run === null) break;
    from = run;
    if (pages === 0) {
      const found = await listRunPages(q, { sourceId: of.sourceId, runId: run.id });
      pages = found.length;
      form = found[0]?.form ?? form;
      holder = run.id;
    }
    next = run.trigger === 'replay' ? run.retry_of_run_id : null;
  }
  if (from === null || pages === 0) throw payloadGone(of.runId);
  if (from.reads === 'changes') throw onlyChanges(from.id);
  const source = await getSource(q, of.sourceId);
  // The row of a source changes only with its identity: what was read before is of another catalog.
  if (source === null || from.source_id !== of.sourceId || source.updated_at > from.created_at) throw configChanged();
  return { runId: holder, ...provenBy(from, form) };
}

// A run that ended before its plan never wrote down whether its fetch was complete: then nothing is removed.
function provenBy(run: Run, form: 'connector' | 'formatted'): Pick<Replayable, 'complete' | 'reason'> {
  if (run.complete === true || form === 'formatted') return { complete: run.complete, reason: null };
  return { complete: false, reason: `run ${run.id}, whose answer this is, did not prove that it is whole` };
}

function payloadGone(runId: string): TillsyncError {
  return new TillsyncError(`The answer that run ${runId} read is not stored any more, or never was.`, {
    code: 'payload_gone',
    step: 'sync',
    effect: 'Nothing was started.',
    hint: 'Sync again to fetch a new one; TILLSYNC_KEEP_PAYLOADS_DAYS says how long answers are kept.',
    status: 409,
    exitCode: 2,
  });
}

function onlyChanges(runId: string): TillsyncError {
  return new TillsyncError(`Run ${runId} read only what had changed, which means nothing without what came before.`, {
    code: 'replay_of_changes',
    step: 'sync',
    effect: 'Nothing was started.',
    hint: 'Replay a run that read everything, or sync with `tillsync sync <config> --full`.',
    status: 409,
    exitCode: 2,
  });
}
