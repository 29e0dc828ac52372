// Sync now: one run row for the config's source, or the run that is under way already.

import type { DueRequest } from '../records/configs/due-configs.ts';
import { createRun, type NewRun, type RunTrigger } from '../records/runs/create-run.ts';
import { getRun } from '../records/runs/read-runs.ts';
import type { Run } from '../records/runs/run.ts';
import { getSource } from '../records/sources/read-sources.ts';
import { auditRun } from './audit/audit-run.ts';
import type { Deps } from './deps.ts';
import { type ResolvedSettings, resolveSettings } from './resolve-config.ts';
import { runnable } from './run-sync.ts';

export interface SyncRequest {
  configId: string;
  trigger: RunTrigger;
  /** Who asks, e.g. 'cli:maria' or 'key:kiosk'. */
  requestedBy: string;
  /** Plan only: nothing is written, the plan can be approved. */
  dryRun?: boolean;
  /** Default 'full': what the POS no longer has is removed. */
  mode?: 'merge' | 'full';
  /** The held or planned run whose plan is applied. */
  appliesRunId?: string;
  /** Leaves the run to a worker: the job is made in the same transaction. Default: the caller works on it. */
  enqueue?: boolean;
  /** Compares every item with its row, even where the POS answers as it did last time. */
  compareAll?: boolean;
  /** The run that is done over (tried again, or replayed), and its attempt. */
  retryOf?: { runId: string; attempt: number };
  /** The request for a concept or company that asks for this source. */
  parentId?: string;
  /** Name of the file that is imported. */
  file?: string;
  /** The claimed due time of a schedule that the run is for. */
  due?: DueRequest;
}

/**
 * Makes a queued run for runSync(), or with `enqueue` for a worker. Throws config_unknown, config_not_runnable, and what resolving the settings throws;
 * what else stands in the way (a secret that cannot be opened) ends the run in history.
 */
export async function requestSync(deps: Deps, request: SyncRequest): Promise<{ run: Run; alreadyActive: boolean }> {
  return await requestRun(deps, await resolveSettings(deps, request.configId), request);
}

/** The same for a config that is resolved already. */
export async function requestRun(
  deps: Deps,
  resolved: ResolvedSettings,
  request: SyncRequest,
): Promise<{ run: Run; alreadyActive: boolean }> {
  const { trigger } = request;
  const bringsItems = trigger === 'save' || trigger === 'replay' || request.appliesRunId !== undefined;
  const sourceId = runnable(resolved, bringsItems ? 'source' : 'fetch');
  const source = await getSource(deps.database, sourceId);
  const queue = request.enqueue === true ? await deps.queue() : null;
  const made: NewRun = {
    sourceId,
    sourceName: source?.name ?? resolved.config.name,
    configId: resolved.config.id,
    siteId: resolved.config.site_id === null ? null : String(resolved.config.site_id),
    trigger,
    requestedBy: request.requestedBy,
    dryRun: request.dryRun ?? false,
    mode: request.mode ?? 'full',
    appliesRunId: request.appliesRunId ?? null,
    leaseSeconds: deps.leaseSeconds,
    enqueued: queue !== null,
    compareAll: request.compareAll ?? false,
    retryOf: request.retryOf,
    parentId: request.parentId ?? null,
    due: request.due,
  };
  const { runId, alreadyActive } = await createRun(deps.database, made, async (connection, id) => {
    await queue?.tellRuns(connection, [id]);
    await auditRun(connection, {
      ...{ runId: id, trigger, requestedBy: made.requestedBy, mode: made.mode, dryRun: made.dryRun },
      over: made.appliesRunId ?? made.retryOf?.runId ?? null,
      isAutomatic: made.parentId !== null || (made.retryOf?.attempt ?? 1) > 1,
      file: request.file ?? null,
      source: { id: sourceId, name: made.sourceName },
      config: resolved.config,
    });
  });
  const run = await getRun(deps.database, runId);
  if (run === null) throw new Error(`run ${runId} is gone`);
  return { run, alreadyActive };
}
