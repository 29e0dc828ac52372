// One run from claim to end: prove the keys, fetch, then plan, guard and save; whatever fails is written into history.
import { randomUUID } from 'node:crypto';
import { checkKeys } from '../db/verify/check-keys.ts';
import { errorRecord, TillsyncError } from '../errors.ts';
import { copyRunPages, listRunPages } from '../records/payloads/read-payload.ts';
import { failRun } from '../records/runs/finish-run.ts';
import { type Applicable, readApplicable } from '../records/runs/holds.ts';
import { adoptFetchTime, claimRun, markFetchStarted } from '../records/runs/lease-run.ts';
import { getRun } from '../records/runs/read-runs.ts';
import type { Run } from '../records/runs/run.ts';
import type { Deps } from './deps.ts';
import { formatPages } from './plan/format-pages.ts';
import { guardLimits } from './plan/guard-limits.ts';
import { type ResolvedConfig, type ResolvedSettings, resolveConfig } from './resolve-config.ts';
import { fetchPayload } from './run/fetch-payload.ts';
import { keepLease, type Lease, type LeaseOptions } from './run/keep-lease.ts';
import { payloadDigest } from './run/payload-digest.ts';
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
  const lease = keepLease(deps, claim, options);
  try {
    await work(deps, { run, lease, options });
  } catch (error) {
    const reference = randomUUID().slice(0, 8);
    deps.log.error({ run: runId, reference, err: error }, 'run failed');
    const status = options.signal?.aborted === true && !(error instanceof TillsyncError) ? 'cancelled' : 'failed';
    await failRun(deps.database, claim, {
      status,
      error: status === 'cancelled' ? cancelled : errorRecord(error, reference),
    });
  } finally {
    lease.stop();
  }
  return await existing(deps, runId);
}

const cancelled = errorRecord(
  new TillsyncError('The run was cancelled.', { code: 'cancelled', step: 'sync', hint: 'Sync again when you like.' }),
  '',
);

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
  const sourceId = runnable(resolved, options.store || run.applies_run_id !== null ? 'source' : 'fetch');
  const applies = run.applies_run_id === null ? null : await readApplicable(deps.database, run.applies_run_id);
  // Between the request and now the config may have been told to read another catalog.
  if (sourceId !== run.source_id || (applies !== null && applies.sourceId !== sourceId)) throw configChanged();
  await proveKeys(deps, lease);
  const end = await bringPayload(deps, { resolved, sourceId, lease, applies, store: options.store });
  lease.signal.throwIfAborted();
  lease.note({ phase: 'format' });
  const pages = await listRunPages(deps.database, { sourceId, runId: run.id });
  if (pages.length === 0) throw new Error(`the connector ${resolved.connector.id} brought no page`);
  const { connector, params, secrets, config } = resolved;
  const removesByAbsence = run.mode === 'full' && connector.removal === 'absence';
  await saveRun(deps, {
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
    complete: end.complete,
    reason: end.reason,
    limits: guardLimits(config.guard),
    applies,
    requestedBy: run.requested_by ?? 'unknown',
    payloadDigest: payloadDigest({ pages, connector, params, removesByAbsence }),
    compareAll: options.compareAll ?? false,
  });
}

interface Bringing {
  resolved: ResolvedConfig;
  sourceId: string;
  lease: Lease;
  applies: Applicable | null;
  store: RunOptions['store'];
}

/** Where the run's payload comes from: the POS, the caller, or the run whose plan it applies. */
async function bringPayload(deps: Deps, of: Bringing): Promise<{ complete: boolean | null; reason: string | null }> {
  const { applies, lease, sourceId, store } = of;
  if (applies !== null) {
    await copyRunPages(deps.database, { sourceId, from: applies.runId, to: lease.claim.runId });
    await adoptFetchTime(deps.database, lease.claim, applies.runId);
    return { complete: applies.complete, reason: null };
  }
  if (store) {
    await markFetchStarted(deps.database, lease.claim);
    return { complete: (await store(lease, sourceId)) ? true : null, reason: null };
  }
  const end = await fetchPayload(deps, of);
  return { complete: end.complete, reason: end.reason ?? null };
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
      hint: `Set it with \`tillsync configs set ${resolved.config.id} --param <name>=<value>\`.`,
      exitCode: 2,
      status: 422,
    },
  );
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
  const findings = await deps.database.transaction((connection) => checkKeys(connection), { signal: lost });
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
