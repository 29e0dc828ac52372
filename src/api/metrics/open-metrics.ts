// Answers a scrape: levels are read as they stand, and runs that ended since the last scrape are added to the counters.
import { kinds } from '../../catalog/item.ts';
import type { Database } from '../../db/database.ts';
import type { Logger } from '../../log.ts';
import { countLateConfigs } from '../../records/configs/read-configs.ts';
import { type EndedRun, readEndedRuns, timeBefore } from '../../records/metrics/read-ended-runs.ts';
import { readLevels } from '../../records/metrics/read-levels.ts';
import { type MetricSet, makeMetrics } from './metric-set.ts';

export interface Metrics {
  contentType: string;
  /** The text of a scrape. Never throws: without a database it has what the process itself knows. */
  scrape(): Promise<string>;
}

export interface MetricsOptions {
  /** A run is counted so many seconds after its end, when its log has surely been written; default 10. */
  settledSeconds?: number;
}

// A commit may come a moment after the time that it writes as the run's end: so far back is looked once more.
const overlapSeconds = 120;
const patienceMs = 5_000;

/** The metrics of one server; its counters begin at zero. */
export function openMetrics(deps: { database: Database; log: Logger }, options: MetricsOptions = {}): Metrics {
  const set = makeMetrics();
  const ended = new EndedRuns(set, options.settledSeconds ?? 10);
  let reading: Promise<void> | null = null;
  const read = async () => {
    try {
      await readDatabase(deps.database, { set, ended });
    } catch (error) {
      deps.log.warn({ err: error }, 'the metrics could not be read from the database');
      forgetLevels(set);
    }
  };
  return {
    contentType: set.registry.contentType,
    async scrape() {
      // Two scrapers at once share one reading, so that no run is counted twice.
      reading ??= read().finally(() => {
        reading = null;
      });
      if (!(await isInTime(reading))) forgetLevels(set);
      const { used, idle, waiting } = deps.database.poolUse();
      set.pool.set({ state: 'used' }, used);
      set.pool.set({ state: 'idle' }, idle);
      set.poolWaiting.set(waiting);
      return await set.registry.metrics();
    },
  };
}

async function isInTime(work: Promise<void>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

interface Reading {
  set: MetricSet;
  ended: EndedRuns;
}

async function readDatabase(database: Database, { set, ended }: Reading): Promise<void> {
  const levels = await readLevels(database);
  await ended.count(database);
  set.lateConfigs.set(await countLateConfigs(database));
  set.queued.set(levels.queued);
  set.oldestQueued.set(levels.oldestQueuedSeconds);
  set.active.set(levels.active);
  set.openHolds.set(levels.openHolds);
  set.payloadBytes.set(levels.payloadBytes);
  set.databaseUp.set(1);
}

// A level that is not known is no zero.
function forgetLevels(set: MetricSet): void {
  for (const level of [set.queued, set.oldestQueued, set.active, set.openHolds, set.lateConfigs, set.payloadBytes]) {
    level.set(Number.NaN);
  }
  set.databaseUp.set(0);
}

/** Counts each ended run once, from the first scrape on. */
class EndedRuns {
  readonly #set: MetricSet;
  readonly #settledSeconds: number;
  /** How far was counted, as the database's text; null = not yet asked. */
  #to: string | null = null;
  /** Those of the last reading: the overlap brings some of them again. */
  #counted: ReadonlySet<string> = new Set();

  constructor(set: MetricSet, settledSeconds: number) {
    this.#set = set;
    this.#settledSeconds = settledSeconds;
  }

  async count(database: Database): Promise<void> {
    const to = await timeBefore(database, this.#settledSeconds);
    const from = this.#to;
    // What ended before the first scrape is not told: counters begin with the server.
    const runs = await readEndedRuns(database, { from: from ?? to, to, overlapSeconds });
    if (from !== null) for (const run of runs) if (!this.#counted.has(run.id)) addRun(this.#set, run);
    this.#counted = new Set(runs.map(({ id }) => id));
    this.#to = to;
  }
}

function addRun(set: MetricSet, run: EndedRun): void {
  set.runs.inc({ status: run.status });
  if (run.status === 'interrupted') set.takeovers.inc();
  if (run.seconds !== null) set.runSeconds.observe(run.seconds);
  for (const [phase, ms] of Object.entries(run.phases)) set.phaseSeconds.observe({ phase }, ms / 1_000);
  // What a held or dry run counted was planned, not done.
  if (run.counts === null || (run.status !== 'success' && run.status !== 'partial')) return;
  for (const kind of kinds) {
    const { received: _, rejected, ...outcomes } = run.counts[kind];
    set.rejected.inc(rejected);
    for (const [outcome, count] of Object.entries(outcomes)) set.items.inc({ outcome }, count);
  }
}
