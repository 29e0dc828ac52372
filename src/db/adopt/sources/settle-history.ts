// The original's Sync History in our words: runs that never ended are interrupted (its orchestrator forgot every failure).
import type { Queryable } from '../../database.ts';
import { readShape } from '../tables/read-shape.ts';

// The original's words and what they mean here; any other status becomes interrupted, its word kept in the message.
const words = `(values ('success', 'success'), ('completed', 'success'), ('complete', 'success'), ('succeeded', 'success'),
  ('partial', 'partial'), ('failed', 'failed'), ('error', 'failed'), ('failure', 'failed'),
  ('cancelled', 'cancelled'), ('canceled', 'cancelled'), ('interrupted', 'interrupted'),
  ('in_progress', 'interrupted'), ('running', 'interrupted'), ('started', 'interrupted'), ('pending', 'interrupted'),
  ('queued', 'interrupted'), ('processing', 'interrupted'), ('syncing', 'interrupted')) as w (legacy, status)`;

/** Rewrites status and source of every legacy run; returns one line per kind of change. */
export async function settleHistory(
  queryable: Queryable,
  targets: Readonly<Record<string, string>>,
): Promise<string[]> {
  const shape = await readShape(queryable, 'integration_sync_history');
  const legacySource = shape.columns.some(({ name }) => name === 'source_id') ? 'h.source_id::text' : 'null';
  const unfinished = await countUnfinished(queryable);
  await queryable.query(
    `update integration_sync_history h set
       status = coalesce(w.status, 'interrupted'),
       error_message = case
         when w.status is null then concat_ws(' ', h.error_message, 'Its status was "' || h.status || '" before adoption.')
         when w.status = 'interrupted' then coalesce(h.error_message, 'This run never ended; the program that ran it is gone.')
         else h.error_message end,
       wand_source_id = coalesce(($1::jsonb ->> h.source_config_id::text)::uuid, h.wand_source_id, (${legacySource})::uuid),
       created_at = least(h.created_at, h.started_at)
     from integration_sync_history o left join ${words} on w.legacy = lower(o.status)
     where o.id = h.id`,
    [JSON.stringify(targets)],
  );
  return unfinished === 0 ? [] : [`${unfinished} runs that never ended are shown as interrupted`];
}

/** How many runs say that they are still going on, or say something unknown. */
export async function countUnfinished(queryable: Queryable): Promise<number> {
  const { rows } = await queryable.query<{ runs: string }>(
    `select count(*) as runs from integration_sync_history h left join ${words} on w.legacy = lower(to_jsonb(h) ->> 'status')
      where w.status is null or (w.status = 'interrupted' and w.legacy <> 'interrupted')`,
  );
  return Number(rows[0]?.runs ?? 0);
}
