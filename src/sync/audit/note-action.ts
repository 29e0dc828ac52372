// One entry of the audit log for an action that is no transaction of ours: a backup, a restore, a migration.
import type { AuditEntry } from '../../records/audit/append-audit.ts';
import { appendAudit, takesEntries } from '../../records/audit/append-audit.ts';
import type { Deps } from '../deps.ts';

/** Writes the entry after the action; nothing where there is no such log to write to (an older schema, a standby). */
export async function noteAction({ database }: Pick<Deps, 'database'>, entry: AuditEntry): Promise<void> {
  if (await takesEntries(database)) await appendAudit(database, entry);
}
