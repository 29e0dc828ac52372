// POST sync-orchestrator: one sync of one config; the caller waits, but never longer than a gateway lets him.
import type { Run } from '../../../records/runs/run.ts';
import { requestSync } from '../../../sync/request-sync.ts';
import { runSync } from '../../../sync/run-sync.ts';
import { alreadyRunningAnswer, failedRunAnswer, heldRunAnswer } from '../error-answer.ts';
import type { EdgeFunction, FunctionCall } from '../functions-options.ts';
import { proveConfig } from '../permit-call.ts';
import { configBody, parseBody } from '../request-bodies.ts';
import { changesOf, durationOf, isSaved, storedCounts } from '../run-answer.ts';

// Gateways end a request at 150 s.
const defaultWaitMs = 140_000;

export const syncOrchestrator: EdgeFunction = {
  errorCode: 'SYNC_ERROR',
  permission: 'sync',
  maxBody: 1024 * 1024,
  tooLargeHint: 'The body holds config_id and nothing else.',
  async answer(call) {
    const { config_id: configId } = parseBody(configBody, call.body);
    await proveConfig(call, configId);
    const { deps } = call;
    const { run, alreadyActive } = await requestSync(deps, {
      configId,
      trigger: 'edge',
      requestedBy: call.requestedBy,
    });
    if (alreadyActive) return alreadyRunningAnswer(run, 'SYNC_ERROR');
    const { stopping } = call.options;
    const work = runSync(deps, run.id, stopping === undefined ? {} : { signal: stopping });
    const finished = await within(work, call);
    if (finished === null) return { status: 202, body: { success: true, sync_id: run.id, status: 'in_progress' } };
    if (finished.status === 'held') return heldRunAnswer(finished);
    if (!isSaved(finished)) return failedRunAnswer(finished, 'SYNC_ERROR');
    return { status: 200, body: answerOf(finished, configId) };
  },
};

// The finished run, or null when it takes longer than the caller waits; the run then goes on by itself.
async function within(work: Promise<Run>, call: FunctionCall): Promise<Run | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), call.options.waitMs ?? defaultWaitMs);
  });
  try {
    const first = await Promise.race([work, late]);
    if (first === null) {
      const rest = work.catch((error: unknown) =>
        call.deps.log.error({ err: error }, 'a sync in the background broke'),
      );
      call.options.keepAlive?.(rest);
    }
    return first;
  } finally {
    clearTimeout(timer);
  }
}

function answerOf(run: Run, configId: string): Record<string, unknown> {
  return {
    success: true,
    sync_id: run.id,
    config_id: configId,
    status: run.status,
    counts: storedCounts(run),
    changes: changesOf(run),
    started_at: run.started_at,
    completed_at: run.finished_at,
    duration_ms: durationOf(run),
  };
}
