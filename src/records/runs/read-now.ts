// What goes on at this moment, in one statement: the runs under way, how those that were under way stand by now, and two marks.
import type { Queryable } from '../../db/database.ts';
import { type Run, type RunRow, runColumns, runOf } from './run.ts';

/** What goes on, as far as a caller may see it. */
export interface RunsNow {
  /** The newest runs that are queued or in progress, those that were asked for by id, and those that ended lately; newest first. */
  runs: Run[];
  /** Changes whenever an open hold comes or goes. */
  holds: string;
  /** Changes whenever a run begins or ends, also one that did both since the last look. */
  latest: string;
}

/** Runs under way, and runs that ended lately, that are told of at once. */
export const mostActive = 200;

const newestFirst = 'order by h.created_at desc, h.id desc';

// Ten, not one: of two runs that began at once the older one may become visible last.
const newest = `(select h.id, h.status from integration_sync_history h ${newestFirst} limit 10)`;

// Of a caller with few sources among many: the newest of each, by the index of sources, which holds the status, too. A source
// has one run under way at most, so no run of it hides behind a newer one.
const newestOfOwn = `(
  select mine.id, mine.status from (select unnest(tillsync_source_ids()) as id) own cross join lateral (
    select h.id, h.status from integration_sync_history h where h.wand_source_id = own.id ${newestFirst} limit 1) mine
  union all
  (select h.id, h.status from integration_sync_history h where h.wand_source_id is null ${newestFirst} limit 10))`;

/**
 * What goes on now, how the runs with the ids `known` stand, and the runs that ended in the last `endedMs` milliseconds. Ids
 * that the caller sees no run of are left out.
 */
export async function readNow(
  q: Queryable,
  { known, endedMs }: { known: readonly string[]; endedMs: number },
): Promise<RunsNow> {
  const isOwn = q.scope !== undefined && !q.scope.all;
  const { rows } = await q.query<RunRow & { mark_of_holds: string; mark_of_newest: string }>(
    `with unfinished as materialized (
       select h.id, h.created_at from integration_sync_history h where h.status in ('queued', 'in_progress')),
     wanted as (
       (select h.id from unfinished h ${newestFirst} limit $1) union select unnest($2::uuid[])
       union (select h.id from integration_sync_history h where h.completed_at > now() - make_interval(secs => $3)
               order by h.completed_at desc limit $1)),
     marks as materialized (
       select (select md5(coalesce(string_agg(h.id::text, ',' order by h.id), ''))
                 from integration_sync_history h where h.hold_open) as mark_of_holds,
              (select md5(coalesce(string_agg(h.id || h.status, ',' order by h.id), ''))
                 from ${isOwn ? newestOfOwn : newest} h) || '-' || (select count(*) from unfinished) as mark_of_newest),
     shown as materialized (
       select ${runColumns} from wanted join integration_sync_history h on h.id = wanted.id)
     select marks.*, h.* from marks left join shown h on true ${newestFirst}`,
    [mostActive, known, endedMs / 1000],
  );
  const runs = rows.flatMap(({ mark_of_holds: _, mark_of_newest: __, ...row }) =>
    row.id === null ? [] : [runOf(row)],
  );
  return { runs, holds: rows[0]?.mark_of_holds ?? '', latest: rows[0]?.mark_of_newest ?? '' };
}
