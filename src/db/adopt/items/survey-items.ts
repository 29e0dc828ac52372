// What stands in an item table before adoption: counts, duplicates by the key that the table will have, examples.
import type { Queryable } from '../../database.ts';
import type { DuplicateGroup, ItemFacts } from '../adoption-report.ts';
import type { ItemSql } from './item-sql.ts';

type Counts = Record<keyof Omit<ItemFacts, 'table' | 'examples'>, string>;

/** Counts an item table; writes nothing and needs no column of ours. */
export async function surveyItems(queryable: Queryable, sql: ItemSql): Promise<ItemFacts> {
  const attributed = attributedSql(sql);
  const { rows } = await queryable.query<Counts>(
    `with attributed as materialized (${attributed}), groups as (
       select count(*) as copies from attributed where target is not null and external_id <> ''
        group by target, external_id, key_path having count(*) > 1)
     select count(*) as rows, count(*) filter (where wand_source is null) as without_source,
       count(*) filter (where wand_source <> source) as disagreeing,
       count(*) filter (where target <> coalesce(wand_source, source)) as moved,
       count(*) filter (where own_path is null and path is not null) as paths_filled,
       (select count(*) from groups) as duplicate_groups,
       (select coalesce(sum(copies - 1), 0) from groups) as duplicate_losers,
       count(*) filter (where target is null and external_id <> '') as unattributable,
       count(*) filter (where coalesce(external_id, '') = '') as without_external_id
     from attributed`,
  );
  const counts = rows[0];
  if (!counts) throw new Error(`${sql.table} cannot be counted`);
  const numbers = Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, Number(value)]));
  const facts = { table: sql.table, ...(numbers as Record<keyof Counts, number>), examples: [] as DuplicateGroup[] };
  if (facts.duplicate_groups > 0) facts.examples = await readExamples(queryable, attributed);
  return facts;
}

function attributedSql(sql: ItemSql): string {
  return `select t.id, ${sql.target} as target, ${sql.externalId} as external_id, ${sql.source} as source,
    ${sql.wandSource} as wand_source, ${sql.ownPath} as own_path, ${sql.path} as path,
    ${sql.keyHasPath ? sql.path : 'null::text'} as key_path, ${sql.lastSynced} as last_synced, ${sql.updated} as updated
    from ${sql.table} t`;
}

async function readExamples(queryable: Queryable, attributed: string): Promise<DuplicateGroup[]> {
  const { rows } = await queryable.query<Omit<DuplicateGroup, 'winner' | 'losers'> & { ids: string[] }>(
    `with attributed as materialized (${attributed}), groups as (
       select target, external_id, key_path, count(*) as copies from attributed
        where target is not null and external_id <> '' group by 1, 2, 3 having count(*) > 1
        order by copies desc, target, external_id, key_path limit 10)
     select g.target as wand_source_id, g.external_id, g.key_path as path_id,
       (array_agg(a.id::text order by a.last_synced desc nulls last, a.updated desc nulls last, a.id desc))[1:11] as ids
     from groups g join attributed a
       on a.target = g.target and a.external_id = g.external_id and a.key_path is not distinct from g.key_path
     group by g.target, g.external_id, g.key_path, g.copies
     order by g.copies desc, g.target, g.external_id, g.key_path`,
  );
  return rows.map(({ ids, ...group }) => ({ ...group, winner: ids[0] ?? '', losers: ids.slice(1) }));
}
