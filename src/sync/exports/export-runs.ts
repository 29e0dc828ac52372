// Sync History as a file, with the filter that the list has; that somebody took it along is written down first.
import type { Queryable } from '../../db/database.ts';
import type { Json } from '../../json.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import { listRuns, type RunFilter } from '../../records/runs/read-runs.ts';
import type { Run } from '../../records/runs/run.ts';
import type { Deps } from '../deps.ts';
import { type ExportFormat, exportPages } from './export-pages.ts';

export interface RunsExport {
  filter: Omit<RunFilter, 'limit' | 'cursor'>;
  format: ExportFormat;
  /** The runs as the caller may see them. */
  rows: Queryable;
}

const facts = [
  'id',
  'created_at',
  'started_at',
  'finished_at',
  'status',
  'trigger',
  'requested_by',
  'source_name',
  'source_id',
  'config_id',
  'site_id',
  'parent_id',
  'dry_run',
  'mode',
  'complete',
  'reads',
  'attempt',
  'retry_of_run_id',
  'items_synced',
] as const satisfies readonly (keyof Run)[];

const counted = [
  'received',
  'created',
  'updated',
  'unchanged',
  'removed',
  'restored',
  'rejected',
  'duplicates',
] as const;

const columns = [...facts, ...counted, 'notes', 'error_code', 'error_message'];

/** Writes 'runs.exported', then yields the runs, newest first, as text in pieces. */
export async function exportRuns(deps: Pick<Deps, 'database'>, of: RunsExport): Promise<AsyncIterable<string>> {
  const { filter, format, rows } = of;
  await deps.database.transaction(async (q) => {
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
    await appendAudit(q, { action: 'runs.exported', after: { format, ...given } });
  });
  return exportPages<Run>({
    format,
    columns,
    lines: (run) => [lineOf(run)],
    read: (cursor) => listRuns(rows, { ...filter, limit: 1_000, cursor }),
  });
}

function lineOf(run: Run): Record<string, Json> {
  const line: Record<string, Json> = {};
  for (const name of facts) line[name] = run[name];
  const kinds = run.counts === null ? [] : Object.values(run.counts);
  // Before a plan there are no counts, which is not 0.
  for (const name of counted) line[name] = kinds.length === 0 ? null : kinds.reduce((sum, kind) => sum + kind[name], 0);
  return {
    ...line,
    notes: run.notes.length === 0 ? null : run.notes.join('\n'),
    error_code: run.error?.code ?? null,
    error_message: run.error?.message ?? null,
  };
}
