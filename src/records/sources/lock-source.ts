// The lock of one source: whoever writes its items holds it until its transaction ends.
import type { Queryable } from '../../db/database.ts';

/** SQL of the advisory lock's key; `source` is an SQL expression of the source's id. */
export function sourceLockKey(source: string): string {
  return `hashtextextended('tillsync source ' || ${source}::uuid::text, 0)`;
}

/** Waits for the source's advisory lock (bounded by lock_timeout, 55P03) and keeps it for this transaction. */
export async function lockSource(q: Queryable, sourceId: string): Promise<void> {
  await q.query(`select pg_advisory_xact_lock(${sourceLockKey('$1')})`, [sourceId]);
}

/**
 * Takes the lock if it is free and keeps it for this transaction. For callers that hold rows which a save writes at its
 * end: waiting for the save here would be a deadlock with it.
 */
export async function tryLockSource(q: Queryable, sourceId: string): Promise<boolean> {
  const { rows } = await q.query<{ locked: boolean }>(
    `select pg_try_advisory_xact_lock(${sourceLockKey('$1')}) as locked`,
    [sourceId],
  );
  return rows[0]?.locked === true;
}
