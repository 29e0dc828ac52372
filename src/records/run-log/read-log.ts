// Reads the log of a run, page by page, in the order in which things happened.
import type { Queryable } from '../../db/database.ts';
import { type Page, type PageRequest, pageLimit, pageOf, readCursor, writeCursor } from '../cursor.ts';
import type { LogLine } from './log-line.ts';

/** Lines of one run; 200 a page unless asked otherwise. Throws cursor_invalid, limit_invalid. */
export async function listLog(
  queryable: Queryable,
  of: { sourceId: string; runId: string } & PageRequest,
): Promise<Page<LogLine>> {
  const limit = pageLimit(of, 200);
  const after = readCursor(of.cursor, 1);
  const { rows } = await queryable.query<Omit<LogLine, 'at'> & { at: Date }>(
    `select seq, at, level, phase, event, message, facts from integration_sync_log
      where wand_source_id = $1 and run_id = $2 and seq > $3 order by seq limit $4`,
    [of.sourceId, of.runId, after?.[0] ?? 0, limit + 1],
  );
  const page = pageOf(rows, limit, (last) => afterLine(last));
  return { data: page.data.map((row) => ({ ...row, at: row.at.toISOString() })), next: page.next };
}

/** The cursor that asks for what comes after a line. */
export function afterLine(line: { seq: number }): string {
  return writeCursor([line.seq]);
}
