// One queue per process, opened when it is first needed: most commands never are in need of it.
import type { Database } from '../db/database.ts';
import type { Queue, QueueOptions } from './open-queue.ts';

export interface LazyQueue {
  /** Opens the queue at the first call, and gives the same one afterwards. */
  queue(): Promise<Queue>;
  close(): Promise<void>;
}

/** The queue of a database; `close` before the database's own. */
export function queueOf(database: Database, options: QueueOptions = {}): LazyQueue {
  let opening: Promise<Queue> | undefined;
  const open = async () => {
    const { openQueue } = await import('./open-queue.ts');
    return await openQueue(database, options);
  };
  return {
    queue() {
      opening ??= open().catch((error: unknown) => {
        // The next call tries again: the database may be away for a moment.
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async close() {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}
