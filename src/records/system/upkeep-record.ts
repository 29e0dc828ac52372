// What the last pass of a chore did: written once at its end, read by the system page.
import type { Queryable } from '../../db/database.ts';

/** Counts by name. */
export type UpkeepCounts = Readonly<Record<string, number>>;

export interface UpkeepRecord {
  worker: string;
  /** ISO time, UTC. */
  ended_at: string;
  done: UpkeepCounts;
  /** The last pass that found something to do; null = none did. */
  worked_at: string | null;
  worked: UpkeepCounts | null;
}

/** Keeps the counts of a pass that has just ended. */
export async function keepUpkeep(
  q: Queryable,
  of: { chore: string; worker: string; done: UpkeepCounts; hasWorked: boolean },
): Promise<void> {
  await q.query(
    `insert into integration_upkeep as u (chore, worker, done, worked_at, worked)
     values ($1, $2, $3::jsonb, case when $4 then now() end, case when $4 then $3::jsonb end)
     on conflict (chore) do update set worker = excluded.worker, ended_at = excluded.ended_at, done = excluded.done,
       worked_at = coalesce(excluded.worked_at, u.worked_at), worked = coalesce(excluded.worked, u.worked)`,
    [of.chore, of.worker, JSON.stringify(of.done), of.hasWorked],
  );
}

/** The record of a chore; null = it was never done. */
export async function readUpkeep(q: Queryable, chore: string): Promise<UpkeepRecord | null> {
  const { rows } = await q.query<
    Omit<UpkeepRecord, 'ended_at' | 'worked_at'> & { ended_at: Date; worked_at: Date | null }
  >('select worker, ended_at, done, worked_at, worked from integration_upkeep where chore = $1', [chore]);
  const [row] = rows;
  if (row === undefined) return null;
  return { ...row, ended_at: row.ended_at.toISOString(), worked_at: row.worked_at?.toISOString() ?? null };
}
