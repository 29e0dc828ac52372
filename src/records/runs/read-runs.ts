// Reads runs: one by id, or Sync History page by page, newest first.
import type { Queryable } from '../../db/database.ts';
import { type Page, type PageRequest, pageLimit, pageOf, readTimeCursor, writeCursor } from '../cursor.ts';
import { isUuid } from '../row-values.ts';
import { type Run, type RunRow, type RunStatus, runColumns, runOf } from './run.ts';

/** One run, or null when no run has this id. */
export async function getRun(q: Queryable, runId: string): Promise<Run | null> {
  if (!isUuid(runId)) return null;
  const { rows } = await q.query<RunRow>(`select ${runColumns} from integration_sync_history h where h.id = $1`, [
    runId,
  ]);
  return rows[0] ? runOf(rows[0]) : null;
}

/** The runs with these ids, in no order; ids that no run has are left out. */
export async function getRuns(q: Queryable, runIds: readonly string[]): Promise<Run[]> {
  const { rows } = await q.query<RunRow>(
    `select ${runColumns} from integration_sync_history h where h.id = any($1::uuid[])`,
    [runIds],
  );
  return rows.map(runOf);
}

export interface RunFilter extends PageRequest {
  configId?: string | undefined;
  sourceId?: string | undefined;
  status?: RunStatus | undefined;
  trigger?: string | undefined;
  /** ISO times: asked for at or after the one, and before the other. */
  since?: string | undefined;
  until?: string | undefined;
  /** Only children of this run. */
  parentId?: string | undefined;
  /** Only held runs that nobody decided on yet. */
  openHold?: boolean | undefined;
  /** Only runs that are queued or in progress. */
  active?: boolean | undefined;
}

// The filter's parameters are $1 to $12. The statement is planned with its values, so that what was not asked for costs nothing.
const isWanted = `($1::uuid is null or h.source_config_id = $1)
    and ($2::uuid is null or h.wand_source_id = $2)
    and ($3::text is null or h.status = $3)
    and ($4::timestamptz is null or (h.created_at, h.id) < ($4::timestamptz, $5::uuid))
    and (not $7::boolean or h.hold_open)
    and ($8::uuid is null or h.parent_id = $8)
    and ($9::text is null or h.trigger = $9)
    and ($10::timestamptz is null or h.created_at >= $10)
    and ($11::timestamptz is null or h.created_at < $11)
    and (not $12::boolean or h.status in ('queued', 'in_progress'))`;
const newestFirst = 'order by h.created_at desc, h.id desc';

// By one index that holds the wanted rows in their order, whoever they belong to.
const wanted = `select h.id, h.created_at from integration_sync_history h where ${isWanted} ${newestFirst} limit $6`;

// Of a caller with few sources among many: the newest of each, by the index of sources, whose columns answer the whole filter.
// Of more sources than the page has rows only those count whose newest row is among the newest.
const wantedOfOwn = `(
  with own as materialized (select unnest(tillsync_source_ids()) as id),
       heads as materialized (
         select head.created_at from own cross join lateral (
           select h.created_at from integration_sync_history h where h.wand_source_id = own.id and ${isWanted}
            ${newestFirst} limit 1) head
          order by head.created_at desc limit $6),
       since as materialized (
         select case when count(*) < $6 then '-infinity' else min(created_at) end as created_at from heads)
  select mine.id, mine.created_at from own cross join since cross join lateral (
    select h.id, h.created_at from integration_sync_history h
     where h.wand_source_id = own.id and h.created_at >= since.created_at and ${isWanted} ${newestFirst} limit $6) mine
  union all
  (select h.id, h.created_at from integration_sync_history h where h.wand_source_id is null and ${isWanted}
    ${newestFirst} limit $6))`;

/** Runs, newest first; 20 a page unless asked otherwise. */
export async function listRuns(q: Queryable, filter: RunFilter = {}): Promise<Page<Run>> {
  const limit = pageLimit(filter, 20);
  const after = readTimeCursor(filter.cursor);
  // What few rows have, an index finds.
  const isNamed = filter.configId ?? filter.sourceId ?? filter.parentId ?? (filter.openHold === true || filter.active === true ? 'few' : null);
  const isOwn = q.scope !== undefined && !q.scope.all && isNamed === null;
  // Microseconds in the cursor: two runs of one millisecond must neither repeat nor vanish between pages.
  const { rows } = await q.query<RunRow & { sort_time: string }>(
    `select ${runColumns}, to_char(h.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sort_time
       from (select id from (${isOwn ? wantedOfOwn : wanted}) found order by created_at desc, id desc limit $6) page
            join integration_sync_history h on h.id = page.id
      ${newestFirst}`,
    [
      filter.configId ?? null,
      filter.sourceId ?? null,
      filter.status ?? null,
      after?.[0] ?? null,
      after?.[1] ?? null,
      limit + 1,
      filter.openHold ?? false,
      filter.parentId ?? null,
      filter.trigger ?? null,
      filter.since ?? null,
      filter.until ?? null,
      filter.active ?? false,
    ],
  );
  const page = pageOf(rows, limit, (last) => writeCursor([last.sort_time, last.id]));
  return { data: page.data.map(({ sort_time: _, ...row }) => runOf(row)), next: page.next };
}
