// Deletes entries of the audit log by age; only the database's own function may, and never before 30 days.
import type { Database } from '../../db/database.ts';
import { appendAudit } from '../audit/append-audit.ts';
import { inRetention } from './retention-lock.ts';

const mostEntries = 5_000;

/** Deletes the next entries older than `days` (30 at least) and writes down that it did; says whether there may be more. */
export async function deleteOldAudit(database: Database, days: number): Promise<{ entries: number; more: boolean }> {
  const entries = await inRetention(database, null, async (connection) => {
    const { rows } = await connection.query<{ gone: string }>('select tillsync_delete_old_audit($1, $2) as gone', [
      days,
      mostEntries,
    ]);
    const gone = Number(rows[0]?.gone ?? 0);
    if (gone > 0)
      await appendAudit(connection, { action: 'audit.purged', actor: 'tillsync', after: { entries: gone, days } });
    return gone;
  });
  return { entries: entries ?? 0, more: entries === mostEntries };
}
