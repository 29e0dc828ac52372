// A list as a file: CSV for spreadsheets, NDJSON for programs; read page by page, so that no more than a page is held.
import type { Json } from '../../json.ts';
import type { Page } from '../../records/cursor.ts';
import { csvRow } from '../audit/csv-row.ts';

export type ExportFormat = 'csv' | 'ndjson';

export interface PagesToExport<Row> {
  format: ExportFormat;
  /** Names of the columns of the CSV, in order. */
  columns: readonly string[];
  /** The lines of the CSV for one row, as values by column; a row may be several lines. */
  lines(row: Row): Readonly<Record<string, Json | undefined>>[];
  /** Reads a page of at most 1,000 rows. */
  read(cursor: string | undefined): Promise<Page<Row>>;
}

/** Yields the list as text in pieces, a page each. */
export async function* exportPages<Row>(of: PagesToExport<Row>): AsyncGenerator<string, void, void> {
  if (of.format === 'csv') yield csvRow(of.columns);
  for (let cursor: string | undefined; ; ) {
    const page = await of.read(cursor);
    yield page.data.map((row) => textOf(row, of)).join('');
    if (page.next === null) return;
    cursor = page.next;
  }
}

function textOf<Row>(row: Row, of: PagesToExport<Row>): string {
  if (of.format === 'ndjson') return `${JSON.stringify(row)}\n`;
  return of
    .lines(row)
    .map((line) => csvRow(of.columns.map((name) => cellOf(line[name]))))
    .join('');
}

function cellOf(value: Json | undefined): string | number | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}
