// The queue of runs: pg-boss on our own pool. A job only names a run or a config; what is true stands in our tables.
import { PgBoss } from 'pg-boss';
import type { Database, Queryable } from '../db/database.ts';
import { laterQueue, queueSchema, runsQueue } from './queue-names.ts';

/** A run to work on. */
export interface RunJob {
  runId: string;
}

/** A sync to ask for when its time comes. */
export interface LaterJob {
  configId: string;
  /** The run that failed. */
  retryOf: string;
}

/** A job that was taken; `done` removes it from what waits. */
export interface Taken<Job> {
  job: Job;
  done(): Promise<void>;
}

export interface Queue {
  /** Queues runs in the caller's transaction; a run whose job still waits keeps that one. */
  tellRuns(connection: Queryable, runIds: readonly string[]): Promise<void>;
  /** Asks for a sync after so many seconds, in the caller's transaction; one waits per config. */
  tellLater(connection: Queryable, job: LaterJob, afterSeconds: number): Promise<void>;
  /** Takes up to `most` runs that wait, oldest first; no other worker gets them. */
  takeRuns(most: number): Promise<Taken<RunJob>[]>;
  /** Takes syncs whose time has come. */
  takeLater(most: number): Promise<Taken<LaterJob>[]>;
  close(): Promise<void>;
}

export interface QueueOptions {
  /** Cleans up old jobs from time to time; workers do. Default false. */
  tends?: boolean;
  /** Told of errors beside any call, e.g. of the clean-up. */
  onError?: (error: unknown) => void;
}

// A run row outlives its job: done jobs are of no use to anybody. A job that was taken by a worker that died is never given
// again by pg-boss, whose clock knows nothing of leases; the sweep tells of the run anew.
const jobs = { retryLimit: 0, expireInSeconds: 6 * 3600, retentionSeconds: 14 * 86_400, deleteAfterSeconds: 3600 };

/** Opens the queue on a database whose queue is installed (installQueue). Throws what the database throws. */
export async function openQueue(database: Database, options: QueueOptions = {}): Promise<Queue> {
  const boss = new PgBoss({
    db: executor(database),
    schema: queueSchema,
    migrate: false,
    schedule: false,
    supervise: options.tends === true,
    // Both ask the server about all its tables from time to time; that is the administrator's, not a guest's.
    monitorVacuum: false,
    reindex: false,
  });
  boss.on('error', (error) => options.onError?.(error));
  await boss.start();
  return {
    async tellRuns(connection, runIds) {
      if (runIds.length === 0) return;
      const rows = runIds.map((runId) => ({ data: { runId }, singletonKey: runId, ...jobs }));
      await boss.insert(runsQueue, rows, { db: executor(connection) });
    },
    async tellLater(connection, job, afterSeconds) {
      const how = {
        db: executor(connection),
        singletonKey: job.configId,
        startAfter: Math.ceil(afterSeconds),
        ...jobs,
      };
      await boss.send(laterQueue, job, how);
    },
    takeRuns: (most) => take<RunJob>(boss, runsQueue, most),
    takeLater: (most) => take<LaterJob>(boss, laterQueue, most),
    close: () => boss.stop({ graceful: false }),
  };
}

async function take<Job extends object>(boss: PgBoss, queue: string, most: number): Promise<Taken<Job>[]> {
  const taken = await boss.fetch<Job>(queue, { batchSize: most });
  return taken.map((each) => ({
    job: each.data,
    done: async () => void (await boss.complete(queue, each.id)),
  }));
}

/** pg-boss's one method over ours: its statements pass the same pool and the same seam. */
function executor(on: Queryable) {
  return { executeSql: (text: string, values?: unknown[]) => on.query<never>(text, values) };
}
