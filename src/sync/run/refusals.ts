// Why a run that got as far as its plan is not saved.
import { TillsyncError } from '../../errors.ts';
import type { Applicable } from '../../records/runs/holds.ts';

/** The refusal to save what was read for another catalog than the config names now. */
export function configChanged(): TillsyncError {
  return new TillsyncError('The config was changed to read another catalog while this run was under way.', {
    code: 'config_changed',
    step: 'sync',
    retry: 'later',
    hint: 'Sync again: the next run reads what the config says now.',
    status: 409,
  });
}

/** The refusal of data that is older than what is stored. */
export function staleFetch(): TillsyncError {
  return new TillsyncError('A newer fetch of this source was saved while this run was under way.', {
    code: 'stale_fetch',
    step: 'sync',
    hint: 'Nothing to do: the newer data is in place. Sync again if in doubt.',
    status: 409,
  });
}

/** The refusal to apply a plan that the tables have moved away from. */
export function planStale(applies: Pick<Applicable, 'runId' | 'resolution' | 'resolvedByRunId'>): TillsyncError {
  const done =
    applies.resolution === 'approved'
      ? `The plan of run ${applies.runId} is stale: it was applied already${applies.resolvedByRunId ? ` by run ${applies.resolvedByRunId}` : ''}.`
      : applies.resolution !== null
        ? `The plan of run ${applies.runId} is stale: it was ${applies.resolution}.`
        : `The plan of run ${applies.runId} is stale: the stored items have changed since it was made.`;
  return new TillsyncError(done, {
    code: 'plan_stale',
    step: 'sync',
    hint: 'Sync again to make a new plan.',
    status: 409,
    facts: { run: applies.runId },
  });
}

/** How far a save has come. */
export interface SaveProgress {
  phase?: string;
  items?: number;
}

/** A statement that was ended by its time limit, with the step and the size. */
export function tooSlow(cause: TillsyncError, seconds: number, at: SaveProgress): TillsyncError {
  const size = at.items === undefined ? '' : ` of ${at.items} items`;
  return new TillsyncError(
    `A statement took longer than ${seconds} s, or was cancelled, in the ${at.phase ?? 'plan'}${size}.`,
    {
      code: 'statement_timeout',
      step: 'save',
      retry: 'later',
      hint: 'Try again when the database is less busy, or set TILLSYNC_SAVE_STATEMENT_SECONDS to more.',
      facts: { ...cause.facts, phase: at.phase ?? 'plan', items: at.items ?? null },
      cause,
    },
  );
}
