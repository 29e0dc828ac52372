// The runs that ended in a stretch of time, as the metrics count them.
import type { Queryable } from '../../db/database.ts';
import type { RunCounts, RunPhase, RunStatus } from '../runs/run.ts';

export interface EndedRun {
  id: string;
  status: RunStatus;
  counts: RunCounts | null;
  /** Seconds from its claim to its end; null = it never began. */
  seconds: number | null;
  /** Milliseconds by phase, from its log. */
  phases: Partial<Record<RunPhase, number>>;
}

/** The database's time as text, `seconds` ago. */
export async function timeBefore(queryable: Queryable, seconds: number): Promise<string> {
  const { rows } = await queryable.query<{ time: string }>(
    'select (clock_timestamp() - make_interval(secs => $1))::text as time',
    [seconds],
  );
  return rows[0]?.time ?? '';
}

/**
 * Runs of sources that ended after `from` less `overlapSeconds`, and not after `to` (times as the database's text), and at
 * most an hour before `to`. By the index on the end: the cost grows with the runs that it finds.
 */
export async function readEndedRuns(
  queryable: Queryable,
  of: { from: string; to: string; overlapSeconds: number },
): Promise<EndedRun[]> {
  const { rows } = await queryable.query<EndedRun & { phases: EndedRun['phases'] | null }>(
    `select h.id, h.status, h.counts, extract(epoch from h.completed_at - h.started_at)::float8 as seconds,
            (select jsonb_object_agg(l.phase, l.facts -> 'ms') from integration_sync_log l
              where l.wand_source_id = h.wand_source_id and l.run_id = h.id and l.event = 'phase_end'
                and l.phase is not null) as phases
       from integration_sync_history h
      where h.completed_at > greatest($1::timestamptz - make_interval(secs => $3), $2::timestamptz - interval '1 hour')
        and h.completed_at <= $2::timestamptz and h.wand_source_id is not null
      order by h.completed_at`,
    [of.from, of.to, of.overlapSeconds],
  );
  return rows.map((row) => ({ ...row, phases: row.phases ?? {} }));
}
