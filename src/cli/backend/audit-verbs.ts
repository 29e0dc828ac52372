// The audit log through whoever answers: the database of this machine, or the /api/v1 of a server.
import type { Command } from 'commander';
import { everywhere } from '../../db/claims.ts';
import type { AuditFilter, AuditRow } from '../../records/audit/read-audit.ts';
import type { Page } from '../../records/cursor.ts';
import type { AuditExport } from '../../sync/audit/export-audit.ts';
import { requestedBy, serverOf, withApp } from '../with-app.ts';
import { withClient } from './with-backend.ts';

export interface AuditVerbs {
  list(filter: AuditFilter): Promise<Page<AuditRow>>;
  /** The whole file, in pieces. */
  export(of: Pick<AuditExport, 'filter' | 'format'>): Promise<AsyncIterable<string | Uint8Array>>;
}

/** Runs a verb of the audit log. Throws what the API's routes answer. */
export async function withAudit(command: Command, work: (audit: AuditVerbs) => Promise<void>): Promise<void> {
  if (serverOf(command) !== null) {
    const { get, pathWith, streamed } = await import('./remote-calls.ts');
    return await withClient(command, async (client, signal) => {
      await work({
        list: (filter) => get(client, '/audit', { ...filter }),
        export: ({ filter, format }) =>
          streamed(client, { path: pathWith('/audit/export', { ...filter, format }), signal }),
      });
      return 0;
    });
  }
  await withApp(command, async ({ database }) => {
    const { listAudit } = await import('../../records/audit/read-audit.ts');
    const { exportAudit } = await import('../../sync/audit/export-audit.ts');
    await work({
      list: (filter) => listAudit(database, filter, everywhere),
      export: (of) => exportAudit({ database }, { ...of, scope: everywhere, actor: requestedBy() }),
    });
    return 0;
  });
}
