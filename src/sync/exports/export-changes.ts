// What a run changed, as a file: a line per field in CSV, an item per line in NDJSON; taking it along is written down first.
import type { Queryable } from '../../db/database.ts';
import type { Json } from '../../json.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import { type Change, type ChangeFilter, listChanges } from '../../records/runs/read-changes.ts';
import type { Run } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';
import { type ExportFormat, exportPages } from './export-pages.ts';

export interface ChangesExport {
  run: Run;
  filter: ChangeFilter;
  format: ExportFormat;
  /** The changes as the caller may see them. */
  rows: Queryable;
}

const columns = ['run_id', 'kind', 'operation', 'external_id', 'path_id', 'name', 'field', 'old', 'new'];

/** Writes 'run.changes_exported', then yields the changes in the order of the list, as text in pieces. */
export async function exportChanges(deps: Pick<Deps, 'database'>, of: ChangesExport): Promise<AsyncIterable<string>> {
  const { run, filter, format, rows } = of;
  await deps.database.transaction(async (q) => {
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
    await appendAudit(q, {
      action: 'run.changes_exported',
      subject: { type: 'run', id: run.id, name: run.source_name },
      ...(run.source_id === null ? {} : { place: { sourceId: run.source_id } }),
      after: { format, ...given },
    });
  });
  return exportPages<Change>({
    format,
    columns,
    lines: (change) => linesOf(run.id, change),
    read: (cursor) => listChanges(rows, run.id, { ...filter, limit: 1_000, cursor }),
  });
}

function linesOf(runId: string, { fields, ...item }: Change): Record<string, Json>[] {
  const line = { run_id: runId, ...item };
  const changed = Object.entries(fields);
  if (changed.length === 0) return [line];
  return changed.map(([field, [old, fresh]]) => ({ ...line, field, old, new: fresh }));
}
