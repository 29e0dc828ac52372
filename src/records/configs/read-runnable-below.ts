// The configs that a request for a concept or a company syncs.
import type { Queryable } from '../../db/database.ts';

/** What a fan-out is asked for. */
export interface FanOutLevel {
  level: 'concept' | 'company';
  id: number;
}

/**
 * One active config per source at or below the level, ordered by id, page by page: up to `most` after the config `after`.
 * A site's company and concept come from the config, else from the hierarchy tables.
 */
export async function readRunnableBelow(
  q: Queryable,
  of: FanOutLevel & { after: string | null; most: number },
): Promise<string[]> {
  const { rows } = await q.query<{ id: string }>(
    `select c.id
       from integration_source_configs c
       left join stores s on c.application_level = 'site' and s.id = c.site_id
       left join companies p on p.id = coalesce(c.company_id, s.company_id)
      where c.is_active and c.wand_source_id is not null
        and (($1 = 'concept' and coalesce(c.concept_id, p.concept_id) = $2)
          or ($1 = 'company' and coalesce(c.company_id, s.company_id) = $2))
        and ($3::uuid is null or c.id > $3)
      order by c.id limit $4`,
    [of.level, of.id, of.after, of.most],
  );
  return rows.map((row) => row.id);
}
