// SQL for which runs' rejects are looked at: what each source's last answer still holds, or what recent runs set aside.

/** Which rejects: still in the last answer of their source, met lately and no longer in it, or both. */
export const rejectStates = ['open', 'gone', 'all'] as const;
export type RejectState = (typeof rejectStates)[number];

export interface RejectFilter {
  sourceId?: string | undefined;
  /** Only of the source that this config reads. */
  configId?: string | undefined;
  kind?: string | undefined;
  reason?: string | undefined;
  state?: RejectState | undefined;
  /** ISO time: only of runs that were asked for at or after it. */
  since?: string | undefined;
}

/** Beyond what is open: how many of the newest runs that set something aside are looked at. */
export const mostRecentRuns = 500;

// A run of which nothing at all could be saved failed, and keeps its rejects. The index integration_sync_history_set_aside
// says the same words.
const setAside = (run: string) =>
  `(${run}.status in ('partial', 'held', 'planned') or (${run}.status = 'failed' and ${run}.error ->> 'code' = 'all_rejected'))`;
const looked = (run: string) => `(${run}.status = 'success' or ${setAside(run)})`;
const ofSource = (column: string) => `($1::uuid is null or ${column} = $1)
  and ($2::uuid is null or ${column} = (select wand_source_id from integration_source_configs where id = $2))`;

// Between two whole reads there are changes only, by the minute at most. The limit also has the planner go source by source
// along the index: of 600,000 runs over 2,000 sources it otherwise reads each source's whole history (20 s, now 0.1 s).
const mostRunsSinceWhole = 2_000;

/**
 * A WITH list whose `looked_at` has the runs (id, source_id, config_id, source_name, created_at, is_open), and `recent` those
 * of it that are looked at for what is gone. What a source holds now is what its last whole answer held, and what changes and
 * single saves since then brought; where nothing was ever read as a whole, what came last. Parameters $1 to $5: rejectParameters.
 */
export const runsWithRejects = `
  since as materialized (
    select s.id,
           coalesce(
             (select l.created_at from integration_sync_history l
               where l.wand_source_id = s.id and ${looked('l')} and l.mode = 'full' and (l.reads is null or l.reads = 'all')
               order by l.created_at desc limit 1),
             (select l.created_at from integration_sync_history l
               where l.wand_source_id = s.id and ${looked('l')}
               order by l.created_at desc limit 1)) as whole
      from wand_integration_sources s
     where s.retired_at is null and ${ofSource('s.id')}),
  open_runs as materialized (
    select h.* from since s
           cross join lateral (
             select h.id, h.wand_source_id as source_id, h.source_config_id as config_id, h.source_name, h.created_at
               from integration_sync_history h
              where h.wand_source_id = s.id and h.created_at >= s.whole and ${setAside('h')}
                and ($3::timestamptz is null or h.created_at >= $3)
              order by h.created_at desc limit ${mostRunsSinceWhole}) h),
  recent as materialized (
    select h.id, h.wand_source_id as source_id, h.source_config_id as config_id, h.source_name, h.created_at
      from integration_sync_history h
     where $4::boolean and ${setAside('h')} and h.wand_source_id is not null and ${ofSource('h.wand_source_id')}
       and ($3::timestamptz is null or h.created_at >= $3)
     order by h.created_at desc, h.id desc limit $5),
  looked_at as (
    select *, true as is_open from open_runs
    union all
    select *, false from recent where id not in (select id from open_runs))`;

/** $1 to $5 of runsWithRejects. */
export function rejectParameters({ sourceId, configId, since, state = 'open' }: RejectFilter): unknown[] {
  return [sourceId ?? null, configId ?? null, since ?? null, state !== 'open', mostRecentRuns];
}
