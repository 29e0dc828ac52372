// Reads the rejects of many runs, grouped by why: what is wrong now, and what was.
import type { Kind } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import { timeOf } from '../row-values.ts';
import { mostRecentRuns, type RejectFilter, rejectParameters, runsWithRejects } from './runs-with-rejects.ts';

/** Rejects of one kind for one reason. */
export interface RejectGroup {
  reason: string;
  kind: Kind;
  /** Rejects in the runs that were looked at; of them those that the last answer of their source holds. */
  rejects: number;
  open: number;
  runs: number;
  sources: number;
  /** Of the newest runs, at most five. */
  config_ids: string[];
  /** ISO times: over all stored runs of these sources, and of the newest. */
  first_seen: string;
  last_seen: string;
  /** The sentence of one of them. */
  example: string;
}

export interface RejectGroups {
  groups: RejectGroup[];
  /** Older runs were left out: only the newest 500 that set something aside are looked at. */
  older_left_out: boolean;
}

interface Row extends Omit<RejectGroup, 'first_seen' | 'last_seen'> {
  first_seen: Date;
  last_seen: Date;
  recent_runs: number;
}

/** The groups, those that are open and largest first; at most 500. */
export async function readRejectGroups(q: Queryable, filter: RejectFilter = {}): Promise<RejectGroups> {
  const { rows } = await q.query<Row>(
    `with ${runsWithRejects},
     of_run as (
       select r.id as run_id, r.source_id, r.config_id, r.created_at, r.is_open, j.kind, j.reason,
              count(*)::int as rejects, max(j.created_at) as last_seen, min(j.message) as example
         from looked_at r
              join integration_rejected_items j on j.wand_source_id = r.source_id and j.run_id = r.id
        where ($6::text is null or j.kind = $6) and ($7::text is null or j.reason = $7)
        group by r.id, r.source_id, r.config_id, r.created_at, r.is_open, j.kind, j.reason),
     of_reason as (
       select kind, reason, sum(rejects)::int as rejects, coalesce(sum(rejects) filter (where is_open), 0)::int as open,
              count(*)::int as runs, array_agg(distinct source_id) as source_ids, max(last_seen) as last_seen,
              (array_agg(config_id order by created_at desc) filter (where config_id is not null)) as configs,
              (array_agg(example order by created_at desc))[1] as example
         from of_run group by kind, reason)
     select g.reason, g.kind, g.rejects, g.open, g.runs, cardinality(g.source_ids) as sources, g.last_seen, g.example,
            (select coalesce(array_agg(c order by place), '{}') from (
               select c, min(place) as place from unnest(g.configs) with ordinality as u (c, place)
                group by c order by 2 limit 5) u) as config_ids,
            (select min(f.created_at) from unnest(g.source_ids) as u (id)
               cross join lateral (
                 select j.created_at from integration_rejected_items j
                  where j.wand_source_id = u.id and j.kind = g.kind and j.reason = g.reason
                  order by j.created_at limit 1) f) as first_seen,
            (select count(*)::int from recent) as recent_runs
       from of_reason g
      where $8::text <> 'gone' or g.open = 0
      order by g.open desc, g.rejects desc, g.last_seen desc, g.kind, g.reason
      limit 500`,
    [...rejectParameters(filter), filter.kind ?? null, filter.reason ?? null, filter.state ?? 'open'],
  );
  return {
    groups: rows.map(({ recent_runs: _, first_seen, last_seen, ...row }) => ({
      ...row,
      first_seen: timeOf(first_seen),
      last_seen: timeOf(last_seen),
    })),
    older_left_out: (rows[0]?.recent_runs ?? 0) >= mostRecentRuns,
  };
}
