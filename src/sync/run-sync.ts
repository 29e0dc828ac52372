// One run from claim to end: prove the keys, fetch, then plan, guard and save; whatever fails is written into history.
import { watchKeys } from '../db/verify/check-keys.ts';
import { TillsyncError } from '../errors.ts';
import { ownerOf } from '../records/items/save-items.ts';
import { copyRunPages, listRunPages } from '../records/payloads/read-payload.ts';
import { type Applicable, readApplicable } from '../records/runs/holds.ts';
import { type AskRemembered, adoptFetchTime, claimRun, markFetchStarted } from '../records/runs/lease-run.ts';
import { getRun } from '../records/runs/read-runs.ts';
import type { Reads, Run } from '../records/runs/run.ts';
import { settingsOfRun } from './configs/settings-of-run.ts';
import type { Deps } from './deps.ts';
import { formatPages } from './plan/format-pages.ts';
import { guardLimits } from './plan/guard-limits.ts';
import { findReplayable } from './requests/replay-payload.ts';
import { type ResolvedConfig, type ResolvedSettings, resolveConfig } from './resolve-config.ts';
import { endRun } from './run/end-run.ts';
import { fetchPayload } from './run/fetch-payload.ts';
import { keepLease, type Lease, type LeaseOptions } from './run/keep-lease.ts';
import { RunLog } from './run/log/run-log.ts';
import { payloadDigest, rememberKey } from './run/payload-digest.ts';
import { configChanged } from './run/refusals.ts';
import { saveRun } from './run/save-run.ts';

export interface RunOptions extends LeaseOptions {
  /** Puts a payload into the vault instead of fetching one, and says whether it claims to be the whole catalog. */
  store?: (lease: Lease, sourceId: string) => Promise<boolean>;
  /** Compares every item with its row, even where the POS answered as it did last time. */
  compareAll?: boolean;
}

/**
 * Works a queued run to its end and returns it. A failure of the run is its status and error, not an exception; only
 * when not even that can be written (the database is gone) does it throw. The sweep then ends the run.
 */
export async function runSync(deps: Deps, runId: string, options: RunOptions = {}): Promise<Run> {
  const run = await existing(deps, runId);
  const { worker, leaseSeconds } = deps;
  const claim =
    run.source_id === null
      ? null
      : await claimRun(deps.database, { runId, sourceId: run.source_id, worker, leaseSeconds });
  if (claim === null) return run;
  const { database, log, vault } = deps;
  const runLog = new RunLog({
    ...{ queryable: database, log, run, sourceId: claim.sourceId, worker },
    redact: vault.redact,
  });
  const own = { ...deps, log: runLog.logger };
  const lease = keepLease(own, claim, { ...options, runLog });
  try {
    await runLog.within(() => work(own, { run, lease, options }));
  } catch (error) {
    await endRun(own, { run, lease, error });
  } finally {
    lease.stop();
  }
  return await runLog.end(await existing(deps, runId));
}

async function existing(deps: Deps, runId: string): Promise<Run> {
  const run = await getRun(deps.database, runId);
  if (run === null) throw new Error(`run ${runId} is gone`);
  return run;
}

interface Work {
  run: Run;
  lease: Lease;
  options: RunOptions;
}

async function work(deps: Deps, { run, lease, options }: Work): Promise<void> {
  if (run.config_id === null) throw new Error('a run without a config');
  const resolved = await resolveConfig(deps, run.config_id);
  const asksNoPos = options.store !== undefined || run.applies_run_id !== null || run.trigger === 'replay';
  const sourceId = runnable(resolved, asksNoPos ? 'source' : 'fetch');
  const applies = run.applies_run_id === null ? null : await readApplicable(deps.database, run.applies_run_id);
  // Between the request and now the config may have been told to read another catalog.
  if (sourceId !== run.source_id || (applies !== null && applies.sourceId !== sourceId)) throw configChanged();
  await proveKeys(deps, lease);
  const job: Job = { run, lease, options, resolved, sourceId, applies };
  if (await saveBrought(deps, job, await bringPayload(deps, job))) return;
  // The POS says that nothing changed, but another program wrote to the tables.
  await saveBrought(deps, job, await bringPayload(deps, { ...job, readAll: true }));
}

interface Job extends Work {
  resolved: ResolvedConfig;
  sourceId: string;
  applies: Applicable | null;
  /** Whether nothing that is remembered may be used. */
  readAll?: boolean;
}

/** What a run is to save, and where it comes from. */
interface Brought {
  complete: boolean | null;
  reason: string | null;
  reads: Reads | null;
}

/** Plans and saves what was brought; false = it has to be read in full. */
async function saveBrought(deps: Deps, job: Job, end: Brought): Promise<boolean> {
  const { run, lease, options, resolved, sourceId, applies } = job;
  lease.signal.throwIfAborted();
  lease.note({ phase: 'format' });
  const pages = await listRunPages(deps.database, { sourceId, runId: run.id });
  if (pages.length === 0 && end.reads !== 'nothing' && end.reads !== 'changes')
    throw new Error(`the connector ${resolved.connector.id} brought no page`);
  const { connector, params, secrets, config } = resolved;
  const removesByAbsence = run.mode === 'full' && connector.removal === 'absence' && end.reads !== 'changes';
  return await saveRun(deps, {
    lease,
    sourceId,
    configId: config.id,
    conceptId: config.concept_id,
    companyId: config.company_id,
    siteId: config.site_id,
    stream: formatPages(deps.database, { sourceId, pages, connector, params, secrets }),
    dryRun: run.dry_run,
    identityKey: resolved.identity?.key ?? null,
    removesByAbsence,
    // What changed is no whole catalog, however complete it is.
    complete: end.reads === 'changes' && end.complete ? null : end.complete,
    reason: end.reason,
    reads: end.reads,
    limits: guardLimits(config.guard),
    applies,
    requestedBy: run.requested_by ?? 'unknown',
    payloadDigest: end.reads === 'nothing' ? null : payloadDigest({ pages, connector, params, removesByAbsence }),
    compareAll: options.compareAll ?? run.compare_all,
  });
}

/** Where the run's payload comes from: the POS, the caller, the run that it replays, or the one whose plan it applies. */
async function bringPayload(deps: Deps, job: Job): Promise<Brought> {
  const { run, applies, lease, sourceId } = job;
  const { store } = job.options;
  const settings = settingsOfRun(job.resolved, deps.vault);
  if (applies !== null) {
    await copyRunPages(deps.database, { sourceId, from: applies.runId, to: lease.claim.runId });
    await adoptFetchTime(deps.database, lease.claim, { runId: applies.runId, settings });
    return { complete: applies.complete, reason: null, reads: applies.reads };
  }
  if (run.trigger === 'replay') {
    const replayed = await findReplayable(deps.database, { sourceId, runId: run.retry_of_run_id ?? run.id });
    await copyRunPages(deps.database, { sourceId, from: replayed.runId, to: run.id });
    // Asked for now, so it is not stale; what the POS gave to remember since then no longer fits the rows.
    await markFetchStarted(deps.database, lease.claim, { settings });
    return { ...replayed, reads: null };
  }
  if (store) {
    await markFetchStarted(deps.database, lease.claim, { settings });
    return { complete: (await store(lease, sourceId)) ? true : null, reason: null, reads: null };
  }
  const end = await fetchPayload(deps, { ...job, settings, asks: askRemembered(deps, job) });
  return { complete: end.complete, reason: end.reason ?? null, reads: end.reads };
}

/** A run that a person looks at first, or who asks for everything, reads everything. */
function askRemembered(deps: Deps, { run, options, resolved, readAll }: Job): AskRemembered | null {
  const { connector, params, config } = resolved;
  if (connector.incremental === undefined || readAll || (options.compareAll ?? run.compare_all) || run.dry_run)
    return null;
  const levels = [config.concept_id, config.company_id, config.site_id];
  const [conceptId = null, companyId = null, siteId = null] = levels.map((id) => (id === null ? null : String(id)));
  return {
    key: rememberKey({ connector, params }),
    owner: ownerOf({ configId: config.id, conceptId, companyId, siteId }),
    fullReadHours: deps.fullReadHours,
  };
}

/**
 * The source of a runnable config; throws config_not_runnable with what is missing. A config that lacks only what a fetch
 * needs (a credential) can still take items that a caller brings. Throws config_inactive for one that is switched off.
 */
export function runnable(resolved: ResolvedSettings, needs: 'fetch' | 'source' = 'fetch'): string {
  if (!resolved.config.is_active) throw configInactive(resolved);
  if (resolved.sourceId !== null && (needs === 'source' || resolved.missing.length === 0)) return resolved.sourceId;
  const missing = resolved.missing.join(', ');
  throw new TillsyncError(
    `Config “${resolved.config.name}” cannot be synced yet; missing: ${missing || 'its source'}.`,
    {
      code: 'config_not_runnable',
      step: 'validation',
      hint: hintOfMissing(resolved),
      exitCode: 2,
      status: 422,
    },
  );
}

function hintOfMissing({ config, connector, missing }: ResolvedSettings): string {
  // An identity that the POS tells: nobody has to look it up.
  const isAsked = connector.check !== undefined && missing.length > 0;
  return isAsked && missing.every((name) => connector.identity.includes(name))
    ? `Ask the POS for it with \`tillsync connectors test ${config.id} --save\`.`
    : `Set it with \`tillsync configs set ${config.id} --param <name>=<value>\`.`;
}

function configInactive({ config }: ResolvedSettings): TillsyncError {
  return new TillsyncError(`Config “${config.name}” is switched off.`, {
    code: 'config_inactive',
    step: 'validation',
    hint: `Switch it on with \`tillsync configs set ${config.id} --enable\`, or use the config that reads this catalog now.`,
    exitCode: 2,
    status: 409,
  });
}

/** The key doctor's look at the catalog before anything is fetched: a broken key stops the run with its repair. */
async function proveKeys(deps: Deps, { lost }: Lease): Promise<void> {
  // In a transaction for its lock_timeout: reading the definition of a key waits for whoever holds its table.
  const findings = await deps.database.transaction((connection) => watchKeys(connection, { waits: true }), {
    signal: lost,
    isShort: true,
  });
  const finding = findings.find(({ severity }) => severity === 'error');
  if (finding === undefined) return;
  throw new TillsyncError(finding.message, {
    code: 'key_unusable',
    step: 'save',
    hint: 'Run `tillsync verify --fix`, or the SQL that `tillsync verify` prints.',
    ...(finding.sql ? { sql: finding.sql } : {}),
    facts: { rule: finding.rule },
  });
}
