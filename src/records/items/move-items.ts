// Moves the items of one config from one source to another, for a source that turned out to be several catalogs.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import { itemTables } from './item-table.ts';

/** An item by its kind and key. */
export interface ItemKey {
  kind: Kind;
  external_id: string;
  path_id: string | null;
}

export interface MovedItems {
  moved: Record<Kind, number>;
  /** Items whose key the target holds already; they stay where they are. */
  conflicts: ItemKey[];
}

/**
 * Moves every item that `configId` wrote from `fromSourceId` to `toSourceId`, both columns of the twin at once; content,
 * hash and times stay. Inside a transaction with ownWrites, under the locks of both sources.
 */
export async function moveItems(
  q: Queryable,
  of: { fromSourceId: string; toSourceId: string; configId: string },
): Promise<MovedItems> {
  const result: MovedItems = { moved: { products: 0, modifiers: 0, discounts: 0 }, conflicts: [] };
  for (const kind of kinds) {
    const { table, keyHasPath } = itemTables[kind];
    const sameKey = `o.external_id = t.external_id ${keyHasPath ? 'and o.path_id is not distinct from t.path_id' : ''}`;
    const parameters = [of.fromSourceId, of.toSourceId, of.configId];
    const staying = await q.query<Omit<ItemKey, 'kind'>>(
      `select t.external_id, ${keyHasPath ? 't.path_id' : 'null::text as path_id'}
         from ${table} t join ${table} o on o.wand_source_id = $2 and ${sameKey}
        where t.wand_source_id = $1 and t.source_config_id = $3
        order by 1, 2`,
      parameters,
    );
    result.conflicts.push(...staying.rows.map((row) => ({ kind, ...row })));
    const { rowCount } = await q.query(
      `update ${table} t set wand_source_id = $2, source_id = $2
        where t.wand_source_id = $1 and t.source_config_id = $3
          and not exists (select from ${table} o where o.wand_source_id = $2 and ${sameKey})`,
      parameters,
    );
    result.moved[kind] = rowCount;
    await moveLocations(q, of, kind);
  }
  return result;
}

/**
 * After the items: which site a location is goes along with the items that state something for it. Stated by items of both sources,
 * it holds in both; by moved ones only, it holds no longer where they came from, or its site would read the items that stayed. Returns how many
 * locations came along.
 */
export async function moveSiteMap(q: Queryable, of: { fromSourceId: string; toSourceId: string }): Promise<number> {
  const parameters = [of.fromSourceId, of.toSourceId];
  const stated = (source: string) =>
    `exists (select from integration_item_locations l where l.wand_source_id = ${source} and l.location_id = m.location_id)`;
  const { rowCount } = await q.query(
    `insert into integration_site_locations (wand_source_id, location_id, site_id)
     select $2, m.location_id, m.site_id from integration_site_locations m where m.wand_source_id = $1 and ${stated('$2')}
     on conflict do nothing`,
    parameters,
  );
  await q.query(
    `delete from integration_site_locations m where m.wand_source_id = $1 and ${stated('$2')} and not ${stated('$1')}`,
    parameters,
  );
  await q.query(
    `update integration_item_locations l set site_id = m.site_id from integration_site_locations m
      where l.wand_source_id = $1 and l.site_id is null
        and m.wand_source_id = l.wand_source_id and m.location_id = l.location_id`,
    [of.toSourceId],
  );
  return rowCount;
}

/** What the items state by location follows them: rows of the old source whose item stands in the new one now. */
async function moveLocations(
  q: Queryable,
  of: { fromSourceId: string; toSourceId: string },
  kind: Kind,
): Promise<void> {
  const { table, keyHasPath } = itemTables[kind];
  const itemIn = (source: string) => `exists (select from ${table} t where t.wand_source_id = ${source}
        and t.external_id = l.external_id ${keyHasPath ? 'and t.path_id is not distinct from l.path_id' : ''})`;
  await q.query(
    `update integration_item_locations l set wand_source_id = $2, site_id = null
      where l.wand_source_id = $1 and l.kind = $3 and not ${itemIn('$1')} and ${itemIn('$2')}`,
    [of.fromSourceId, of.toSourceId, kind],
  );
}
