// Rows without a key: what nothing attributes goes to the archive, the rest is filled from source_id, then from the config.
import type { Database } from '../database.ts';
import { archiveDuplicates, archiveDuplicatesSql, kindOf } from '../keys/archive-duplicates.ts';
import { type ItemTable, keyDefinitions } from '../keys/key-definitions.ts';
import { withShortLock } from '../keys/retry-lock.ts';

const effectiveSource = `coalesce(t.wand_source_id, t.source_id,
    (select c.wand_source_id from integration_source_configs c where c.id = t.source_config_id))`;

/** The statements that give every row of a table its key, in order. */
export function backfillKeysSql(table: ItemTable): string {
  return [archiveUnattributable(table), archiveDuplicatesSql(table, effectiveKey(table)), fill(table)]
    .map((statement) => `${statement};`)
    .join('\n');
}

/**
 * Gives every row of a table its key or archives it, in one transaction. Of rows that will share a key the newest stays,
 * decided before the filling, so that filling never collides.
 */
export async function backfillKeys(database: Database, table: ItemTable): Promise<void> {
  await withShortLock(database, async (connection) => {
    await connection.query(archiveUnattributable(table));
    await archiveDuplicates(connection, table, effectiveKey(table));
    await connection.query(fill(table));
  });
}

function effectiveKey(table: ItemTable): string[] {
  const key = keyDefinitions.find((definition) => definition.table === table && !definition.twin);
  return (key?.columns ?? []).map((column) => (column === 'wand_source_id' ? effectiveSource : column));
}

function fill(table: ItemTable): string {
  return `update ${table} t set wand_source_id = ${effectiveSource}, source_id = ${effectiveSource}
  where t.wand_source_id is null`;
}

function archiveUnattributable(table: ItemTable): string {
  const pathId = table === 'integration_discounts' ? 'null' : 'gone.path_id';
  return `with gone as (
  delete from ${table} t where t.external_id is null or ${effectiveSource} is null returning t.*
)
insert into integration_items_archive (kind, reason, wand_source_id, source_config_id, external_id, path_id, item)
select '${kindOf(table)}', case when gone.external_id is null then 'without external_id' else 'unattributable' end,
       gone.wand_source_id, gone.source_config_id, gone.external_id, ${pathId}, to_jsonb(gone)
from gone`;
}
