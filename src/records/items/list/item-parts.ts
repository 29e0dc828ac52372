// The statements behind a page of items: each reads one part of a kind along an index, in the page's order.
import type { Kind } from '../../../catalog/item.ts';
import { itemOrder, pathOrder } from '../../cursor.ts';
import { itemTables } from '../item-table.ts';
import { itemColumns } from '../stored-item.ts';

/** A stretch of the items of a kind that one statement reads. */
export interface Part {
  /** Of these sources, in their order; null = of all. */
  sources: readonly string[] | null;
  /** Source, external id, and the two values of the path after which it begins; null = from the beginning. */
  from: readonly (string | number)[] | null;
}

/**
 * The parts that a page is read from, one after the other. `own` are the sources of the caller (null = all): the key's index
 * is then entered once for each of them, instead of read whole and thrown away where row security hides it (1.8 s for
 * the first page of one site among 1,000; 15 ms so).
 */
export function partsOf(
  own: readonly string[] | null,
  sourceId: string | undefined,
  from: Part['from'],
): readonly Part[] {
  const begun = from === null ? null : String(from[0]);
  if (own === null && sourceId === undefined) return [{ sources: null, from }];
  const sources = sourceId === undefined ? (own ?? []) : [sourceId.toLowerCase()];
  const reached = sources
    .filter((id) => own === null || own.includes(id))
    .filter((id) => begun === null || id >= begun);
  if (begun === null || reached[0] !== begun) return reached.length === 0 ? [] : [{ sources: reached, from: null }];
  const rest = reached.slice(1);
  return [{ sources: [begun], from }, ...(rest.length === 0 ? [] : [{ sources: rest, from: null }])];
}

/** What is asked of one part. */
export interface AskedOfPart {
  kind: Kind;
  part: Part;
  externalId?: string | undefined;
  removed?: boolean | undefined;
  limit: number;
}

/** A statement and its parameters. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** Items of a part. */
export function listStatement(asked: AskedOfPart): Statement {
  const values: unknown[] = [];
  return { text: orderedSql(asked, itemColumns(asked.kind), values), values };
}

/**
 * Hits among the next `perLook` items of a part, and the last item that was looked at, where there were so many. Of all others
 * no more is read than their key and name.
 */
export function searchStatement(asked: AskedOfPart & { search: string; perLook: number }): Statement {
  const { table } = itemTables[asked.kind];
  const path = asked.kind === 'discounts' ? 'null::text as path_id' : 'path_id';
  const values: unknown[] = [];
  const keys = orderedSql(
    { ...asked, limit: asked.perLook },
    `id, wand_source_id as source_id, external_id, ${path}, name`,
    values,
  );
  values.push(asked.perLook, asked.search, asked.limit);
  const [perLook, text, limit] = [values.length - 2, values.length - 1, values.length];
  return {
    text: `select shown.*, looked.is_hit, looked.is_last
      from (select * from (
              select id, n, coalesce(strpos(lower(name), lower($${text})) > 0, false) as is_hit, n = $${perLook} as is_last
                from (select row_number() over () as n, keys.* from (${keys}) keys) numbered) each
             where is_hit or is_last limit $${limit}) looked
           cross join lateral (select ${itemColumns(asked.kind)} from ${table} where id = looked.id offset 0) shown
     order by looked.n`,
    values,
  };
}

function orderedSql(
  { kind, part, externalId, removed, limit }: AskedOfPart,
  select: string,
  values: unknown[],
): string {
  const { table, keyHasPath } = itemTables[kind];
  const wanted = `($1::text is null or external_id = $1) and ($2::boolean is null or (removed_at is not null) = $2)`;
  values.push(externalId ?? null, removed ?? null, limit, part.sources);
  if (part.sources !== null && part.from === null) {
    // A lateral join with a limit can only go from source to source as they stand in the list, and ends with the page.
    return `select items.* from unnest($4::uuid[]) own(id) cross join lateral (
        select ${select} from ${table} where wand_source_id = own.id and ${wanted}
         order by ${keyHasPath ? itemOrder : 'external_id'} limit $3) items limit $3`;
  }
  values.push(...(part.from ?? [null, null, null, null]));
  // Written so that the planner starts the key's index at the cursor: one row comparison over all four values would
  // be estimated at one row and answered by reading the whole table (1.2 s instead of 10 ms on 500,000 items).
  return `select * from (select ${select} from ${table}
       where ($4::uuid[] is null or wand_source_id = ($4::uuid[])[1]) and ${wanted}
         and ($5::uuid is null or (wand_source_id, external_id) >= ($5::uuid, $6::text))) items
      where $5::uuid is null
         or not (source_id = $5::uuid and external_id = $6::text and (${pathOrder}) <= ($7::int, $8::text))
      order by source_id, ${itemOrder} limit $3`;
}
