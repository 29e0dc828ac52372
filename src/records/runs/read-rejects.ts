// Reads what a run set aside: items that could not be saved, and keys that came more than once.
import type { Kind } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import type { Json } from '../../json.ts';
import {
  itemOrder,
  itemPosition,
  type Page,
  type PageRequest,
  pageLimit,
  pageOf,
  readCursor,
  writeCursor,
} from '../cursor.ts';
import { readRunSource } from './read-run-source.ts';

/** One item that could not be saved; `raw` is the value as the POS gave it, made storable. */
export interface RejectRow {
  seq: number;
  kind: Kind;
  external_id: string | null;
  path_id: string | null;
  reason: string;
  message: string;
  raw: Json;
}

/** One key that came more than once in one fetch; `identical` = all copies had the same content. */
export interface DuplicateRow {
  kind: Kind;
  external_id: string;
  path_id: string | null;
  copies: number;
  identical: boolean;
}

/** The rejects of a run in the order of the payload; 100 a page unless asked otherwise. */
export async function listRejects(q: Queryable, runId: string, request: PageRequest = {}): Promise<Page<RejectRow>> {
  const limit = pageLimit(request, 100);
  const after = readCursor(request.cursor, 1);
  const sourceId = await readRunSource(q, runId);
  if (sourceId === null) return { data: [], next: null };
  const { rows } = await q.query<RejectRow>(
    `select seq, kind, external_id, path_id, reason, message, raw
       from integration_rejected_items
      where wand_source_id = $1 and run_id = $2 and seq > $3
      order by seq limit $4`,
    [sourceId, runId, after?.[0] ?? -1, limit + 1],
  );
  return pageOf(rows, limit, (last) => writeCursor([last.seq]));
}

/** The repeated keys of a run in the order of kind, external id and path; 100 a page unless asked otherwise. */
export async function listDuplicates(
  q: Queryable,
  runId: string,
  request: PageRequest = {},
): Promise<Page<DuplicateRow>> {
  const limit = pageLimit(request, 100);
  const after = readCursor(request.cursor, 4) ?? [null, null, null, null];
  const sourceId = await readRunSource(q, runId);
  if (sourceId === null) return { data: [], next: null };
  const { rows } = await q.query<DuplicateRow>(
    `select kind, external_id, path_id, copies, identical
       from integration_duplicate_items
      where wand_source_id = $1 and run_id = $2
        and ($3::text is null or (kind, ${itemOrder}) > ($3::text, $4::text, $5::int, $6::text))
      order by kind, ${itemOrder}
      limit $7`,
    [sourceId, runId, ...after, limit + 1],
  );
  return pageOf(rows, limit, (last) => writeCursor([last.kind, ...itemPosition(last)]));
}
