// The workers that are alive: each writes its row as long as it lives (database time).
import type { Queryable } from '../../db/database.ts';

/** Says that the worker lives; makes its row the first time. */
export async function beatWorker(
  queryable: Queryable,
  of: { worker: string; slots: number; version: string },
): Promise<void> {
  await queryable.query(
    `insert into integration_workers (worker, slots, version) values ($1, $2, $3)
     on conflict (worker) do update set seen_at = now(), slots = excluded.slots, version = excluded.version`,
    [of.worker, of.slots, of.version],
  );
}

/** Takes the worker out when it stops, and with it those that have been silent for a day. */
export async function removeWorker(queryable: Queryable, worker: string): Promise<void> {
  await queryable.query(`delete from integration_workers where worker = $1 or seen_at < now() - interval '1 day'`, [
    worker,
  ]);
}

/** Whether some worker was heard of within so many seconds, so that what is queued will be taken. */
export async function isSomeWorkerAlive(queryable: Queryable, withinSeconds: number): Promise<boolean> {
  const { rows } = await queryable.query<{ alive: boolean }>(
    `select exists (select from integration_workers where seen_at > now() - make_interval(secs => $1)) as alive`,
    [withinSeconds],
  );
  return rows[0]?.alive === true;
}
