// Rows that share a key: the newest stays, the others move to integration_items_archive with the reason.
import type { Connection } from '../database.ts';
import { type ItemTable, quoteName } from './key-definitions.ts';

export interface ArchiveReport {
  archived: number;
  /** Rows of other tables that pointed at an archived row and now point at the one that stayed. */
  repointed: number;
}

/**
 * The statement that archives the losers of each key. NULLs are equal here, as in the key (NULLS NOT DISTINCT). The
 * newest last_synced_at stays, then the newest updated_at, then the highest id. A key column may also be given as SQL
 * over the alias `t`: what it will be once a backfill has filled it.
 */
export function archiveDuplicatesSql(table: ItemTable, keyColumns: readonly string[]): string {
  const pathId = table === 'integration_discounts' ? 'null' : 'gone.path_id';
  return `with losers as (
  ${rankedSql(table, keyColumns)}
), gone as (
  delete from ${table} t using losers where t.id = losers.id returning t.*, losers.winner as tillsync_winner
)
insert into integration_items_archive (kind, reason, wand_source_id, source_config_id, external_id, path_id, item)
select '${kindOf(table)}', 'duplicate of ' || gone.tillsync_winner, gone.wand_source_id, gone.source_config_id,
       gone.external_id, ${pathId}, to_jsonb(gone) - 'tillsync_winner'
from gone`;
}

/** Archives the losers of each key and re-points foreign keys at the rows that stayed; the caller's transaction. */
export async function archiveDuplicates(
  connection: Connection,
  table: ItemTable,
  keyColumns: readonly string[],
): Promise<ArchiveReport> {
  let repointed = 0;
  for (const reference of await references(connection, table)) {
    // A cascading foreign key would delete the rows that point at a loser, a plain one would refuse the move.
    const { rowCount } = await connection.query(
      `with losers as (${rankedSql(table, keyColumns)})
       update ${reference.table} r set ${reference.column} = losers.winner from losers where r.${reference.column} = losers.id`,
    );
    repointed += rowCount;
  }
  const { rowCount } = await connection.query(archiveDuplicatesSql(table, keyColumns));
  return { archived: rowCount, repointed };
}

/** `products`, `modifiers` or `discounts`: the kind of the table's items as the archive names it. */
export function kindOf(table: ItemTable): string {
  return table.slice('integration_'.length);
}

/** A query of (id, winner) for every row that loses its key. */
function rankedSql(table: ItemTable, keyColumns: readonly string[]): string {
  const partition = keyColumns.map((column) => (/^\w+$/.test(column) ? `t.${column}` : column)).join(', ');
  return `select id, winner from (
    select t.id, row_number() over newest as place, first_value(t.id) over newest as winner
      from ${table} t
      window newest as (partition by ${partition}
        order by t.last_synced_at desc nulls last, t.updated_at desc nulls last, t.id desc)
  ) ranked where place > 1`;
}

async function references(connection: Connection, table: ItemTable): Promise<{ table: string; column: string }[]> {
  const { rows } = await connection.query<{ table: string; column: string }>(
    `select k.conrelid::regclass::text as table, a.attname as column
       from pg_constraint k
       join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
       join pg_attribute target on target.attrelid = k.confrelid and target.attnum = k.confkey[1]
      where k.contype = 'f' and k.confrelid = $1::regclass and cardinality(k.conkey) = 1 and target.attname = 'id'
        and k.conparentid = 0`,
    [table],
  );
  return rows.map((row) => ({ table: row.table, column: quoteName(row.column) }));
}
