// The checker over a recorded history: what must hold between runs, change rows and items of a database, whatever happened.
import { kinds } from '../../../src/catalog/item.ts';
import type { Queryable } from '../../../src/db/database.ts';

const saved = `('success', 'partial')`;

const items = kinds
  .map((kind) => `select '${kind}' as kind, wand_source_id, created_run_id, last_run_id from integration_${kind}`)
  .join(' union all ');

/** What is wrong → the query that finds it. */
const checks: Readonly<Record<string, string>> = {
  'a run is active': `select id from integration_sync_history where status in ('queued', 'in_progress')`,
  'a run has no end': `select id from integration_sync_history where completed_at is null and status not in ('queued', 'in_progress')`,
  'a run that did not save has items': `select r.id from integration_sync_history r join (${items}) i on r.id in (i.created_run_id, i.last_run_id)
     and r.wand_source_id = i.wand_source_id where r.status not in ${saved}`,
  'a run that did not save says that it did': `select id from integration_sync_history where status not in ${saved} and items_synced > 0`,
  'a run failed without an error': `select id from integration_sync_history where status in ('failed', 'interrupted', 'cancelled') and error is null`,
  'two runs of a source overlap': `select a.id from integration_sync_history a join integration_sync_history b
       on a.wand_source_id = b.wand_source_id and a.id <> b.id and a.created_at < b.created_at
      where a.completed_at > b.created_at`,
  'counts are not the change rows': `select r.id from integration_sync_history r
      cross join lateral jsonb_each(r.counts) k
      cross join unnest('{updated, removed, restored}'::text[]) o
      where r.status in ${saved} and (k.value ->> o)::int <> (
        select count(*) from integration_item_changes c
         where c.wand_source_id = r.wand_source_id and c.run_id = r.id and c.kind = k.key and c.operation = o)`,
  'items name a run that is not there': `select i.created_run_id as id from (${items}) i where i.created_run_id is not null
      and not exists (select from integration_sync_history r where r.id = i.created_run_id)`,
  'a source has two open holds': `select wand_source_id as id from integration_sync_history where hold_open group by 1 having count(*) > 1`,
};

/** One line for each thing that is wrong; none in a history that is true. */
export async function checkHistory(queryable: Queryable): Promise<string[]> {
  const wrong: string[] = [];
  for (const [what, query] of Object.entries(checks)) {
    const { rows } = await queryable.query<{ id: string }>(`${query} limit 5`);
    if (rows.length > 0) wrong.push(`${what}: ${rows.map(({ id }) => id).join(', ')}`);
  }
  return wrong;
}

/** How many runs ended how. */
export async function countRuns(queryable: Queryable): Promise<Record<string, number>> {
  const { rows } = await queryable.query<{ status: string; runs: number }>(
    'select status, count(*)::int as runs from integration_sync_history group by 1 order by 1',
  );
  return Object.fromEntries(rows.map(({ status, runs }) => [status, runs]));
}
