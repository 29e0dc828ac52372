// Reads sources: bare by id or identity, and as lists show them, with item counts and configs.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import { type Page, type PageRequest, pageLimit, pageOf, readCursor, writeCursor } from '../cursor.ts';
import { itemTables } from '../items/item-table.ts';
import { isUuid, timeOf } from '../row-values.ts';
import type { ItemCount, Source, SourceOverview } from './source.ts';

interface SourceRow extends Omit<Source, 'retired_at' | 'created_at' | 'updated_at'> {
  retired_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

const sourceColumns = `s.id, s.name, s.integration_type as connector_id, s.origin, s.identity, s.identity_key, s.retired_at,
  s.created_at, s.updated_at`;

/** One source, or null when none has this id. */
export async function getSource(q: Queryable, sourceId: string): Promise<Source | null> {
  if (!isUuid(sourceId)) return null;
  const { rows } = await q.query<SourceRow>(`select ${sourceColumns} from wand_integration_sources s where s.id = $1`, [
    sourceId,
  ]);
  return rows[0] ? sourceOf(rows[0]) : null;
}

/** The source with this identity key, or null. */
export async function findSourceByIdentity(q: Queryable, key: string): Promise<Source | null> {
  const { rows } = await q.query<SourceRow>(
    `select ${sourceColumns} from wand_integration_sources s where s.identity_key = $1`,
    [key],
  );
  return rows[0] ? sourceOf(rows[0]) : null;
}

/** All sources by name, or the one with this id ([] when there is none). */
export async function listSources(q: Queryable, filter: { id?: string | undefined } = {}): Promise<SourceOverview[]> {
  if (filter.id === undefined) return await readOverviews(q, null);
  return isUuid(filter.id) ? await readOverviews(q, [filter.id]) : [];
}

/** Sources by name, page by page; 100 a page unless asked otherwise. */
export async function pageSources(q: Queryable, request: PageRequest = {}): Promise<Page<SourceOverview>> {
  const limit = pageLimit(request, 100);
  const after = readCursor(request.cursor, 2);
  const { rows } = await q.query<{ id: string; name: string }>(
    `select id, name from wand_integration_sources
      where $1::text is null or (name, id) > ($1::text, $2::uuid) order by name, id limit $3`,
    [after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  const page = pageOf(rows, limit, (last) => writeCursor([last.name, last.id]));
  const ids = page.data.map((row) => row.id);
  return { data: await readOverviews(q, ids), next: page.next };
}

// null = all sources.
async function readOverviews(q: Queryable, ids: readonly string[] | null): Promise<SourceOverview[]> {
  const { rows } = await q.query<
    SourceRow & { last_synced_at: Date | null; removals_checked_at: Date | null; configs: SourceOverview['configs'] }
  >(
    `select ${sourceColumns}, t.last_synced_at, t.last_complete_at as removals_checked_at,
            coalesce((select jsonb_agg(jsonb_build_object('id', c.id, 'name', c.config_name, 'is_active', c.is_active)
                                       order by c.created_at, c.id)
                        from integration_source_configs c where c.wand_source_id = s.id), '[]') as configs
       from wand_integration_sources s left join integration_sync_state t on t.wand_source_id = s.id
      where $1::uuid[] is null or s.id = any($1)
      order by s.name, s.id`,
    [ids],
  );
  const counts = await countItems(q, ids);
  return rows.map((row) => {
    const { identity_key: _, ...source } = sourceOf(row);
    const items = counts.get(row.id) ?? emptyCounts();
    const times = { last_synced_at: timeOf(row.last_synced_at), removals_checked_at: timeOf(row.removals_checked_at) };
    return { ...source, ...times, items, configs: row.configs };
  });
}

async function countItems(
  q: Queryable,
  sourceIds: readonly string[] | null,
): Promise<Map<string, Record<Kind, ItemCount>>> {
  const counts = new Map<string, Record<Kind, ItemCount>>();
  for (const kind of kinds) {
    const { rows } = await q.query<{ source_id: string; live: number; removed: number }>(
      `select wand_source_id as source_id, (count(*) filter (where removed_at is null))::int as live,
              (count(*) filter (where removed_at is not null))::int as removed
         from ${itemTables[kind].table} where $1::uuid[] is null or wand_source_id = any($1) group by wand_source_id`,
      [sourceIds],
    );
    for (const { source_id, live, removed } of rows) {
      const ofSource = counts.get(source_id) ?? emptyCounts();
      ofSource[kind] = { live, removed };
      counts.set(source_id, ofSource);
    }
  }
  return counts;
}

function emptyCounts(): Record<Kind, ItemCount> {
  const none = () => ({ live: 0, removed: 0 });
  return { products: none(), modifiers: none(), discounts: none() };
}

function sourceOf(row: SourceRow): Source {
  const { id, name, connector_id, origin, identity, identity_key } = row;
  return {
    id,
    name,
    connector_id,
    origin,
    identity,
    identity_key,
    retired_at: timeOf(row.retired_at),
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  };
}
