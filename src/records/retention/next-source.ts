// Pages through every source of which anything is kept, also through those that no longer exist.
import type { Queryable } from '../../db/database.ts';

// No source has this id.
const beforeAll = '00000000-0000-0000-0000-000000000000';

/** The source after `after` (null = the first) that has a run or a stored answer; null at the end. */
export async function nextSource(queryable: Queryable, after: string | null): Promise<string | null> {
  // Each part is one step in an index that begins with the source; a DISTINCT would read all of it.
  const first = (table: string) =>
    `(select wand_source_id from ${table} where wand_source_id > $1::uuid order by wand_source_id limit 1)`;
  const { rows } = await queryable.query<{ id: string | null }>(
    `select least(${first('integration_sync_history')}, ${first('integration_payloads')}) as id`,
    [after ?? beforeAll],
  );
  return rows[0]?.id ?? null;
}
