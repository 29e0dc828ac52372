// Queued runs of which the queue may know nothing: their job was lost, or they were made where no queue was at hand.
import type { Queryable } from '../../db/database.ts';

/**
 * Up to `most` queued runs, oldest first, that the queue was not told of within so many seconds; they count as told from
 * now on. For the caller's transaction, in which it tells the queue.
 */
export async function claimUntoldRuns(connection: Queryable, of: { seconds: number; most: number }): Promise<string[]> {
  const { rows } = await connection.query<{ id: string }>(
    `with untold as (
       select wand_source_id, id from integration_sync_history
        where status = 'queued' and enqueued
          and (told_at is null or told_at < now() - make_interval(secs => $1))
        order by created_at, id limit $2 for update skip locked)
     update integration_sync_history h set told_at = now() from untold u
      where h.id = u.id and h.wand_source_id = u.wand_source_id
     returning h.id`,
    [of.seconds, of.most],
  );
  return rows.map(({ id }) => id);
}
