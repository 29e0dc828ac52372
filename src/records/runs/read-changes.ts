// Reads what a run changed, or would change, item by item: the lines of `diff`.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import type { Json } from '../../json.ts';
import {
  itemOrder,
  itemPosition,
  type Page,
  type PageRequest,
  pageLimit,
  pathOrder,
  readCursor,
  writeCursor,
} from '../cursor.ts';
import { itemTables } from '../items/item-table.ts';
import { readRunSource } from './read-run-source.ts';

export type Operation = 'created' | 'updated' | 'removed' | 'restored';

/** One item that a run changed; `fields` holds [old, new] per field, money as decimal text. */
export interface Change {
  kind: Kind;
  external_id: string;
  /** Only of kinds whose key has it. */
  path_id: string | null;
  operation: Operation;
  name: string | null;
  fields: Record<string, [Json, Json]>;
}

/** Which of a run's changes are asked for; absent = all. */
export interface ChangeFilter {
  kind?: Kind | undefined;
  operation?: Operation | undefined;
  /** Only changes of this field, e.g. 'price'. */
  field?: string | undefined;
}

/**
 * The changes of a run in the order of kind, external id and path; 100 a page unless asked otherwise. Held, planned and
 * approved runs keep change rows; what a committed run created is read from the items themselves (created_run_id), so
 * that a first sync of a million items does not write them twice.
 */
export async function listChanges(
  q: Queryable,
  runId: string,
  request: PageRequest & ChangeFilter = {},
): Promise<Page<Change>> {
  const limit = pageLimit(request, 100);
  const after = readCursor(request.cursor, 4);
  const sourceId = await readRunSource(q, runId);
  if (sourceId === null) return { data: [], next: null };
  const data: Change[] = [];
  const first = after === null ? 0 : kinds.indexOf(after[0] as Kind);
  const { operation, field } = request;
  for (const kind of kinds.slice(Math.max(first, 0))) {
    if (request.kind !== undefined && request.kind !== kind) continue;
    const from = after !== null && kind === after[0] ? after.slice(1) : null;
    data.push(
      ...(await readChangesOf(q, { sourceId, runId, kind, operation, field, from, limit: limit + 1 - data.length })),
    );
    if (data.length > limit) break;
  }
  const page = data.slice(0, limit);
  const last = page.at(-1);
  const more = data.length > limit && last !== undefined;
  return { data: page, next: more ? writeCursor([last.kind, ...itemPosition(last)]) : null };
}

interface ChangesOf extends Pick<ChangeFilter, 'operation' | 'field'> {
  sourceId: string;
  runId: string;
  kind: Kind;
  from: readonly (string | number)[] | null;
  limit: number;
}

async function readChangesOf(q: Queryable, of: ChangesOf): Promise<Change[]> {
  const { table } = itemTables[of.kind];
  const path = of.kind === 'modifiers' ? 'i.path_id' : 'null::text';
  const samePath = of.kind === 'modifiers' ? 'and c.path_id is not distinct from i.path_id' : '';
  const changed = `select c.external_id, c.path_id, c.operation, c.name, c.fields
      from integration_item_changes c
     where c.wand_source_id = $1 and c.run_id = $2 and c.kind = $3 and ($4::text is null or c.external_id >= $4)
       and ($8::text is null or c.operation = $8) and ($9::text is null or c.fields ? $9)`;
  const created = `select i.external_id, ${path} as path_id, 'created' as operation, i.name, '{}'::jsonb as fields
      from ${table} i
     where i.wand_source_id = $1 and i.created_run_id = $2 and ($4::text is null or i.external_id >= $4)
       and coalesce($8::text, 'created') = 'created' and $9::text is null
       and not exists (
         select from integration_item_changes c
          where c.wand_source_id = $1 and c.run_id = $2 and c.kind = $3 and c.external_id = i.external_id
            and c.operation = 'created' ${samePath})`;
  const { rows } = await q.query<Omit<Change, 'kind'>>(
    `select * from (${firstOf(changed)} union all ${firstOf(created)}) changes order by ${itemOrder} limit $7`,
    [
      of.sourceId,
      of.runId,
      of.kind,
      ...(of.from ?? [null, null, null]),
      of.limit,
      of.operation ?? null,
      of.field ?? null,
    ],
  );
  return rows.map((row) => ({ kind: of.kind, ...row }));
}

// Each half is cut to the page on its own, so that it is read along its key's index instead of whole.
function firstOf(half: string): string {
  return `(select external_id, path_id, operation, name, fields from (${half}) half
    where $4::text is null or not (external_id = $4::text and (${pathOrder}) <= ($5::int, $6::text))
    order by ${itemOrder} limit $7)`;
}
