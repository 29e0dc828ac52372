// The processes that work: workers with their last heartbeat, and whoever else holds a run.
import type { Queryable } from '../../db/database.ts';
import type { RunPhase } from '../runs/run.ts';

export interface HeldRun {
  id: string;
  phase: RunPhase | null;
  source_name: string | null;
  /** ISO time, UTC. */
  started_at: string | null;
}

export interface Process {
  /** As it names itself: '<host>:<process id>'. */
  worker: string;
  /** null = no worker: a command or a server that works on a run itself. */
  slots: number | null;
  /** Of tillsync; null = not known. */
  version: string | null;
  started_at: string | null;
  /** Its last heartbeat by the database's clock. */
  seen_at: string | null;
  silent_seconds: number | null;
  runs: HeldRun[];
}

type ProcessRow = Omit<Process, 'started_at' | 'seen_at' | 'runs'> & { started_at: Date; seen_at: Date };
type RunRow = Omit<HeldRun, 'started_at'> & { worker: string; started_at: Date | null };

const mostRuns = 1_000;

/** Workers of the last day, in the order in which they began, then the other processes. */
export async function listProcesses(q: Queryable): Promise<Process[]> {
  const workers = await q.query<ProcessRow>(
    `select worker, slots, version, started_at, seen_at, extract(epoch from clock_timestamp() - seen_at)::float8 as silent_seconds
       from integration_workers where seen_at > now() - interval '1 day' order by started_at, worker`,
  );
  // By the index of the runs that are not over.
  const runs = await q.query<RunRow>(
    `select worker, id, phase, source_name, started_at from integration_sync_history
      where status = 'in_progress' and worker is not null order by created_at, id limit $1`,
    [mostRuns],
  );
  const processes = new Map<string, Process>();
  for (const row of workers.rows) {
    const times = { started_at: row.started_at.toISOString(), seen_at: row.seen_at.toISOString() };
    processes.set(row.worker, { ...row, ...times, runs: [] });
  }
  for (const { worker, started_at, ...run } of runs.rows) {
    const unknown = { slots: null, version: null, started_at: null, seen_at: null, silent_seconds: null };
    const process = processes.get(worker) ?? { worker, ...unknown, runs: [] };
    process.runs.push({ ...run, started_at: started_at?.toISOString() ?? null });
    processes.set(worker, process);
  }
  return [...processes.values()];
}
