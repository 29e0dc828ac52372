// Deletes lines of runs' logs by age, the oldest first, over all sources.
import type { Database } from '../../db/database.ts';
import { inRetention } from './retention-lock.ts';

const mostLines = 5_000;

/** Deletes the next lines older than `days`; says how many, and whether there may be more. */
export async function deleteOldLogs(database: Database, days: number): Promise<{ logs: number; more: boolean }> {
  const logs = await inRetention(database, null, async (connection) => {
    const { rowCount } = await connection.query(
      `delete from integration_sync_log where (wand_source_id, run_id, seq) in (
         select wand_source_id, run_id, seq from integration_sync_log
          where at < now() - make_interval(days => $1) order by at limit ${mostLines})`,
      [days],
    );
    return rowCount;
  });
  return { logs: logs ?? 0, more: logs === mostLines };
}
