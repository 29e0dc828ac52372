// The rejects of many runs as a file: CSV for spreadsheets, NDJSON for programs; read page by page.
import type { Queryable } from '../../db/database.ts';
import { type FoundReject, listFoundRejects } from '../../records/rejects/list-found-rejects.ts';
import type { RejectFilter } from '../../records/rejects/runs-with-rejects.ts';
import { csvRow } from '../audit/csv-row.ts';

const pageSize = 1_000;

const columns = [
  'seen_at',
  'reason',
  'kind',
  'external_id',
  'path_id',
  'message',
  'open',
  'source_name',
  'source_id',
  'config_id',
  'run_id',
  'seq',
  'raw',
] as const satisfies readonly (keyof FoundReject)[];

/** Yields them newest first, as text in pieces; no more than a page is held. */
export async function* exportRejects(
  q: Queryable,
  { filter, format }: { filter: RejectFilter; format: 'csv' | 'ndjson' },
): AsyncGenerator<string, void, void> {
  if (format === 'csv') yield csvRow(columns);
  for (let cursor: string | undefined; ; ) {
    const page = await listFoundRejects(q, { ...filter, limit: pageSize, cursor });
    yield page.data.map((row) => (format === 'csv' ? csvLine(row) : `${JSON.stringify(row)}\n`)).join('');
    if (page.next === null) return;
    cursor = page.next;
  }
}

function csvLine(row: FoundReject): string {
  return csvRow(
    columns.map((name) => {
      const value = row[name];
      if (name === 'raw') return JSON.stringify(value);
      return value === null || typeof value === 'number' ? value : String(value);
    }),
  );
}
