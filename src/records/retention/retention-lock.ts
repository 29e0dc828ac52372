// One retention at a time per source: two that delete the same rows in another order would meet a deadlock.
import type { Connection, Database } from '../../db/database.ts';

/**
 * Runs `work` in a short transaction of its own that no other retention of the source is in; null when one is. Syncs of the
 * source go on beside it: what they write, retention does not delete.
 */
export async function inRetention<T>(
  database: Database,
  sourceId: string | null,
  work: (connection: Connection) => Promise<T>,
): Promise<T | null> {
  return await database.transaction(async (connection) => {
    const { rows } = await connection.query<{ locked: boolean }>(
      `select pg_try_advisory_xact_lock(hashtextextended('tillsync retention ' || coalesce($1::text, ''), 0)) as locked`,
      [sourceId],
    );
    return rows[0]?.locked === true ? await work(connection) : null;
  });
}
