// The end of a run that did not come to its own: failed, cancelled, or given back by a worker that was told to stop.
import { randomUUID } from 'node:crypto';
import { type ErrorRecord, errorRecord, TillsyncError } from '../../errors.ts';
import { requeue } from '../../records/owners/interrupt-runs.ts';
import { failRun } from '../../records/runs/finish-run.ts';
import type { Run } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';
import { runCancelled } from '../requests/cancel-run.ts';
import { retryDelay } from '../upkeep/retry-later.ts';
import type { Lease } from './keep-lease.ts';

interface Ending {
  run: Run;
  lease: Lease;
  error: unknown;
}

/** Writes the end, and what follows from it (queued again, tried again later), in one transaction. */
export async function endRun(deps: Deps, { run, lease, error }: Ending): Promise<void> {
  const reference = randomUUID().slice(0, 8);
  const told = endOf({ lease, error, reference });
  const end = { ...told, error: withoutSecrets(told.error, deps.vault.redact) };
  // How any run ended is said by its log; what went wrong, with the way there, only here.
  if (end.status === 'failed') deps.log.error({ reference, err: error }, 'run failed');
  const delay = end.status === 'failed' ? retryDelay(run, end.error) : null;
  const isGivenBack = end.status === 'interrupted' && run.enqueued;
  // By a worker that was told to stop any number of times; after a lost lease as after a death.
  const how = isStopped(lease) ? 'always' : 'once';
  if (delay === null && !isGivenBack) {
    await failRun(deps.database, lease.claim, end);
    return;
  }
  const queue = await deps.queue();
  await deps.database.transaction(
    async (connection) => {
      if (!(await failRun(connection, lease.claim, end))) return;
      if (isGivenBack) await queue.tellRuns(connection, await requeue(connection, [run.id], how));
      else if (delay !== null && run.config_id !== null) {
        await queue.tellLater(connection, { configId: run.config_id, retryOf: run.id }, delay);
      }
    },
    { isShort: true },
  );
}

interface End {
  status: 'failed' | 'cancelled' | 'interrupted';
  error: ErrorRecord;
}

/** Told by what stopped the run, if anything did: the work then fails with that, or with an abort of its own. */
function endOf({ lease, error, reference }: Omit<Ending, 'run'> & { reference: string }): End {
  const { aborted, reason } = lease.signal;
  if (!aborted || (error instanceof TillsyncError && error !== reason)) {
    return { status: 'failed', error: errorRecord(error, reference) };
  }
  if (!(reason instanceof TillsyncError)) return { status: 'cancelled', error: errorRecord(runCancelled(), '') };
  return { status: reason.code === 'cancelled' ? 'cancelled' : 'interrupted', error: errorRecord(reason, reference) };
}

// Whatever an error tells, history is for everybody who may look.
function withoutSecrets(record: ErrorRecord, redact: (text: string) => string): ErrorRecord {
  const { message, effect, hint } = record;
  return { ...record, message: redact(message), effect: redact(effect), hint: redact(hint) };
}

function isStopped({ signal }: Lease): boolean {
  return signal.reason instanceof TillsyncError && signal.reason.code === 'worker_stopped';
}
