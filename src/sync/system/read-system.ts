// Reads the system report: short statements one after another, each from indexes or catalogs, so that a page may ask often.
import { arch, hostname, platform } from 'node:os';
import { readServerFacts } from '../../db/facts/server-facts.ts';
import { readMigrationState } from '../../db/migrate/migration-state.ts';
import { watchKeys } from '../../db/verify/check-keys.ts';
import { TillsyncError } from '../../errors.ts';
import { countJobs } from '../../queue/count-jobs.ts';
import { countLateConfigs } from '../../records/configs/read-configs.ts';
import { readLevels } from '../../records/metrics/read-levels.ts';
import { countFailedOfDay } from '../../records/system/failed-runs.ts';
import { listProcesses, type Process } from '../../records/system/list-processes.ts';
import { readUpkeep } from '../../records/system/upkeep-record.ts';
import type { Deps } from '../deps.ts';
import { retentionChore, retentionEveryMs } from '../upkeep/apply-retention.ts';
import { type VaultStatus, vaultStatus } from '../vault/vault-status.ts';
import { findWarnings } from './find-warnings.ts';
import type {
  DatabaseReport,
  LimitsReport,
  ProcessReport,
  ProcessState,
  QueueReport,
  RetentionReport,
  SystemReport,
  VaultKey,
  VaultReport,
} from './system-report.ts';

type SystemDeps = Pick<
  Deps,
  'database' | 'vault' | 'about' | 'keep' | 'leaseSeconds' | 'saveStatementSeconds' | 'planMemoryChanges'
>;

/**
 * The report; `calls` are the limits of calls that are in force, null where there are none. Throws what the database throws.
 */
export async function readSystem(deps: SystemDeps, { calls }: Pick<LimitsReport, 'calls'>): Promise<SystemReport> {
  const workers = statesOf(await listProcesses(deps.database), deps.leaseSeconds);
  const report = {
    checked_at: new Date().toISOString(),
    process: aboutThisProcess(deps),
    database: await aboutDatabase(deps),
    queue: await aboutQueue(deps, workers),
    workers,
    vault: await aboutVault(deps),
    retention: await aboutRetention(deps, workers),
    limits: limitsOf(deps, calls),
    settings: [...deps.about.settings],
  };
  return { ...report, warnings: findWarnings(report, deps.about.settingWarnings) };
}

function aboutThisProcess({ about }: SystemDeps): ProcessReport {
  return {
    version: about.version,
    node: process.version.slice(1),
    platform: `${platform()} ${arch()}`,
    host: hostname(),
    pid: process.pid,
    started_at: about.startedAt,
    uptime_seconds: Math.max(0, Math.round((Date.now() - Date.parse(about.startedAt)) / 1000)),
    memory_bytes: process.memoryUsage.rss(),
  };
}

async function aboutDatabase({ database, about }: SystemDeps): Promise<DatabaseReport> {
  const facts = await readServerFacts(database);
  const schema = await readMigrationState(database);
  // On another schema the doctor would only repeat, in many sentences, that it is another one.
  const broken = schema.problem === null ? await watchKeys(database) : [];
  return {
    ...facts,
    is_embedded: about.hasOwnDatabase,
    schema,
    broken_keys: broken.filter(({ severity }) => severity === 'error').map(({ message }) => message),
  };
}

async function aboutQueue({ database }: SystemDeps, workers: readonly ProcessState[]): Promise<QueueReport> {
  const levels = await readLevels(database);
  const jobs = await countJobs(database);
  return {
    queued: levels.queued,
    oldest_queued_seconds: Math.round(levels.oldestQueuedSeconds),
    active: levels.active,
    slots: workers.reduce((sum, { is_alive, slots }) => sum + (is_alive ? (slots ?? 0) : 0), 0),
    failed_last_day: await countFailedOfDay(database),
    open_holds: levels.openHolds,
    retries_waiting: jobs.retries_waiting,
    late_configs: await countLateConfigs(database),
    payload_bytes: levels.payloadBytes,
  };
}

/** Who of them lives; a silent one that another of its host took the place of needs nobody. */
function statesOf(processes: readonly Process[], leaseSeconds: number): ProcessState[] {
  const hostOf = (worker: string) => worker.replace(/:\d+$/, '');
  const isAlive = ({ silent_seconds }: Process) => silent_seconds !== null && silent_seconds <= leaseSeconds;
  return processes.map((one) => {
    const host = hostOf(one.worker);
    const isReplaced = processes.some(
      (other) => isAlive(other) && hostOf(other.worker) === host && (other.started_at ?? '') > (one.seen_at ?? ''),
    );
    return { ...one, host, is_alive: isAlive(one), is_replaced: !isAlive(one) && one.slots !== null && isReplaced };
  });
}

async function aboutVault(deps: SystemDeps): Promise<VaultReport> {
  const { keyFrom } = deps.about;
  try {
    return { key_from: keyFrom, ...vaultOf(await vaultStatus(deps)) };
  } catch (error) {
    if (!(error instanceof TillsyncError && error.code === 'encryption_key_missing')) throw error;
    return { key_from: 'nowhere', keys: [], damaged: 0, left_to_rotate: 0 };
  }
}

function vaultOf(status: VaultStatus): Omit<VaultReport, 'key_from'> {
  const missing = status.missing_keys.map(({ key_id }) => key_id);
  const keys = [status.active_key, ...status.known_keys.filter((id) => id !== status.active_key), ...missing].map(
    (id): VaultKey => {
      const places = status.secrets
        .filter(({ key_id }) => key_id === id)
        .map(({ place, secrets }) => ({ place, count: secrets }));
      const state = id === status.active_key ? 'active' : missing.includes(id) ? 'missing' : 'known';
      return { id, state, opens: places.reduce((sum, { count }) => sum + count, 0), places };
    },
  );
  const left = keys.reduce((sum, { state, opens }) => sum + (state === 'known' ? opens : 0), 0);
  return { keys, damaged: status.damaged, left_to_rotate: left };
}

async function aboutRetention(
  { database, keep }: SystemDeps,
  workers: readonly ProcessState[],
): Promise<RetentionReport> {
  const last = await readUpkeep(database, retentionChore);
  const hasWorker = workers.some(({ is_alive }) => is_alive);
  return {
    keeps: {
      runs_days: keep.runsDays,
      runs_per_source: keep.runsPerSource,
      logs_days: keep.logsDays,
      payloads_days: keep.payloadsDays,
      payloads_per_source: keep.payloadsPerSource,
      audit_days: keep.auditDays,
    },
    last,
    next_at: last === null || !hasWorker ? null : new Date(Date.parse(last.ended_at) + retentionEveryMs).toISOString(),
  };
}

function limitsOf(deps: SystemDeps, calls: LimitsReport['calls']): LimitsReport {
  return {
    pool: { size: deps.database.poolSize, ...deps.database.poolUse() },
    lease_seconds: deps.leaseSeconds,
    save_statement_seconds: deps.saveStatementSeconds,
    plan_memory_changes: deps.planMemoryChanges,
    calls,
  };
}
