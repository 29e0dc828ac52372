// Runs that failed: how many of late, and the newest with the end of their logs, for whoever looks for the reason.
import type { Queryable } from '../../db/database.ts';
import type { LogLine } from '../run-log/log-line.ts';
import { type Run, type RunRow, runColumns, runOf } from '../runs/run.ts';

/** A run with the last lines of its log, oldest first. */
export interface FailedRun extends Run {
  log: LogLine[];
}

/** Runs that failed or were interrupted within the last day. */
export async function countFailedOfDay(q: Queryable): Promise<number> {
  const { rows } = await q.query<{ failed: number }>(
    `select count(*)::int as failed from integration_sync_history
      where completed_at > now() - interval '1 day' and status in ('failed', 'interrupted')`,
  );
  return rows[0]?.failed ?? 0;
}

/** The newest runs of the last 30 days that failed or were interrupted. */
export async function listFailedRuns(q: Queryable, of: { limit: number; lines: number }): Promise<FailedRun[]> {
  const { rows } = await q.query<RunRow>(
    `select ${runColumns} from integration_sync_history h
      where h.status in ('failed', 'interrupted') and h.created_at > now() - interval '30 days'
      order by h.created_at desc, h.id desc limit $1`,
    [of.limit],
  );
  const runs = rows.map(runOf);
  const logs = await q.query<Omit<LogLine, 'at'> & { run_id: string; at: Date }>(
    `select r.run_id, l.* from unnest($1::uuid[], $2::uuid[]) as r(source_id, run_id)
      cross join lateral (select seq, at, level, phase, event, message, facts from integration_sync_log
        where wand_source_id = r.source_id and run_id = r.run_id order by seq desc limit $3) l
      order by r.run_id, l.seq`,
    [runs.map((run) => run.source_id), runs.map((run) => run.id), of.lines],
  );
  const byRun = new Map<string, LogLine[]>(runs.map((run) => [run.id, []]));
  for (const { run_id, at, ...line } of logs.rows) byRun.get(run_id)?.push({ ...line, at: at.toISOString() });
  return runs.map((run) => ({ ...run, log: byRun.get(run.id) ?? [] }));
}
