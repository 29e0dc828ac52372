// Brings items back from the archive that adoption made of rows which nothing attributed to a source.
import { type Kind, kinds } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import { itemTables } from './item-table.ts';

/** Which archived rows: these, or all that were set aside for one reason (such as 'unattributable') and are not back yet. */
export type ArchiveSelection = { ids: readonly string[] } | { reason: string };

export interface ArchivedItem {
  id: string;
  kind: Kind;
  reason: string;
  external_id: string | null;
  path_id: string | null;
}

/** The selected rows of the archive that are not back yet, locked until the transaction ends. */
export async function readArchived(q: Queryable, selection: ArchiveSelection): Promise<ArchivedItem[]> {
  const ids = 'ids' in selection ? selection.ids : null;
  const reason = 'reason' in selection ? selection.reason : null;
  const { rows } = await q.query<ArchivedItem>(
    `select id, kind, reason, external_id, path_id from integration_items_archive
      where restored_at is null and ($1::uuid[] is null or id = any($1)) and ($2::text is null or reason = $2)
      order by kind, external_id, id for update`,
    [ids, reason],
  );
  return rows;
}

// Columns of the archived row that the item's table still has; everything else was only of its time.
const restoredColumns: Readonly<Record<Kind, readonly string[]>> = {
  products: ['path_id', 'item_type'],
  modifiers: ['path_id', 'modifier_group_id', 'modifier_group_name'],
  discounts: ['discount_amount', 'discount_percent'],
};
const everyKind = [
  'source_config_id',
  'concept_id',
  'company_id',
  'site_id',
  'name',
  'price',
  'currency',
  'is_available',
  'data',
  'last_synced_at',
  'removed_at',
];

/**
 * Puts archived rows into a source and returns the ids of those that came back. Of several with one key the newest
 * comes back (as adoption chooses among duplicates); a key that the source holds already keeps its row. Inside a
 * transaction with ownWrites, under the source's lock.
 */
export async function restoreArchived(
  q: Queryable,
  of: { sourceId: string; ids: readonly string[] },
): Promise<Set<string>> {
  const back = new Set<string>();
  for (const kind of kinds) {
    const { table, keyHasPath } = itemTables[kind];
    const columns = [...everyKind, ...restoredColumns[kind]];
    const value = (column: string) => (column === 'path_id' ? 'coalesce(a.path_id, r.path_id)' : `r.${column}`);
    const path = kind === 'discounts' ? 'null::text' : value('path_id');
    const { rows } = await q.query<{ archive_id: string }>(
      `with chosen as (
         select distinct on (a.external_id ${keyHasPath ? `, ${path}` : ''})
                a.id as archive_id, a.external_id, coalesce(r.created_at, a.archived_at) as created_at,
                coalesce(r.updated_at, r.created_at, a.archived_at) as updated_at,
                ${columns.map((column) => `${value(column)} as ${column}`).join(', ')}
           from integration_items_archive a, jsonb_populate_record(null::${table}, a.item) r
          where a.id = any($2::uuid[]) and a.kind = $3 and a.restored_at is null and a.external_id <> ''
          order by a.external_id ${keyHasPath ? `, ${path}` : ''}, r.last_synced_at desc nulls last,
                   r.updated_at desc nulls last, r.id desc),
       added as (
         insert into ${table} (wand_source_id, source_id, external_id, created_at, updated_at, ${columns.join(', ')})
         select $1, $1, external_id, created_at, updated_at, ${columns.join(', ')} from chosen
         on conflict (wand_source_id, external_id ${keyHasPath ? ', path_id' : ''}) do nothing
         returning external_id ${keyHasPath ? ', path_id' : ''})
       update integration_items_archive a set restored_at = now(), wand_source_id = $1
         from chosen join added on added.external_id = chosen.external_id
              ${keyHasPath ? 'and added.path_id is not distinct from chosen.path_id' : ''}
        where a.id = chosen.archive_id
       returning a.id as archive_id`,
      [of.sourceId, of.ids, kind],
    );
    for (const row of rows) back.add(row.archive_id);
  }
  return back;
}
