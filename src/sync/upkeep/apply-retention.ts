// Retention: what is older or more than the settings keep goes, source by source, in short transactions beside the syncs.
import { deleteOldAudit } from '../../records/retention/delete-audit.ts';
import { deleteOldLogs } from '../../records/retention/delete-logs.ts';
import { deleteBodies, dropReferences } from '../../records/retention/delete-payloads.ts';
import { deleteOldRuns, deleteSourcelessRuns } from '../../records/retention/delete-runs.ts';
import { nextSource } from '../../records/retention/next-source.ts';
import { keepUpkeep } from '../../records/system/upkeep-record.ts';
import type { Deps } from '../deps.ts';

/** What one pass of retention deleted. */
export interface Retained {
  /** Sources that were looked at. */
  sources: number;
  runs: number;
  logs: number;
  changes: number;
  rejects: number;
  duplicates: number;
  /** References of runs to stored answers. */
  references: number;
  payloads: number;
  /** Compressed bytes of those. */
  payload_bytes: number;
  /** Entries of the audit log. */
  audit_entries: number;
  /** Sources at which it failed (the log says why) or another retention was at work; the next pass comes back to them. */
  left: number;
}

type RetentionDeps = Pick<Deps, 'database' | 'log' | 'keep' | 'worker'>;

/** The name of the record of its last pass. */
export const retentionChore = 'retention';

/** Each worker does a pass when it starts, and again so often. */
export const retentionEveryMs = 3_600_000;

/**
 * One pass over everything, with deps.keep. Never touches what somebody may still need: active runs, plans that wait and
 * their answers, the last success, what the next unchanged sync repeats, a run that another kept run applies. An abort of
 * `signal` ends it after the transaction under way. Throws only when the list of sources cannot be read.
 */
export async function applyRetention(deps: RetentionDeps, signal?: AbortSignal): Promise<Retained> {
  const done: Retained = {
    ...{ sources: 0, runs: 0, logs: 0, changes: 0, rejects: 0, duplicates: 0 },
    ...{ references: 0, payloads: 0, payload_bytes: 0, audit_entries: 0, left: 0 },
  };
  await keepGoing(deps, { done }, () => ofAllSources(deps, done, signal));
  let sourceId: string | null = null;
  while (signal?.aborted !== true) {
    sourceId = await nextSource(deps.database, sourceId);
    if (sourceId === null) break;
    const of = { sourceId, done, signal };
    done.sources += 1;
    await keepGoing(deps, of, async () => (await runsOf(deps, of)) && (await payloadsOf(deps, of)));
  }
  if (signal?.aborted !== true) await keepRecord(deps, done);
  return done;
}

async function keepRecord({ database, log, worker }: RetentionDeps, done: Retained): Promise<void> {
  const { sources: _, left, ...deleted } = done;
  const hasWorked = left > 0 || Object.values(deleted).some((count) => count > 0);
  try {
    await keepUpkeep(database, { chore: retentionChore, worker, done: { ...done }, hasWorked });
  } catch (error) {
    // What was deleted is deleted; only the system page does not hear of it.
    log.warn({ err: error }, 'what retention did could not be written down');
  }
}

/** Counts and logs what could not be done; the other sources have their turn all the same. */
async function keepGoing(
  deps: RetentionDeps,
  { done, sourceId }: Partial<OfSource> & { done: Retained },
  work: () => Promise<boolean>,
): Promise<void> {
  try {
    if (!(await work())) done.left += 1;
  } catch (error) {
    done.left += 1;
    deps.log.error({ err: error, source: sourceId }, 'retention failed here');
  }
}

interface OfSource {
  sourceId: string;
  done: Retained;
  signal: AbortSignal | undefined;
}

async function ofAllSources(deps: RetentionDeps, done: Retained, signal: AbortSignal | undefined): Promise<boolean> {
  const { database, keep } = deps;
  for (let more = keep.logsDays > 0; more && signal?.aborted !== true; ) {
    const gone = await deleteOldLogs(database, keep.logsDays);
    done.logs += gone.logs;
    more = gone.more;
  }
  for (let more = keep.runsDays > 0; more && signal?.aborted !== true; ) {
    const gone = await deleteSourcelessRuns(database, keep.runsDays);
    done.runs += gone.runs;
    more = gone.more;
  }
  for (let more = keep.auditDays > 0; more && signal?.aborted !== true; ) {
    const gone = await deleteOldAudit(database, keep.auditDays);
    done.audit_entries += gone.entries;
    more = gone.more;
  }
  return true;
}

async function runsOf({ database, keep }: RetentionDeps, { sourceId, done, signal }: OfSource): Promise<boolean> {
  const limits = { sourceId, days: keep.runsDays, perSource: keep.runsPerSource };
  for (let more = limits.days > 0 || limits.perSource > 0; more && signal?.aborted !== true; ) {
    const gone = await deleteOldRuns(database, limits);
    for (const name of ['runs', 'logs', 'changes', 'rejects', 'duplicates'] as const) done[name] += gone[name];
    if (gone.busy) return false;
    more = gone.more;
  }
  return true;
}

async function payloadsOf({ database, keep }: RetentionDeps, { sourceId, done, signal }: OfSource): Promise<boolean> {
  const limits = { sourceId, days: keep.payloadsDays, perSource: keep.payloadsPerSource };
  for (let dropped: number | null = 1; dropped > 0 && signal?.aborted !== true; done.references += dropped) {
    dropped = await dropReferences(database, limits);
    if (dropped === null) return false;
  }
  for (let more = true; more && signal?.aborted !== true; ) {
    const gone = await deleteBodies(database, { sourceId });
    if (gone === null) return false;
    done.payloads += gone.payloads;
    done.payload_bytes += gone.storedBytes;
    more = gone.more;
  }
  return true;
}
