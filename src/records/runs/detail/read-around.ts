// The runs around one: those that did it over, or that it did over, and its neighbours in the history of its source.
import type { Queryable } from '../../../db/database.ts';
import type { Run, RunStatus } from '../run.ts';

/** One try of a chain of tries; times are ISO text in UTC. */
export interface Attempt {
  id: string;
  status: RunStatus;
  trigger: string;
  attempt: number;
  requested_by: string | null;
  /** The try that this one does over. */
  retry_of_run_id: string | null;
  created_at: string;
  finished_at: string | null;
  error_code: string | null;
}

/** What lies around a run. */
export interface RunsAround {
  /** All tries, the run itself among them, oldest first; one alone when nothing was done over. */
  attempts: Attempt[];
  /** The next and the previous run of the same source; null = there is none, or the run has no source. */
  newer: string | null;
  older: string | null;
}

/** So many tries are told; a chain goes on only as long as somebody, or the retry rule, asks again. */
const mostAttempts = 100;

/** Reads them by indexes: the chain by who did whom over, the neighbours by source and time. */
export async function readAround(q: Queryable, run: Run): Promise<RunsAround> {
  const [attempts, { newer, older }] = [await readAttempts(q, run.id), await readNeighbours(q, run)];
  return { attempts, newer, older };
}

async function readAttempts(q: Queryable, runId: string): Promise<Attempt[]> {
  const { rows } = await q.query<Omit<Attempt, 'created_at' | 'finished_at'> & { created_at: Date; finished_at: Date }>(
    `with recursive before as (
       select h.id, h.retry_of_run_id, 0 as steps from integration_sync_history h where h.id = $1
       union all
       select h.id, h.retry_of_run_id, b.steps + 1 from before b join integration_sync_history h on h.id = b.retry_of_run_id
        where b.steps < $2),
     chain as (
       select b.id, 0 as steps from before b where b.steps = (select max(steps) from before)
       union
       select h.id, c.steps + 1 from chain c join integration_sync_history h on h.retry_of_run_id = c.id where c.steps < $2)
     select h.id, h.status, h.trigger, h.attempt, h.requested_by, h.retry_of_run_id, h.created_at,
            h.completed_at as finished_at, h.error ->> 'code' as error_code
       from integration_sync_history h where h.id in (select id from chain)
      order by h.created_at, h.id limit $2`,
    [runId, mostAttempts],
  );
  return rows.map((row) => ({
    ...row,
    created_at: row.created_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
  }));
}

async function readNeighbours(q: Queryable, run: Run): Promise<Pick<RunsAround, 'newer' | 'older'>> {
  if (run.source_id === null) return { newer: null, older: null };
  const { rows } = await q.query<{ newer: string | null; older: string | null }>(
    `with here as (select created_at, id from integration_sync_history where id = $2)
     select (select h.id from integration_sync_history h, here
              where h.wand_source_id = $1 and h.created_at >= here.created_at and (h.created_at, h.id) > (here.created_at, here.id)
              order by h.created_at, h.id limit 1) as newer,
            (select h.id from integration_sync_history h, here
              where h.wand_source_id = $1 and h.created_at <= here.created_at and (h.created_at, h.id) < (here.created_at, here.id)
              order by h.created_at desc, h.id desc limit 1) as older`,
    [run.source_id, run.id],
  );
  return rows[0] ?? { newer: null, older: null };
}
