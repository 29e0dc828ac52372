// Reads configs: one by id, or all of them.
import type { Queryable } from '../../db/database.ts';
import { isUuid } from '../row-values.ts';
import { type Config, type ConfigRow, configColumns, configOf, isLate } from './config.ts';

/** One config, or null when no config has this id. */
export async function getConfig(q: Queryable, configId: string): Promise<Config | null> {
  if (!isUuid(configId)) return null;
  const { rows } = await q.query<ConfigRow>(
    `select ${configColumns} from integration_source_configs c where c.id = $1`,
    [configId],
  );
  return rows[0] ? configOf(rows[0]) : null;
}

/** All configs in the order in which they were made; of one source, where asked. */
export async function listConfigs(q: Queryable, filter: { sourceId?: string | undefined } = {}): Promise<Config[]> {
  if (filter.sourceId !== undefined && !isUuid(filter.sourceId)) return [];
  const { rows } = await q.query<ConfigRow>(
    `select ${configColumns} from integration_source_configs c
      where ($1::uuid is null or c.wand_source_id = $1) order by c.created_at, c.id`,
    [filter.sourceId ?? null],
  );
  return rows.map(configOf);
}

/** How many schedules are overdue while nothing is under way for them. */
export async function countLateConfigs(q: Queryable): Promise<number> {
  const { rows } = await q.query<{ late: number }>(
    `select count(*)::int as late from integration_source_configs c where c.next_due_at < now() and ${isLate}`,
  );
  return rows[0]?.late ?? 0;
}
