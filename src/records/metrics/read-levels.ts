// What stands in the database now, for the metrics: the queue, runs at work, holds, and the room that answers take.
import type { Queryable } from '../../db/database.ts';

export interface Levels {
  queued: number;
  /** Seconds since the oldest queued run was asked for; 0 = none waits. */
  oldestQueuedSeconds: number;
  active: number;
  openHolds: number;
  /** Bytes on disk of the stored answers. */
  payloadBytes: number;
}

/**
 * Reads them in one statement, from indexes that hold only active runs and open holds: its cost grows with those, not with
 * the history.
 */
export async function readLevels(queryable: Queryable): Promise<Levels> {
  const { rows } = await queryable.query<{
    queued: number;
    oldest: number;
    active: number;
    holds: number;
    bytes: string;
  }>(
    `select a.queued, a.oldest, a.active,
            (select count(*)::int from integration_sync_history where hold_open) as holds,
            pg_total_relation_size('integration_payload_chunks')::text as bytes
       from (select count(*) filter (where status = 'queued')::int as queued,
                    count(*) filter (where status = 'in_progress')::int as active,
                    coalesce(extract(epoch from clock_timestamp() - min(created_at) filter (where status = 'queued')), 0)::float8 as oldest
               from integration_sync_history where status in ('queued', 'in_progress')) a`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no row of levels');
  return {
    queued: row.queued,
    oldestQueuedSeconds: row.oldest,
    active: row.active,
    openHolds: row.holds,
    payloadBytes: Number(row.bytes),
  };
}
