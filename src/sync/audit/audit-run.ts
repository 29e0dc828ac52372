// What the audit log says of runs: those that somebody asked for. Schedules, webhooks and retries by themselves are in history.
import type { Queryable } from '../../db/database.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import type { Config } from '../../records/configs/config.ts';
import type { RunTrigger } from '../../records/runs/create-run.ts';
import { placeOfConfig } from './audit-config.ts';

/** A run that was just made, and the request behind it. */
export interface MadeRun {
  runId: string;
  trigger: RunTrigger;
  requestedBy: string;
  mode: 'merge' | 'full';
  dryRun: boolean;
  /** The run that is applied, or done over. */
  over: string | null;
  /** Tried again by itself. */
  isAutomatic: boolean;
  /** Name of the file that was brought; null = none. */
  file: string | null;
  source: { id: string; name: string };
  config: Config;
}

const actions: Readonly<Partial<Record<RunTrigger, string>>> = {
  manual: 'run.requested',
  cli: 'run.requested',
  api: 'run.requested',
  edge: 'run.requested',
  save: 'run.saved',
  retry: 'run.retried',
  replay: 'run.replayed',
  approve: 'run.approved',
};

/** Writes the request of a run in the transaction that makes it; nothing for a run that nobody asked for. */
export async function auditRun(q: Queryable, made: MadeRun): Promise<void> {
  const action = made.file === null ? actions[made.trigger] : 'run.imported';
  if (action === undefined || made.isAutomatic) return;
  const { over, runId, trigger, mode, dryRun, file } = made;
  await appendAudit(q, {
    action,
    actor: made.requestedBy,
    // Whoever decides on a run is found under that run.
    subject: { type: 'run', id: over ?? runId, name: made.source.name },
    place: { ...placeOfConfig(made.config), sourceId: made.source.id },
    after: {
      config_id: made.config.id,
      trigger,
      mode,
      dry_run: dryRun,
      ...(over === null ? {} : { run_id: runId }),
      ...(file === null ? {} : { file }),
    },
  });
}
