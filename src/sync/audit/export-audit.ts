// The audit log as a file: CSV for spreadsheets, NDJSON for programs; read page by page, and itself written down first.
import type { Scope } from '../../db/claims.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import { type AuditFilter, type AuditRow, listAudit } from '../../records/audit/read-audit.ts';
import type { Deps } from '../deps.ts';
import { csvRow } from './csv-row.ts';

export interface AuditExport {
  filter: Omit<AuditFilter, 'limit' | 'cursor'>;
  scope: Scope;
  format: 'csv' | 'ndjson';
  /** Who takes it along; default: whom the transaction tells of. */
  actor?: string;
}

const pageSize = 1_000;

const columns = [
  'at',
  'actor',
  'actor_id',
  'action',
  'subject_type',
  'subject_id',
  'subject_name',
  'source_id',
  'concept_id',
  'company_id',
  'site_id',
  'address',
  'request_id',
  'before',
  'after',
  'id',
] as const satisfies readonly (keyof AuditRow)[];

/**
 * Writes 'audit.exported', then yields the entries, newest first, as text in pieces; no more than a page is held. Entries
 * that are written meanwhile are not in it.
 */
export async function exportAudit(deps: Pick<Deps, 'database'>, of: AuditExport): Promise<AsyncIterable<string>> {
  const { filter, format, actor } = of;
  await deps.database.transaction(async (q) => {
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
    await appendAudit(q, { action: 'audit.exported', actor, after: { format, ...given } });
  });
  return pieces(deps, of);
}

async function* pieces({ database }: Pick<Deps, 'database'>, of: AuditExport): AsyncGenerator<string, void, void> {
  if (of.format === 'csv') yield csvRow(columns);
  for (let cursor: string | undefined; ; ) {
    const page = await listAudit(database, { ...of.filter, limit: pageSize, cursor }, of.scope);
    yield page.data.map((row) => (of.format === 'csv' ? csvLine(row) : `${JSON.stringify(row)}\n`)).join('');
    if (page.next === null) return;
    cursor = page.next;
  }
}

function csvLine(row: AuditRow): string {
  return csvRow(
    columns.map((name) => {
      const value = row[name];
      return value === null || typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
    }),
  );
}
