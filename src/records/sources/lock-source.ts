// The lock of one source: whoever writes its items holds it until its transaction ends.
import type { Queryable } from '../../db/database.ts';

/** Waits for the source's advisory lock (bounded by lock_timeout, 55P03) and keeps it for this transaction. */
export async function lockSource(q: Queryable, sourceId: string): Promise<void> {
  await q.query(`select pg_advisory_xact_lock(hashtextextended('tillsync source ' || $1::uuid::text, 0))`, [sourceId]);
}
