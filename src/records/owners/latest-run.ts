// Whether anybody asked for a source after a run.
import type { Queryable } from '../../db/database.ts';

/** False when a later run of the same source exists, in whatever state. */
export async function isLatestOfSource(queryable: Queryable, runId: string): Promise<boolean> {
  const { rows } = await queryable.query<{ latest: boolean }>(
    `select not exists (select from integration_sync_history n
                         where n.wand_source_id = r.wand_source_id and (n.created_at, n.id) > (r.created_at, r.id)) as latest
       from integration_sync_history r where r.id = $1`,
    [runId],
  );
  return rows[0]?.latest === true;
}
