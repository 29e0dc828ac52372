// Rewrites items inside the save transaction: changed ones by unnest, removals and the last-seen touch.
import type { Item, Kind } from '../../catalog/item.ts';
import type { Connection } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';
import { itemTables, lookUp } from './item-table.ts';

/** What every row written by one run has in common. */
export interface SaveContext {
  sourceId: string;
  configId: string;
  runId: string;
  /** The run's time as PostgreSQL's text, the same in every statement. */
  time: string;
  conceptId: string | null;
  companyId: string | null;
  siteId: string | null;
}

/** Whose the rows are. */
export type Owner = Pick<SaveContext, 'configId' | 'conceptId' | 'companyId' | 'siteId'>;

export interface ChangedItem {
  item: Item;
  /** Fingerprint, 48 hex digits. */
  hash: string;
  /** JSON text of the item's data. */
  data: string;
  /** The path the stored row has now; differs from the item's when an adopted row gets its path. */
  storedPathId: string | null;
  /** Whether the content changed, so that updated_at moves; false when only the fingerprint or empty columns are filled. */
  contentChanged: boolean;
}

const batchSize = 1000;

/** Rewrites rows whose content, fingerprint or path differs; also brings removed ones back. Throws key_conflict when a row is gone. */
export async function updateItems(
  connection: Connection,
  context: SaveContext,
  of: { kind: Kind; items: readonly ChangedItem[] },
): Promise<void> {
  const statement = updateStatement(of.kind);
  let running: Promise<void> = Promise.resolve();
  // The parameters of a batch are made while the server works on the one before.
  for (let start = 0; start < of.items.length; start += batchSize) {
    const batch = of.items.slice(start, start + batchSize);
    const parameters = updateParameters(of.kind, context, batch);
    await running;
    running = connection.query(statement, parameters).then(({ rowCount }) => {
      if (rowCount !== batch.length) throw rowsVanished(of.kind);
    });
  }
  await running;
}

// Between the JSON texts of a batch: JSON holds no control character, so nothing has to be escaped, as in an array.
const separator = '\u0001';

function updateStatement(kind: Kind): string {
  const { table, columns, keyHasPath } = itemTables[kind];
  // $1-$7 are the run's constants, then one list per key part and content column.
  const lists = [
    'external_id',
    'path_id',
    'new_path_id',
    'hash',
    'moves',
    ...columns.map(({ column }) => `c_${column}`),
  ];
  const isJson = (name: string) => columns.some(({ column, type }) => type === 'jsonb' && name === `c_${column}`);
  const parameters = lists.map((name, index) =>
    isJson(name) ? `string_to_array($${index + 8}, E'\\x01')` : `$${index + 8}::text[]`,
  );
  const sets = columns.map(({ column, type }) => `${column} = k.c_${column}${type === 'text' ? '' : `::${type}`}`);
  if (keyHasPath) sets.push('path_id = k.new_path_id');
  return `update ${table} t set ${sets.join(', ')},
       content_hash = decode(k.hash, 'hex'), removed_at = null, last_synced_at = $3,
       updated_at = case when k.moves = 't' then $3::timestamptz else t.updated_at end,
       source_id = $1, source_config_id = $4, concept_id = $5, company_id = $6, site_id = $7, last_run_id = $2
     from unnest(${parameters.join(', ')}) as k(${lists.join(', ')})
       ${lookUp(kind, 'r.id')}
     where ${isFound}`;
}

// By the id alone, and the source in words that no index can follow: a planner that takes a source for one row, since its
// statistics do not know it yet, would else begin with all its rows and look up all keys again for each (60 s for 8,000).
const isFound = 't.id = found.id and (t.wand_source_id = $1) is true';

function updateParameters(kind: Kind, context: SaveContext, batch: readonly ChangedItem[]): unknown[] {
  return [
    context.sourceId,
    context.runId,
    context.time,
    ...ownerColumns(context),
    batch.map(({ item }) => item.externalId),
    batch.map((changed) => changed.storedPathId),
    batch.map(({ item }) => item.pathId),
    batch.map(({ hash }) => hash),
    batch.map(({ contentChanged }) => (contentChanged ? 't' : 'f')),
    ...itemTables[kind].columns.map(({ type, text }) => {
      const values = batch.map(({ item, data }) => text(item, data));
      return type === 'jsonb' ? values.join(separator) : values;
    }),
  ];
}

/** The error when rows that the plan rests on are gone: our lock keeps other syncs away, not other programs. */
export function rowsVanished(kind: Kind): TillsyncError {
  return new TillsyncError(`Another program deleted some ${kind} while they were being saved.`, {
    code: 'key_conflict',
    step: 'save',
    retry: 'later',
    hint: 'Sync again; if it happens again, find out which program deletes rows from the integration tables.',
  });
}

type Keys = readonly { externalId: string; pathId: string | null }[];

/** Marks rows removed: they stay, unavailable, until the POS brings them back. */
export async function removeItems(
  connection: Connection,
  context: SaveContext,
  of: { kind: Kind; keys: Keys },
): Promise<void> {
  const removed = await forKeys(connection, of, {
    statement: (table, match) =>
      `update ${table} t set removed_at = $4, is_available = false, updated_at = $4, last_run_id = $5
       ${match} and t.removed_at is null`,
    constants: [context.sourceId, context.time, context.runId],
  });
  if (removed !== of.keys.length) throw rowsVanished(of.kind);
}

// The row is rewritten anyway, so that its owner follows the config that saw it costs nothing more.
const ownerColumns = ({ configId, conceptId, companyId, siteId }: Owner) => [configId, conceptId, companyId, siteId];

/** The owner that the rows of a run get, as one text that can be compared. */
export function ownerOf(context: Owner): string {
  return ownerColumns(context)
    .map((part) => part ?? '')
    .join(' ');
}

/**
 * Moves last_synced_at of all live rows of the kind that this run has not written anyway. Rows without a fingerprint are
 * left alone: this run has given one to every row that it saw, so another program has just written them.
 */
export async function touchAllItems(connection: Connection, context: SaveContext, kind: Kind): Promise<void> {
  await connection.query(
    `update ${itemTables[kind].table} set last_synced_at = $2,
            source_config_id = $3, concept_id = $4, company_id = $5, site_id = $6
      where wand_source_id = $1 and removed_at is null and content_hash is not null
        and last_synced_at is distinct from $2::timestamptz`,
    [context.sourceId, context.time, ...ownerColumns(context)],
  );
}

/** Moves last_synced_at of the given rows only, when the run did not see the whole kind. */
export async function touchItems(
  connection: Connection,
  context: SaveContext,
  of: { kind: Kind; keys: Keys },
): Promise<void> {
  await forKeys(connection, of, {
    statement: (table, match) =>
      `update ${table} t set last_synced_at = $4, source_config_id = $5, concept_id = $6, company_id = $7, site_id = $8
       ${match} and t.last_synced_at is distinct from $4::timestamptz`,
    constants: [context.sourceId, context.time, ...ownerColumns(context)],
  });
}

/** Runs one statement per 1,000 keys: $1 source, $2 external ids, $3 paths, then the rest of `constants`. */
async function forKeys(
  connection: Connection,
  of: { kind: Kind; keys: Keys },
  run: { statement(table: string, match: string): string; constants: readonly unknown[] },
): Promise<number> {
  const { table } = itemTables[of.kind];
  const match = `from unnest($2::text[], $3::text[]) as k(external_id, path_id) ${lookUp(of.kind, 'r.id')}
      where ${isFound}`;
  const [sourceId, ...rest] = run.constants;
  let rows = 0;
  for (let start = 0; start < of.keys.length; start += batchSize) {
    const batch = of.keys.slice(start, start + batchSize);
    const result = await connection.query(run.statement(table, match), [
      sourceId,
      batch.map((key) => key.externalId),
      batch.map((key) => key.pathId),
      ...rest,
    ]);
    rows += result.rowCount;
  }
  return rows;
}
