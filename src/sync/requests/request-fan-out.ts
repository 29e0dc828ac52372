// Sync now for a concept or a company: a parent run, and each source below once.
import { TillsyncError } from '../../errors.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import { type FanOutLevel, readRunnableBelow } from '../../records/configs/read-runnable-below.ts';
import type { RunTrigger } from '../../records/runs/create-run.ts';
import { createParent, renewParent, sealParent, settleParents } from '../../records/runs/parent-runs.ts';
import { getRun } from '../../records/runs/read-runs.ts';
import type { Run } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';
import { requestSync } from '../request-sync.ts';

export interface FanOutRequest extends FanOutLevel {
  trigger: RunTrigger;
  requestedBy: string;
  dryRun?: boolean;
  compareAll?: boolean;
  /** Whether the asker may sync this config; others are left out unnamed. Default: all. */
  isOwn?: (configId: string) => Promise<boolean>;
}

// Configs read at once; the parent's lease is renewed with each page.
const pageSize = 200;
// The parent says so many by name; the rest are counted.
const namedSkips = 20;

/**
 * Makes the parent and queues a run for each source below it (workers take them). A source that is being synced already,
 * or cannot be, is named in the parent's notes and is no child. Returns the parent; it ends when its children have.
 * Throws nothing_below when no config there can be synced.
 */
export async function requestFanOut(deps: Deps, request: FanOutRequest): Promise<Run> {
  const { level, id, trigger, requestedBy } = request;
  const name = `${level} ${id}`;
  const first = await readRunnableBelow(deps.database, { level, id, after: null, most: pageSize });
  if (first.length === 0) throw nothingBelow(name);
  const dryRun = request.dryRun ?? false;
  const place = level === 'concept' ? { conceptId: id } : { companyId: id };
  const parentId = await deps.database.transaction(async (q) => {
    const leaseSeconds = deps.leaseSeconds * 2;
    const made = await createParent(q, { name, place, trigger, requestedBy, dryRun, leaseSeconds });
    await appendAudit(q, {
      action: 'run.requested',
      actor: requestedBy,
      subject: { type: 'run', id: made, name },
      place,
      after: { trigger, dry_run: dryRun, [`${level}_id`]: id },
    });
    return made;
  });
  const skipped: string[] = [];
  for (let page = first; page.length > 0; ) {
    for (const configId of page) {
      if (request.isOwn !== undefined && !(await request.isOwn(configId))) continue;
      const skip = await requestChild(deps, { request, configId, parentId });
      if (skip !== null) skipped.push(skip);
    }
    // Somebody cancelled, or took this process for dead: what is queued is theirs to end.
    if (!(await renewParent(deps.database, { parentId, leaseSeconds: deps.leaseSeconds * 2 }))) break;
    page = await readRunnableBelow(deps.database, { level, id, after: page.at(-1) ?? null, most: pageSize });
  }
  await sealParent(deps.database, { parentId, notes: notesOf(skipped) });
  await settleParents(deps.database);
  const parent = await getRun(deps.database, parentId);
  if (parent === null) throw new Error(`run ${parentId} is gone`);
  return parent;
}

/** Why the config has no child, or null. */
async function requestChild(
  deps: Deps,
  of: { request: FanOutRequest; configId: string; parentId: string },
): Promise<string | null> {
  const { request, configId, parentId } = of;
  try {
    const { run, alreadyActive } = await requestSync(deps, {
      configId,
      trigger: request.trigger,
      requestedBy: request.requestedBy,
      dryRun: request.dryRun ?? false,
      compareAll: request.compareAll ?? false,
      enqueue: true,
      parentId,
    });
    if (!alreadyActive || run.parent_id === parentId) return null;
    return `${run.source_name ?? configId} was being synced already (run ${run.id}).`;
  } catch (error) {
    if (error instanceof TillsyncError) return error.message;
    throw error;
  }
}

function notesOf(skipped: readonly string[]): string[] {
  const rest = skipped.length - namedSkips;
  return [...skipped.slice(0, namedSkips), ...(rest > 0 ? [`${rest} more were left out for such reasons.`] : [])];
}

function nothingBelow(name: string): TillsyncError {
  return new TillsyncError(`No config of ${name} can be synced.`, {
    code: 'nothing_below',
    step: 'validation',
    effect: 'Nothing was started.',
    hint: 'List configs with `tillsync configs list`; one can be synced when it is active and has a source.',
    status: 422,
    exitCode: 2,
  });
}
