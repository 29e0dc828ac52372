// How many jobs wait in the queue's own tables.
import type { Queryable } from '../db/database.ts';
import { laterQueue, queueSchema, runsQueue } from './queue-names.ts';

export interface JobCounts {
  /** Jobs that name a run and wait for a worker. */
  runs_waiting: number;
  /** Syncs that are asked for again later, after a failure that passes. */
  retries_waiting: number;
}

/** Counts them by pg-boss's index of what waits; nothing where the queue is not installed yet. */
export async function countJobs(q: Queryable): Promise<JobCounts> {
  const there = await q.query<{ there: boolean }>(`select to_regclass('${queueSchema}.job') is not null as there`);
  if (there.rows[0]?.there !== true) return { runs_waiting: 0, retries_waiting: 0 };
  const { rows } = await q.query<{ name: string; jobs: number }>(
    `select name, count(*)::int as jobs from ${queueSchema}.job where name = any ($1) and state < 'active' group by name`,
    [[runsQueue, laterQueue]],
  );
  const of = (name: string) => rows.find((row) => row.name === name)?.jobs ?? 0;
  return { runs_waiting: of(runsQueue), retries_waiting: of(laterQueue) };
}
