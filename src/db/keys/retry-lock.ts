// Short DDL under a lock: waits briefly for the table, since readers queue behind a waiting ALTER, and comes again.
import { setTimeout as pause } from 'node:timers/promises';
import { TillsyncError } from '../../errors.ts';
import type { Connection, Database } from '../database.ts';

export interface LockPatience {
  /** Milliseconds one try may wait for a lock; default 3,000. A reader behind us waits no longer than that. */
  lockTimeout?: number;
  /** Tries before the error goes up; default 10. */
  tries?: number;
  /** Called before each further try, with its number. */
  onRetry?: (attempt: number) => void;
}

/** Runs `work` in a transaction with a short lock_timeout and repeats it, bounded, when a lock or a deadlock stopped it. */
export async function withShortLock<T>(
  database: Database,
  work: (connection: Connection) => Promise<T>,
  patience: LockPatience = {},
): Promise<T> {
  const tries = patience.tries ?? 10;
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.transaction(work, { lockTimeout: patience.lockTimeout ?? 3_000, ownWrites: true });
    } catch (error) {
      const locked = error instanceof TillsyncError && (error.code === 'lock_timeout' || error.code === 'deadlock');
      if (!locked || attempt >= tries) throw error;
      patience.onRetry?.(attempt + 1);
      await pause(attempt * 100 + Math.random() * 200);
    }
  }
}
