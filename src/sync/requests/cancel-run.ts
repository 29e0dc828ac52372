// Cancels a run: at once while it waits, within about a second while the POS is asked; a save is whole or not at all.
import { errorRecord, inputError, TillsyncError } from '../../errors.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import { requestCancel } from '../../records/owners/cancel-run.ts';
import { settleParents } from '../../records/runs/parent-runs.ts';
import { getRun } from '../../records/runs/read-runs.ts';
import type { Run } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';

/**
 * Asks for the end of a run, of a parent with all its children. Returns the run as it stands then: cancelled, or still in
 * progress until its worker looks. Throws run_unknown, run_over.
 */
export async function cancelRun(
  deps: Pick<Deps, 'database'>,
  request: { runId: string; requestedBy: string },
): Promise<Run> {
  const { runId, requestedBy } = request;
  const found = await getRun(deps.database, runId);
  if (found === null) {
    throw inputError('run_unknown', `No run has the id ${runId}.`, 'List them with `tillsync runs list`.');
  }
  const error = errorRecord(runCancelled(), '');
  const met = await deps.database.transaction(async (q) => {
    const isMet = await requestCancel(q, { runId, requestedBy, error });
    if (isMet) {
      await appendAudit(q, {
        action: 'run.cancelled',
        actor: requestedBy,
        subject: { type: 'run', id: runId, name: found.source_name },
        place: { sourceId: found.source_id, siteId: found.site_id },
        before: { status: found.status },
      });
    }
    return isMet;
  });
  if (found.is_parent) await settleParents(deps.database);
  const run = (await getRun(deps.database, runId)) ?? found;
  if (!met) throw runOver(run);
  return run;
}

/** The error of a run that somebody cancelled. */
export function runCancelled(): TillsyncError {
  return new TillsyncError('The run was cancelled.', {
    code: 'cancelled',
    step: 'sync',
    hint: 'Sync again when you like.',
  });
}

function runOver(run: Run): TillsyncError {
  return new TillsyncError(`Run ${run.id} is over already: it is ${run.status}.`, {
    code: 'run_over',
    step: 'validation',
    effect: 'Nothing was cancelled.',
    hint: `See it with \`tillsync runs show ${run.id}\`.`,
    status: 409,
    exitCode: 2,
  });
}
