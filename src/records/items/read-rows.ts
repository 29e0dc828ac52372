// Reads the stored content of some items of one source, to name what a change changes.
import type { Kind } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import type { Json } from '../../json.ts';
import { itemTables } from './item-table.ts';

export interface StoredRow {
  externalId: string;
  pathId: string | null;
  /** Content columns by name; numeric as text, jsonb parsed without loss. */
  content: Record<string, Json>;
  /** Whether a run of ours ever wrote this row (false = adopted or made by another program). */
  ours: boolean;
}

/** The rows of the given keys that exist, in no particular order. At most some thousand keys per call. */
export async function readRows(
  queryable: Queryable,
  of: { sourceId: string; kind: Kind; keys: readonly { externalId: string; pathId: string | null }[] },
): Promise<StoredRow[]> {
  const { table, keyHasPath, columns } = itemTables[of.kind];
  const names = columns.map(({ column }) => `t.${column}`).join(', ');
  const { rows } = await queryable.query<Record<string, Json>>(
    `select t.external_id as "key_external_id", ${keyHasPath ? 't.path_id' : 'null::text'} as "key_path_id",
            (t.created_run_id is not null or t.last_run_id is not null) as "ours", ${names}
       from ${table} t join unnest($2::text[], $3::text[]) as k(external_id, path_id)
         on t.external_id = k.external_id ${keyHasPath ? 'and t.path_id is not distinct from k.path_id' : ''}
      where t.wand_source_id = $1`,
    [of.sourceId, of.keys.map((key) => key.externalId), of.keys.map((key) => key.pathId)],
  );
  return rows.map(({ key_external_id, key_path_id, ours, ...content }) => ({
    externalId: key_external_id as string,
    pathId: key_path_id as string | null,
    ours: ours === true,
    content,
  }));
}
