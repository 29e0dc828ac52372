// Reads the hierarchy that configs apply to: concepts, their companies, and the sites of those.
import type { Queryable } from '../../db/database.ts';
import { type Page, type PageRequest, pageLimit, pageOf, readCursor, writeCursor } from '../cursor.ts';
import { numberOf, timeOf } from '../row-values.ts';

/** A level of the hierarchy; `above` is the id of the concept or company that it belongs to. */
export interface HierarchyNode {
  id: number;
  above: number | null;
  name: string;
  created_at: string;
}

const tables = {
  concept: { table: 'concepts', above: 'null::bigint' },
  company: { table: 'companies', above: 'concept_id' },
  site: { table: 'stores', above: 'company_id' },
} as const;

interface NodeRow {
  id: string;
  above: string | null;
  name: string;
  created_at: Date;
}

/** The concepts, companies or sites in the order of their ids; 100 a page unless asked otherwise. */
export async function listHierarchy(
  q: Queryable,
  level: keyof typeof tables,
  filter: PageRequest & { id?: number; above?: number | undefined } = {},
): Promise<Page<HierarchyNode>> {
  const limit = pageLimit(filter, 100);
  const after = readCursor(filter.cursor, 1);
  const { table, above } = tables[level];
  const { rows } = await q.query<NodeRow>(
    `select id, above, name, created_at from (select id, ${above} as above, name, created_at from ${table}) nodes
      where ($1::bigint is null or id > $1) and ($2::bigint is null or id = $2) and ($3::bigint is null or above = $3)
      order by id limit $4`,
    [after?.[0] ?? null, filter.id ?? null, filter.above ?? null, limit + 1],
  );
  const page = pageOf(rows, limit, (last) => writeCursor([Number(last.id)]));
  return { data: page.data.map(nodeOf), next: page.next };
}

function nodeOf(row: NodeRow): HierarchyNode {
  return { id: Number(row.id), above: numberOf(row.above), name: row.name, created_at: timeOf(row.created_at) };
}
