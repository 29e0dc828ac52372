// Runs by the hour in which they were asked for, counted by the database: a page would have to read them all.
import { kinds } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import type { RunStatus } from '../runs/run.ts';

/** What was asked for in one hour. */
export interface RunHour {
  /** Its beginning, ISO text in UTC. */
  from: string;
  /** Runs by status; a status that none has is absent. */
  runs: Partial<Record<RunStatus, number>>;
  /** Items that saved runs created, updated, removed or restored. */
  changes: number;
}

/** At most so many hours: a week. */
export const mostHours = 168;
const hourMs = 3_600_000;

const changed = kinds
  .flatMap((kind) =>
    ['created', 'updated', 'removed', 'restored'].map(
      (name) => `coalesce((h.counts #>> '{${kind},${name}}')::bigint, 0)`,
    ),
  )
  .join(' + ');

/**
 * The `hours` hours from `since` (ISO time) on, oldest first, those without a run, too. A request for a concept or a company
 * counts by its children. By the index on time: the cost grows with the runs of that time.
 */
export async function countRunHours(q: Queryable, of: { since: string; hours: number }): Promise<RunHour[]> {
  const start = Date.parse(of.since);
  const { rows } = await q.query<{ hour: number; status: RunStatus; runs: number; changes: string }>(
    `select floor(extract(epoch from h.created_at - $1::timestamptz) / 3600)::int as hour, h.status, count(*)::int as runs,
            coalesce(sum(${changed}) filter (where h.status in ('success', 'partial')), 0) as changes
       from integration_sync_history h
      where h.created_at >= $1::timestamptz and h.created_at < $1::timestamptz + make_interval(hours => $2) and not h.is_parent
      group by 1, 2`,
    [of.since, of.hours],
  );
  const hours = Array.from({ length: of.hours }, (_, hour): RunHour => {
    return { from: new Date(start + hour * hourMs).toISOString(), runs: {}, changes: 0 };
  });
  for (const { hour, status, runs, changes } of rows) {
    const found = hours[hour];
    if (found === undefined) continue;
    found.runs[status] = runs;
    found.changes += Number(changes);
  }
  return hours;
}
