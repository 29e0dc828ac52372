// Lists the rejects behind the groups, one by one and newest first, each with the run that met it.
import type { Queryable } from '../../db/database.ts';
import { type Page, type PageRequest, pageLimit, pageOf, readCursor, writeCursor } from '../cursor.ts';
import { timeOf } from '../row-values.ts';
import type { RejectRow } from '../runs/read-rejects.ts';
import { type RejectFilter, rejectParameters, runsWithRejects } from './runs-with-rejects.ts';

/** A reject, and where it was met. */
export interface FoundReject extends RejectRow {
  run_id: string;
  source_id: string;
  config_id: string | null;
  source_name: string | null;
  /** ISO time, UTC. */
  seen_at: string;
  /** Whether the last answer of the source still holds it. */
  open: boolean;
}

type Row = Omit<FoundReject, 'seen_at'> & { seen_at: Date; sort_time: string };

/**
 * A page of rejects in the order of their runs, newest first; 50 unless asked otherwise. With state 'gone' those that are not
 * open. Throws TillsyncError cursor_invalid, limit_invalid.
 */
export async function listFoundRejects(q: Queryable, filter: RejectFilter & PageRequest): Promise<Page<FoundReject>> {
  const limit = pageLimit(filter, 50);
  const after = readCursor(filter.cursor, 3);
  const { rows } = await q.query<Row>(
    `with ${runsWithRejects}
     select j.seq, j.kind, j.external_id, j.path_id, j.reason, j.message, j.raw, r.id as run_id, r.source_id, r.config_id,
            r.source_name, j.created_at as seen_at, r.is_open as open,
            to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sort_time
       from looked_at r
            join integration_rejected_items j on j.wand_source_id = r.source_id and j.run_id = r.id
      where ($6::text is null or j.kind = $6) and ($7::text is null or j.reason = $7)
        and ($8::text <> 'gone' or not r.is_open)
        and ($9::timestamptz is null or (r.created_at, r.id) < ($9::timestamptz, $10::uuid)
             or ((r.created_at, r.id) = ($9::timestamptz, $10::uuid) and j.seq > $11::int))
      order by r.created_at desc, r.id desc, j.seq
      limit $12`,
    [
      ...rejectParameters(filter),
      filter.kind ?? null,
      filter.reason ?? null,
      filter.state ?? 'open',
      ...(after ?? [null, null, null]),
      limit + 1,
    ],
  );
  const page = pageOf(rows, limit, (last) => writeCursor([last.sort_time, last.run_id, last.seq]));
  return {
    data: page.data.map(({ sort_time: _, ...row }) => ({ ...row, seen_at: timeOf(row.seen_at) })),
    next: page.next,
  };
}
