// Modifiers of a source by the group and the place they hang at; below one product where the POS says what hangs where.
import type { Queryable } from '../../../db/database.ts';

/** One option of a group; money is decimal text. */
export interface ModifierOption {
  external_id: string;
  path_id: string | null;
  name: string | null;
  price: string | null;
  currency: string | null;
  is_available: boolean | null;
}

/** A group at its place. */
export interface ModifierGroup {
  group_id: string | null;
  group_name: string | null;
  /** Where its options hang: their path without its last part; null = the POS gives them no path of parts. */
  place: string | null;
  options: ModifierOption[];
}

export interface ModifierTree {
  /** 'path' = paths begin with the id of the product that the option hangs under; 'none' = they do not say it. */
  relation: 'path' | 'none';
  groups: ModifierGroup[];
  /** There are more than these. */
  cut: boolean;
}

/** So many live modifiers of a source are looked at: no index begins with a place, and no page is worth a long statement. */
const mostLooked = 100_000;
const live = `(select external_id, path_id, name, price, currency, is_available, modifier_group_id as group_id, modifier_group_name as group_name
    from integration_modifiers where wand_source_id = $1 and removed_at is null limit ${mostLooked}) m`;

// Parts of a path may be escaped: a SKU may hold a slash.
const product = `split_part(m.path_id, '/', 1)`;
const unescaped = `replace(replace(${product}, '%2F', '/'), '%25', '%')`;

/**
 * The live modifiers of a source, of one product where asked, at most `limit` options in the order of groups and paths.
 * Where the POS does not say what hangs under which product, a product has no groups here, and the whole source has all.
 */
export async function readModifiers(
  q: Queryable,
  of: { sourceId: string; product?: string | undefined; limit: number },
): Promise<ModifierTree> {
  const { rows: known } = await q.query<{ found: boolean }>(
    `select exists (
       select from (select m.path_id from ${live} where m.path_id like '%/%' limit 50) m
         join integration_products p on p.wand_source_id = $1 and p.external_id in (${product}, ${unescaped})) as found`,
    [of.sourceId],
  );
  const relation = known[0]?.found === true ? 'path' : 'none';
  if (relation === 'none' && of.product !== undefined) return { relation, groups: [], cut: false };
  const { rows } = await q.query<ModifierOption & Pick<ModifierGroup, 'group_id' | 'group_name'>>(
    `select external_id, path_id, name, price, currency, is_available, group_id, group_name from ${live}
      where $2::text is null or m.path_id like '%/%' and $2 in (${product}, ${unescaped})
      order by group_name nulls last, group_id, path_id collate "C", external_id limit $3`,
    [of.sourceId, of.product ?? null, of.limit + 1],
  );
  return { relation, groups: groupsOf(rows.slice(0, of.limit), relation), cut: rows.length > of.limit };
}

function groupsOf(
  rows: readonly (ModifierOption & Pick<ModifierGroup, 'group_id' | 'group_name'>)[],
  relation: ModifierTree['relation'],
): ModifierGroup[] {
  const groups = new Map<string, ModifierGroup>();
  for (const { group_id, group_name, ...option } of rows) {
    const place = relation === 'path' ? placeOf(option.path_id) : null;
    const key = JSON.stringify([group_id, group_name, place]);
    const group = groups.get(key) ?? { group_id, group_name, place, options: [] };
    group.options.push(option);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function placeOf(path: string | null): string | null {
  return path === null || !path.includes('/') ? null : path.slice(0, path.lastIndexOf('/'));
}
