// Which places of the hierarchy lie within a scope: the place itself, or one above it.
import type { Scope } from '../../db/claims.ts';
import type { Queryable } from '../../db/database.ts';

/**
 * SQL: whether the place named by two columns lies within the scope of the parameters $1 to $4 (placeParameters). The
 * columns are names of ours, never input.
 */
export function placeWithin(level: string, id: string): string {
  return `($1::boolean
    or (${level} = 'concept' and ${id} = any ($2::bigint[]))
    or (${level} = 'company' and (${id} = any ($3::bigint[])
        or exists (select from companies c where c.id = ${id} and c.concept_id = any ($2::bigint[]))))
    or (${level} = 'site' and (${id} = any ($4::bigint[])
        or exists (select from stores s left join companies c on c.id = s.company_id
            where s.id = ${id} and (s.company_id = any ($3::bigint[]) or c.concept_id = any ($2::bigint[]))))))`;
}

/** The first four parameters of a statement with placeWithin. */
export function placeParameters({ all, concepts, companies, sites }: Scope): unknown[] {
  return [all, concepts, companies, sites];
}

/** Whether a place lies within a scope. A place that does not exist lies within no scope but the whole. */
export async function isPlaceWithin(
  q: Queryable,
  scope: Scope,
  place: { level: string; levelId: string | null },
): Promise<boolean> {
  const { rows } = await q.query<{ within: boolean }>(
    `select coalesce(${placeWithin('p.level', 'p.id')}, false) as within from (select $5::text as level, $6::bigint as id) p`,
    [...placeParameters(scope), place.level, place.levelId],
  );
  return rows[0]?.within === true;
}

/**
 * Whether the places that one config names lie below each other. A foreign company or concept, named beside a site of one's
 * own, would hand its settings and secrets down.
 */
export async function isOneLine(
  q: Queryable,
  { concept, company, site }: { concept: number | null; company: number | null; site: number | null },
): Promise<boolean> {
  const { rows } = await q.query<{ one: boolean }>(
    `select ($3::bigint is null or $2::bigint is null or exists (select from stores where id = $3 and company_id = $2))
        and ($1::bigint is null or coalesce($2, $3) is null or exists (
              select from companies where concept_id = $1 and id = coalesce($2, (select company_id from stores where id = $3))))
         as one`,
    [concept, company, site],
  );
  return rows[0]?.one === true;
}

/**
 * Whether a source is read by a config outside of a scope, or holds rows or runs of somebody that no config of the scope
 * stands for: where nobody reads it any more, it is of who read it last.
 */
export async function readsElsewhere(q: Queryable, scope: Scope, sourceId: string): Promise<boolean> {
  const { rows } = await q.query<{ elsewhere: boolean }>(
    `select case
       when exists (select from integration_source_configs f where f.wand_source_id = $5::uuid and not ${ownConfig}) then true
       when exists (select from integration_source_configs f where f.wand_source_id = $5::uuid and ${ownConfig}) then false
       else coalesce(
         (select case when f.id is null then coalesce(not ${placeWithin(`'site'`, 'h.site_id')}, true) else not ${ownConfig} end
            from integration_sync_history h left join integration_source_configs f on f.id = h.source_config_id
           where h.wand_source_id = $5::uuid order by h.created_at desc, h.id desc limit 1),
         exists (select from integration_products where wand_source_id = $5::uuid)
           or exists (select from integration_modifiers where wand_source_id = $5::uuid)
           or exists (select from integration_discounts where wand_source_id = $5::uuid)) end as elsewhere`,
    [...placeParameters(scope), sourceId],
  );
  return rows[0]?.elsewhere === true;
}

const configPlace = `case f.application_level
  when 'concept' then f.concept_id when 'company' then f.company_id else f.site_id end`;
const ownConfig = `coalesce(${placeWithin('f.application_level', configPlace)}, false)`;
