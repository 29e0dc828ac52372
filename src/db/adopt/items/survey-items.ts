// What stands in an item table before adoption: counts, duplicates by the key that the table will have, examples.
import type { Queryable } from '../../database.ts';
import type { DuplicateGroup, ItemFacts } from '../adoption-report.ts';
import type { ItemSql } from './item-sql.ts';

type Counts = Record<keyof Omit<ItemFacts, 'table' | 'examples'>, string>;
type Example = Omit<DuplicateGroup, 'winner' | 'losers'> & { ids: string[] };

/** Counts an item table; writes nothing and needs no column of ours. In a transaction: it takes memory for its groups. */
export async function surveyItems(queryable: Queryable, sql: ItemSql): Promise<ItemFacts> {
  await queryable.query(`set local work_mem = '128MB'`);
  // One statement: what the rows belong to and which share a key takes seconds for a million of them.
  const { rows } = await queryable.query<Counts & { examples: Example[] }>(
    `with attributed as materialized (${attributedSql(sql)}), groups as materialized (
       select target, external_id, key_path, count(*) as copies from attributed where target is not null and external_id <> ''
        group by target, external_id, key_path having count(*) > 1),
     first_groups as (select * from groups order by copies desc, target, external_id, key_path limit 10),
     examples as (
       select g.target as wand_source_id, g.external_id, g.key_path as path_id, g.copies,
         (array_agg(a.id::text order by a.last_synced desc nulls last, a.updated desc nulls last, a.id desc))[1:11] as ids
       from first_groups g join attributed a
         on a.target = g.target and a.external_id = g.external_id and a.key_path is not distinct from g.key_path
       group by g.target, g.external_id, g.key_path, g.copies)
     select count(*) as rows, count(*) filter (where wand_source is null) as without_source,
       count(*) filter (where wand_source <> source) as disagreeing,
       count(*) filter (where target <> coalesce(wand_source, source)) as moved,
       count(*) filter (where own_path is null and path is not null) as paths_filled,
       (select count(*) from groups) as duplicate_groups,
       (select coalesce(sum(copies - 1), 0) from groups) as duplicate_losers,
       count(*) filter (where target is null and external_id <> '') as unattributable,
       count(*) filter (where coalesce(external_id, '') = '') as without_external_id,
       (select coalesce(json_agg(json_build_object('wand_source_id', wand_source_id, 'external_id', external_id, 'path_id', path_id, 'ids', ids)
          order by copies desc, wand_source_id, external_id, path_id), '[]') from examples) as examples
     from attributed`,
  );
  if (!rows[0]) throw new Error(`${sql.table} cannot be counted`);
  const { examples, ...counts } = rows[0];
  const numbers = Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, Number(value)]));
  return {
    table: sql.table,
    ...(numbers as Record<keyof Counts, number>),
    examples: examples.map(({ ids, ...group }) => ({ ...group, winner: ids[0] ?? '', losers: ids.slice(1) })),
  };
}

function attributedSql(sql: ItemSql): string {
  return `select t.id, ${sql.target} as target, ${sql.externalId} as external_id, ${sql.source} as source,
    ${sql.wandSource} as wand_source, ${sql.ownPath} as own_path, ${sql.path} as path,
    ${sql.keyHasPath ? sql.path : 'null::text'} as key_path, ${sql.lastSynced} as last_synced, ${sql.updated} as updated
    from ${sql.table} t`;
}
