// Asks for the runs that are due: claims configs page by page, and makes exactly one run per due time, however many workers look.
import { errorRecord, TillsyncError } from '../../errors.ts';
import {
  type ClaimedConfig,
  claimDueConfigs,
  type SettledClaim,
  settleClaims,
} from '../../records/configs/due-configs.ts';
import type { Deps } from '../deps.ts';
import { requestSync } from '../request-sync.ts';
import { decideDue } from './decide-due.ts';
import { slowedDue } from './next-due.ts';
import { readSchedule } from './schedule.ts';

export interface DueOptions {
  /** Configs per claim; each claim is held for at most a minute. Default 100. */
  limit?: number;
  /** Stands for the database's time; for tests. */
  now?: Date;
  /** Ends between two configs. */
  signal?: AbortSignal;
}

/** How many configs met which fate. */
export interface DueCounts {
  /** Runs asked for. */
  requested: number;
  /** Their source was being synced already, which serves the due time as well. */
  alreadyActive: number;
  /** Given a (new) due time: newly scheduled, slowed, or spread after a downtime. */
  planned: number;
  /** Paused by themselves after failing for long. */
  paused: number;
  /** No run could be made; the config says why. */
  failed: number;
}

/** Asks for everything that is due, until nothing is. Throws only what the database throws. */
export async function requestDue(deps: Deps, options: DueOptions = {}): Promise<DueCounts> {
  const { limit = 100, now, signal } = options;
  const counts: DueCounts = { requested: 0, alreadyActive: 0, planned: 0, paused: 0, failed: 0 };
  while (signal?.aborted !== true) {
    const claimed = await claimDueConfigs(deps.database, { limit, now });
    await serve(deps, claimed, { counts, signal });
    if (claimed.length < limit) break;
  }
  return counts;
}

// Each request is some ten round trips, most of them waiting.
const requestsAtOnce = 4;

interface Serving {
  counts: DueCounts;
  signal: AbortSignal | undefined;
}

async function serve(deps: Deps, claimed: readonly ClaimedConfig[], { counts, signal }: Serving): Promise<void> {
  const settled: SettledClaim[] = [];
  const toRun: { config: ClaimedConfig; nextDueAt: Date }[] = [];
  for (const config of claimed) {
    const decision = decideDue(config, config.claimed_at);
    if (decision.action === 'run') toRun.push({ config, nextDueAt: decision.nextDueAt });
    else if (decision.action === 'pause') settled.push(settle(config, { paused_reason: decision.reason }));
    else settled.push(settle(config, { next_due_at: decision.nextDueAt, catching_up: decision.catchingUp }));
  }
  const written = new Set(await settleClaims(deps.database, settled));
  for (const { id, paused_reason } of settled.filter((claim) => written.has(claim.id))) {
    if (paused_reason === null) counts.planned++;
    else {
      counts.paused++;
      // The one notice: whoever claimed the config is the only one to pause it.
      deps.log.warn({ config: id }, `schedule paused: ${paused_reason}`);
    }
  }
  for (let at = 0; at < toRun.length; at += requestsAtOnce) {
    if (signal?.aborted === true) return await giveBack(deps, toRun.slice(at));
    const fates = await Promise.all(toRun.slice(at, at + requestsAtOnce).map((due) => request(deps, due)));
    for (const fate of fates) counts[fate]++;
  }
}

/** The others need not wait for the claims of a worker that stops. */
async function giveBack(deps: Deps, due: readonly { config: ClaimedConfig }[]): Promise<void> {
  const asBefore = due.map(({ config }) => settle(config, config));
  await settleClaims(deps.database, asBefore);
}

function settle(config: ClaimedConfig, outcome: Partial<SettledClaim>): SettledClaim {
  const { id, claimed_until } = config;
  const { next_due_at = null, catching_up = false, paused_reason = null, error = null } = outcome;
  return { id, claimed_until, next_due_at, catching_up, paused_reason, error };
}

async function request(
  deps: Deps,
  { config, nextDueAt }: { config: ClaimedConfig; nextDueAt: Date },
): Promise<'requested' | 'alreadyActive' | 'failed'> {
  try {
    const { alreadyActive } = await requestSync(deps, {
      configId: config.id,
      trigger: 'schedule',
      requestedBy: 'schedule',
      enqueue: true,
      due: { claimedUntil: config.claimed_until, nextDueAt },
    });
    return alreadyActive ? 'alreadyActive' : 'requested';
  } catch (error) {
    await keepFailure(deps, config, error);
    return 'failed';
  }
}

/** A config that cannot be run says so, and is tried again at a slower pace. */
async function keepFailure(deps: Deps, config: ClaimedConfig, error: unknown): Promise<void> {
  if (error instanceof TillsyncError && (error.retry !== 'no' || error.code === 'config_inactive')) {
    // What passes by itself (a lock, another worker, the database going) waits for the claim to run out, and is due then.
    deps.log.warn({ config: config.id, err: error }, 'a scheduled sync waits for another minute');
    return;
  }
  const reference = config.claimed_until.getTime().toString(36);
  const { message } = errorRecord(error, reference);
  deps.log.error({ config: config.id, reference, err: error }, 'a scheduled sync could not be asked for');
  const schedule = readSchedule(config);
  if (schedule === null) return;
  const of = { configId: config.id, steps: config.slow_steps + 1 };
  const next_due_at = slowedDue(schedule, config.claimed_at, of);
  await settleClaims(deps.database, [settle(config, { next_due_at, error: message })]);
}
