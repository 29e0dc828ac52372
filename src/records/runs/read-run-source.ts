// The source of a run: what every read of a run's rows names first, because those tables are keyed by source.
import type { Queryable } from '../../db/database.ts';
import { isUuid } from '../row-values.ts';

/** The source of a run; null when there is no such run, or it never had a source. */
export async function readRunSource(q: Queryable, runId: string): Promise<string | null> {
  if (!isUuid(runId)) return null;
  const { rows } = await q.query<{ source_id: string | null }>(
    'select wand_source_id as source_id from integration_sync_history where id = $1',
    [runId],
  );
  return rows[0]?.source_id ?? null;
}
