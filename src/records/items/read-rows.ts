// Reads the stored content of some items of one source, to name what a change changes.
import type { Kind } from '../../catalog/item.ts';
import type { Queryable } from '../../db/database.ts';
import type { Json } from '../../json.ts';
import { locationsOfRow, type StoredLocation, storedLocations } from './item-locations.ts';
import { itemTables, lookUp } from './item-table.ts';

export interface StoredRow {
  externalId: string;
  pathId: string | null;
  /** Content columns by name; numeric as text, jsonb parsed without loss. */
  content: Record<string, Json>;
  /** Whether a run of ours ever wrote this row (false = adopted or made by another program). */
  ours: boolean;
  /** By location id; [] where they were not asked for. */
  locations: readonly StoredLocation[];
}

export interface RowsToRead {
  sourceId: string;
  kind: Kind;
  keys: readonly { externalId: string; pathId: string | null }[];
  /** Names of the content columns that are wanted; default all. */
  columns?: readonly string[] | undefined;
  /** Whether the source has rows by location, so that they are read, too. */
  hasLocations: boolean;
}

/** The rows of the given keys that exist, in no particular order. At most some thousand keys per call. */
export async function readRows(queryable: Queryable, of: RowsToRead): Promise<StoredRow[]> {
  const { keyHasPath, columns } = itemTables[of.kind];
  const wanted = of.columns ?? columns.map(({ column }) => column);
  const names = wanted.map((column) => `r.${column}`).join(', ');
  const select = `r.external_id as "key_external_id", ${keyHasPath ? 'r.path_id' : 'null::text'} as "key_path_id",
            (r.created_run_id is not null or r.last_run_id is not null) as "ours", ${of.hasLocations ? `${locationsOfRow(of.kind)} as "stored_locations", ` : ''}${names}`;
  const { rows } = await queryable.query<Record<string, Json>>(
    `select found.* from unnest($2::text[], $3::text[]) as k(external_id, path_id) ${lookUp(of.kind, select)}`,
    [of.sourceId, of.keys.map((key) => key.externalId), of.keys.map((key) => key.pathId)],
  );
  return rows.map(({ key_external_id, key_path_id, ours, stored_locations, ...content }) => ({
    externalId: key_external_id as string,
    pathId: key_path_id as string | null,
    ours: ours === true,
    content,
    locations: storedLocations(stored_locations),
  }));
}
