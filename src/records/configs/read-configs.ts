// Reads configs: one by id, or all of them.
import type { Queryable } from '../../db/database.ts';
import { type Page, type PageRequest, pageLimit, pageOf, readTimeCursor, writeCursor } from '../cursor.ts';
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

/** Configs in the order in which they were made, page by page; 100 a page unless asked otherwise. */
export async function pageConfigs(
  q: Queryable,
  filter: PageRequest & { sourceId?: string | undefined; name?: string | undefined } = {},
): Promise<Page<Config>> {
  const limit = pageLimit(filter, 100);
  const after = readTimeCursor(filter.cursor);
  // Microseconds in the cursor: two configs of one millisecond must neither repeat nor vanish between pages.
  const { rows } = await q.query<ConfigRow & { sort_time: string }>(
    `select ${configColumns}, to_char(c.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sort_time
       from integration_source_configs c
      where ($1::uuid is null or c.wand_source_id = $1) and ($2::text is null or c.config_name = $2)
        and ($3::timestamptz is null or (c.created_at, c.id) > ($3::timestamptz, $4::uuid))
      order by c.created_at, c.id limit $5`,
    [filter.sourceId ?? null, filter.name ?? null, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  const page = pageOf(rows, limit, (last) => writeCursor([last.sort_time, last.id]));
  return { data: page.data.map(({ sort_time: _, ...row }) => configOf(row)), next: page.next };
}

/** Names the state of a config's settings; it changes with every change of them. null = no such config. */
export async function readConfigVersion(q: Queryable, configId: string): Promise<string | null> {
  if (!isUuid(configId)) return null;
  const { rows } = await q.query<{ version: string }>(
    `select (extract(epoch from updated_at) * 1000000)::bigint::text as version
       from integration_source_configs where id = $1`,
    [configId],
  );
  return rows[0]?.version ?? null;
}
