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
}

/** Runs, newest first; 20 a page unless asked otherwise. */
export async function listRuns(q: Queryable, filter: RunFilter = {}): Promise<Page<Run>> {
  const limit = pageLimit(filter, 20);
  const after = readTimeCursor(filter.cursor);
  // Microseconds in the cursor: two runs of one millisecond must neither repeat nor vanish between pages.
  const { rows } = await q.query<RunRow & { sort_time: string }>(
    `select ${runColumns}, to_char(h.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sort_time
       from integration_sync_history h
      where ($1::uuid is null or h.source_config_id = $1)
        and ($2::uuid is null or h.wand_source_id = $2)
        and ($3::text is null or h.status = $3)
        and ($4::timestamptz is null or (h.created_at, h.id) < ($4::timestamptz, $5::uuid))
        and (not $7::boolean or h.hold_open)
        and ($8::uuid is null or h.parent_id = $8)
        and ($9::text is null or h.trigger = $9)
        and ($10::timestamptz is null or h.created_at >= $10)
        and ($11::timestamptz is null or h.created_at < $11)
      order by h.created_at desc, h.id desc
      limit $6`,
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
    ],
  );
  const page = pageOf(rows, limit, (last) => writeCursor([last.sort_time, last.id]));
  return { data: page.data.map(({ sort_time: _, ...row }) => runOf(row)), next: page.next };
}
