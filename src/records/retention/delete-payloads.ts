// Deletes stored answers: first the references of old runs, then, an interval later, the bodies to which none is left.
import type { Database, Queryable } from '../../db/database.ts';
import { isNeeded } from './needed-runs.ts';
import { inRetention } from './retention-lock.ts';

/**
 * A body is deleted only when it has been marked for so long. A run that found it before the mark refers to it a moment
 * later, or its process stood still for longer than its lease (at most an hour) and it can no longer commit; one that comes
 * after the mark stores the answer anew (findPayload in records/payloads/store-payload.ts).
 */
const graceHours = 2;

const mostReferences = 1_000;
// Of at most 512 pieces of 1 MiB each, in the worst case.
const mostBodies = 50;

export interface PayloadLimits {
  sourceId: string;
  /** 0 = never by age. */
  days: number;
  /** Different bodies; 0 = all. */
  perSource: number;
}

/**
 * Takes the next references away from runs that no longer need them: older than `days`, or beyond the newest runs that
 * have `perSource` different bodies between them. Null = somebody else is at it.
 */
export async function dropReferences(database: Database, of: PayloadLimits): Promise<number | null> {
  if (!(await isWorthALook(database, of))) return 0;
  return await inRetention(database, of.sourceId, async (connection) => {
    const { rowCount } = await connection.query(
      `with refs as (
         select r.run_id, r.page, h.created_at,
                row_number() over (partition by r.payload_id order by h.created_at desc, r.run_id desc, r.page desc) = 1 as is_new,
                ${isNeeded} as is_needed
           from integration_run_payloads r join integration_sync_history h on h.wand_source_id = $1 and h.id = r.run_id
          where r.wand_source_id = $1),
       -- Bodies of all newer runs; the pages of a run stay or go together.
       counted as (
         select *, sum(is_new::int) over (order by created_at desc, run_id desc)
                   - sum(is_new::int) over (partition by run_id) as newer_bodies from refs)
       delete from integration_run_payloads d using (
         select run_id, page from counted
          where not is_needed and (($2 > 0 and created_at < now() - make_interval(days => $2)) or ($3 > 0 and newer_bodies >= $3))
          order by created_at, run_id limit ${mostReferences}) as old
        where d.wand_source_id = $1 and d.run_id = old.run_id and d.page = old.page`,
      [of.sourceId, of.days, of.perSource],
    );
    return rowCount;
  });
}

// Most of the time there is nothing to do, and then the references are not counted.
async function isWorthALook(queryable: Queryable, of: PayloadLimits): Promise<boolean> {
  const { rows } = await queryable.query<{ look: boolean }>(
    `select ($2 > 0 and exists (select from integration_run_payloads where wand_source_id = $1
                                  and fetched_at < now() - make_interval(days => $2)))
         or ($3 > 0 and (select count(*) from integration_payloads where wand_source_id = $1) > $3) as look`,
    [of.sourceId, of.days, of.perSource],
  );
  return rows[0]?.look === true;
}

/**
 * Marks bodies to which no run refers, unmarks those to which one refers again, and deletes the next ones that have been
 * marked for the whole interval. Null = somebody else is at it.
 */
export async function deleteBodies(
  database: Database,
  of: { sourceId: string; hours?: number },
): Promise<{ payloads: number; storedBytes: number; more: boolean } | null> {
  return await inRetention(database, of.sourceId, async (connection) => {
    await connection.query(
      `update integration_payloads p
          set unreferenced_since = case when p.unreferenced_since is null then now() end
        where p.wand_source_id = $1
          and (p.unreferenced_since is null) = not exists (
                select from integration_run_payloads r where r.wand_source_id = $1 and r.payload_id = p.id)`,
      [of.sourceId],
    );
    const { rows } = await connection.query<{ payloads: number; bytes: string | null }>(
      `with gone as (
         delete from integration_payloads where wand_source_id = $1 and id = any(array(
           select p.id from integration_payloads p
            where p.wand_source_id = $1 and p.unreferenced_since <= now() - make_interval(hours => $2)
              and not exists (select from integration_run_payloads r where r.wand_source_id = $1 and r.payload_id = p.id)
            order by p.unreferenced_since limit ${mostBodies} for update skip locked))
         returning id, stored_bytes),
       emptied as (
         delete from integration_payload_chunks c using gone where c.wand_source_id = $1 and c.payload_id = gone.id)
       select count(*)::int as payloads, sum(stored_bytes)::text as bytes from gone`,
      [of.sourceId, of.hours ?? graceHours],
    );
    const payloads = rows[0]?.payloads ?? 0;
    return { payloads, storedBytes: Number(rows[0]?.bytes ?? 0), more: payloads === mostBodies };
  });
}
