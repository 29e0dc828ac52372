// Writes concepts, companies and sites, and says what hangs below one of them.
import type { Queryable } from '../../db/database.ts';
import type { Level } from '../configs/config.ts';

const tables = {
  concept: { table: 'concepts', above: null },
  company: { table: 'companies', above: 'concept_id' },
  site: { table: 'stores', above: 'company_id' },
} as const;

/** Adds one and returns its id; `above` is ignored for concepts. */
export async function insertNode(
  q: Queryable,
  level: Level,
  node: { name: string; above: number | null },
): Promise<number> {
  const { table, above } = tables[level];
  const { rows } =
    above === null
      ? await q.query<{ id: string }>(`insert into ${table} (name) values ($1) returning id`, [node.name])
      : await q.query<{ id: string }>(`insert into ${table} (name, ${above}) values ($1, $2) returning id`, [
          node.name,
          node.above,
        ]);
  return Number(rows[0]!.id);
}

/** Gives one another name and another place; `above` is ignored for concepts. */
export async function updateNode(
  q: Queryable,
  level: Level,
  node: { id: number; name: string; above: number | null },
): Promise<void> {
  const { table, above } = tables[level];
  if (above === null) await q.query(`update ${table} set name = $2 where id = $1`, [node.id, node.name]);
  else await q.query(`update ${table} set name = $2, ${above} = $3 where id = $1`, [node.id, node.name, node.above]);
}

/** Whether there is one; it stays until the transaction ends (`for update`: nobody puts anything below it meanwhile). */
export async function lockNode(
  q: Queryable,
  level: Level,
  of: { id: number; mode: 'share' | 'update' },
): Promise<boolean> {
  const { rowCount } = await q.query(`select from ${tables[level].table} where id = $1 for ${of.mode}`, [of.id]);
  return rowCount === 1;
}

/** Deletes one; a site's locations are no longer its own. */
export async function deleteNode(q: Queryable, level: Level, id: number): Promise<void> {
  if (level === 'site') {
    await q.query(
      `update integration_item_locations l set site_id = null from integration_site_locations m
        where m.site_id = $1 and l.wand_source_id = m.wand_source_id and l.site_id = $1`,
      [id],
    );
    await q.query('delete from integration_site_locations where site_id = $1', [id]);
  }
  await q.query(`delete from ${tables[level].table} where id = $1`, [id]);
}

/** What hangs below a level, by its kind. */
export interface Below {
  kind: 'company' | 'site' | 'config';
  id: string;
  name: string;
}

/** Companies of a concept, sites of a company, and configs that name the level, in this order. */
export async function readBelow(q: Queryable, level: Level, id: number): Promise<Below[]> {
  const { rows } = await q.query<Below>(
    `select kind, id, name from (
       select 1 as rank, 'company' as kind, id::text as id, name from companies where $1 = 'concept' and concept_id = $2
       union all
       select 2, 'site', id::text, name from stores where $1 = 'company' and company_id = $2
       union all
       select 3, 'config', id::text, config_name from integration_source_configs
        where ($1 = 'concept' and concept_id = $2) or ($1 = 'company' and company_id = $2)
           or ($1 = 'site' and site_id = $2)) below
      order by rank, id`,
    [level, id],
  );
  return rows;
}

/** The configs at a company or site and, of a company, at its sites: what they inherit depends on where it stands. */
export async function readConfigsWithin(q: Queryable, level: 'company' | 'site', id: number): Promise<Below[]> {
  const { rows } = await q.query<Below>(
    `select 'config' as kind, c.id::text as id, c.config_name as name
       from integration_source_configs c left join stores s on s.id = c.site_id
      where ($1 = 'site' and c.site_id = $2) or ($1 = 'company' and (c.company_id = $2 or s.company_id = $2))
      order by c.created_at, c.id`,
    [level, id],
  );
  return rows;
}

/** Says which site a location of a source is: its only one there. Items that name the location follow at once. */
export async function setSiteLocation(
  q: Queryable,
  of: { sourceId: string; locationId: string; siteId: number },
): Promise<void> {
  await q.query(
    'delete from integration_site_locations where wand_source_id = $1 and site_id = $2 and location_id <> $3',
    [of.sourceId, of.siteId, of.locationId],
  );
  await q.query(
    `insert into integration_site_locations (wand_source_id, location_id, site_id) values ($1, $2, $3)
     on conflict (wand_source_id, location_id) do update set site_id = excluded.site_id`,
    [of.sourceId, of.locationId, of.siteId],
  );
  await q.query(
    `update integration_item_locations set site_id = case when location_id = $2 then $3::bigint end
      where wand_source_id = $1 and ((location_id = $2 and site_id is distinct from $3) or (location_id <> $2 and site_id = $3))`,
    [of.sourceId, of.locationId, of.siteId],
  );
}

/** The sources in which a site is a location, in the order in which they are locked. */
export async function readSourcesOfSite(q: Queryable, siteId: number): Promise<string[]> {
  const { rows } = await q.query<{ id: string }>(
    'select wand_source_id as id from integration_site_locations where site_id = $1 order by 1',
    [siteId],
  );
  return rows.map(({ id }) => id);
}

/** The sites of a source's locations, by location id. */
export async function readSiteLocations(q: Queryable, sourceId: string): Promise<Map<string, number>> {
  const { rows } = await q.query<{ location_id: string; site_id: string }>(
    'select location_id, site_id from integration_site_locations where wand_source_id = $1',
    [sourceId],
  );
  return new Map(rows.map(({ location_id, site_id }) => [location_id, Number(site_id)]));
}
