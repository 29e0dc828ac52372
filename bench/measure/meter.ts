// Measures one piece of work: wall clock, WAL written by the server, CPU of this process and of the database's backends.
import { readFileSync } from 'node:fs';
import type { Database } from '../../src/db/database.ts';
import type { BenchDatabase } from '../server/open-cluster.ts';

export interface Measured {
  ms: number;
  walBytes: number;
  /** CPU of this process: user and system. */
  nodeMs: number;
  /** CPU of the database's client backends; null where the system does not tell. */
  backendMs: number | null;
}

/** Runs `work` once. The looks at WAL and CPU are before and after the clock. */
export async function measure(database: BenchDatabase, work: () => Promise<void>): Promise<Measured> {
  const backendsBefore = backendCpu(await backendPids(database));
  const walBefore = await walPosition(database.admin);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  const used = process.cpuUsage(cpu);
  const walBytes = Number((await walPosition(database.admin)) - walBefore);
  const backendsAfter = backendCpu(await backendPids(database));
  return {
    ms,
    walBytes,
    nodeMs: (used.user + used.system) / 1000,
    backendMs: difference(backendsBefore, backendsAfter),
  };
}

/** Bytes of WAL since the cluster was made. */
export async function walPosition(admin: Database): Promise<bigint> {
  const { rows } = await admin.query<{ bytes: string }>(
    `select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint::text as bytes`,
  );
  return BigInt(rows[0]?.bytes ?? 0);
}

/** The database's client backends, without the benchmark's own. */
export async function backendPids({ admin, name }: BenchDatabase): Promise<number[]> {
  const { rows } = await admin.query<{ pid: number }>(
    `select pid from pg_stat_activity
      where datname = $1 and backend_type = 'client backend' and application_name <> 'bench admin'`,
    [name],
  );
  return rows.map(({ pid }) => pid);
}

/** Process id → milliseconds on a CPU; null when one cannot be read. */
export function backendCpu(pids: readonly number[]): Map<number, number> | null {
  const times = new Map<number, number>();
  for (const pid of pids) {
    const time = processCpu(pid);
    if (time === null) return null;
    times.set(pid, time);
  }
  return times;
}

/** Milliseconds that all threads of a process have been on a CPU, in steps of 10 ms; null where the system does not tell. */
export function threadsCpu(pid: number): number | null {
  const fields = readProcess(`/proc/${pid}/stat`)?.split(') ')[1]?.split(' ');
  return fields === undefined ? null : (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Milliseconds that a process of one thread has been on a CPU; null where the system does not tell. */
export function processCpu(pid: number): number | null {
  // Nanoseconds in the first field; /proc/<pid>/stat counts ticks of 10 ms, too coarse for a sync of 5 ms.
  const precise = readProcess(`/proc/${pid}/schedstat`);
  if (precise !== null) return Number(precise.split(' ')[0]) / 1e6;
  return threadsCpu(pid);
}

function readProcess(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not Linux, or not ours to read: the report then leaves the column empty.
    return null;
  }
}

function difference(before: Map<number, number> | null, after: Map<number, number> | null): number | null {
  if (before === null || after === null) return null;
  let sum = 0;
  // A backend that was started meanwhile spent all its time on the work; one that ended is lost.
  for (const [pid, time] of after) sum += time - (before.get(pid) ?? 0);
  return sum;
}
