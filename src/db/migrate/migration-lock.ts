// One migration at a time: a session's advisory lock, asked for again and again and never waited for inside a statement.
import { setTimeout as pause } from 'node:timers/promises';
import { TillsyncError } from '../../errors.ts';
import type { Connection, Database } from '../database.ts';

// 'till' as a number; the two-part form of advisory locks, so that it never meets a source's lock (the one-part form).
const lockClass = 0x74696c6c;
const lockNumber = 1;

export interface LockOptions {
  /** Milliseconds before giving up; default ten minutes, the time of a large adoption. */
  timeout?: number;
  /** Called once, when another session holds the lock. */
  onWait?: () => void;
}

/**
 * Runs `work` while this process holds the migration lock. A waiter sleeps between its questions: a statement that waits
 * for the lock would hold a snapshot, and the holder's CREATE INDEX CONCURRENTLY waits for every older snapshot.
 */
export async function withMigrationLock<T>(
  database: Database,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  return await database.withConnection(async (connection) => {
    await takeLock(connection, options);
    try {
      return await work();
    } finally {
      await releaseLock(connection);
    }
  });
}

async function releaseLock(connection: Connection): Promise<void> {
  try {
    await connection.query('select pg_advisory_unlock($1, $2)', [lockClass, lockNumber]);
  } catch {
    // The session is gone and the lock with it; what the work returned or threw is what counts.
  }
}

async function takeLock(connection: Connection, options: LockOptions): Promise<void> {
  const deadline = performance.now() + (options.timeout ?? 600_000);
  for (let attempt = 0; ; attempt++) {
    const { rows } = await connection.query<{ taken: boolean }>('select pg_try_advisory_lock($1, $2) as taken', [
      lockClass,
      lockNumber,
    ]);
    if (rows[0]?.taken) return;
    if (attempt === 0) options.onWait?.();
    if (performance.now() > deadline) {
      throw new TillsyncError('Another process has been migrating this database for too long.', {
        code: 'migration_locked',
        step: 'sync',
        retry: 'later',
        effect: 'Nothing was changed in the database by this process.',
        hint: 'Look for application_name tillsync in pg_stat_activity, and run `tillsync migrate` again when it is done.',
        exitCode: 75,
      });
    }
    await pause(50 + Math.random() * 200);
  }
}
