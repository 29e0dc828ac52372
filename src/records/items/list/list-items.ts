// Pages of stored items in the order of kind, source, external id and path: filtered, or looked through for a part of the name.
import { type Kind, kinds } from '../../../catalog/item.ts';
import type { Queryable } from '../../../db/database.ts';
import { itemPosition, type Page, type PageRequest, pageLimit, readCursor, writeCursor } from '../../cursor.ts';
import { isUuid } from '../../row-values.ts';
import { type StoredItem, type StoredItemRow, storedItemOf } from '../stored-item.ts';
import { type AskedOfPart, listStatement, partsOf, searchStatement } from './item-parts.ts';

export interface ItemFilter extends PageRequest {
  sourceId?: string | undefined;
  kind?: Kind | undefined;
  externalId?: string | undefined;
  /** true = only removed items, false = only live ones, absent = both. */
  removed?: boolean | undefined;
  /** Only items whose name contains this text, in any case. */
  search?: string | undefined;
}

/**
 * So many items of a kind are looked at for one page of a search. No index finds a part of a name (pg_trgm is not on every
 * server, every save would pay for it, and row security keeps its operators from the index), so a page may hold fewer items
 * than asked for, none even: its `next` looks on from there. Every page is quick, and a million items are no one's statement.
 */
const itemsPerLook = 15_000;

/**
 * Items in the order of kind, source, external id and path, without their raw data; 100 a page unless asked otherwise.
 * With `search` a page may be short although `next` says that there is more to look through.
 */
export async function listItems(
  q: Queryable,
  filter: ItemFilter = {},
  { perLook = itemsPerLook } = {},
): Promise<Page<StoredItem>> {
  const limit = pageLimit(filter, 100);
  const after = readCursor(filter.cursor, 5);
  if (filter.sourceId !== undefined && !isUuid(filter.sourceId)) return { data: [], next: null };
  const own = await ownSources(q);
  const first = after === null ? 0 : Math.max(0, kinds.indexOf(after[0] as Kind));
  const data: StoredItem[] = [];
  for (const kind of kinds.slice(first)) {
    if (filter.kind !== undefined && filter.kind !== kind) continue;
    const from = after !== null && after[0] === kind ? after.slice(1) : null;
    for (const part of partsOf(own, filter.sourceId, from)) {
      const { externalId, removed, search } = filter;
      const asked = { kind, part, externalId, removed, limit: limit + 1 - data.length };
      const { items, lookedTo } =
        search === undefined ? await readPart(q, asked) : await searchPart(q, { ...asked, search, perLook });
      data.push(...items);
      if (data.length > limit) return pageTo(data.slice(0, limit));
      if (lookedTo !== null) return { data, next: lookedTo };
    }
  }
  return { data, next: null };
}

function pageTo(data: StoredItem[]): Page<StoredItem> {
  const last = data.at(-1);
  return { data, next: last === undefined ? null : cursorAt(last) };
}

function cursorAt(item: { kind: Kind; source_id: string; external_id: string; path_id: string | null }): string {
  return writeCursor([item.kind, item.source_id, ...itemPosition(item)]);
}

/** The sources of a caller with a limited scope, in their order; null = of all. */
async function ownSources(q: Queryable): Promise<string[] | null> {
  if (q.scope === undefined || q.scope.all) return null;
  const { rows } = await q.query<{ ids: string[] }>(
    'select array(select unnest(tillsync_source_ids()) order by 1)::text[] as ids',
  );
  return rows[0]?.ids ?? [];
}

interface Found {
  items: StoredItem[];
  /** Where a search stopped before its end; null = it did not. */
  lookedTo: string | null;
}

async function readPart(q: Queryable, asked: AskedOfPart): Promise<Found> {
  const { text, values } = listStatement(asked);
  const { rows } = await q.query<StoredItemRow>(text, values);
  return { items: rows.map((row) => storedItemOf(asked.kind, row)), lookedTo: null };
}

async function searchPart(q: Queryable, asked: AskedOfPart & { search: string; perLook: number }): Promise<Found> {
  const { text, values } = searchStatement(asked);
  const { rows } = await q.query<StoredItemRow & { is_hit: boolean; is_last: boolean }>(text, values);
  const items = rows
    .filter(({ is_hit }) => is_hit)
    .map(({ is_hit: _hit, is_last: _last, ...row }) => storedItemOf(asked.kind, row));
  const last = rows.at(-1);
  return { items, lookedTo: last?.is_last === true ? cursorAt({ kind: asked.kind, ...last }) : null };
}
