// Every index of the item tables as facts from pg_index: enough to predict each ON CONFLICT failure before a write.
import type { Queryable } from '../database.ts';
import { type ItemTable, itemTables } from './key-definitions.ts';

export interface IndexFacts {
  table: ItemTable;
  name: string;
  /** Name of the constraint that owns it; null for a plain index. */
  constraint: string | null;
  primary: boolean;
  unique: boolean;
  exclusion: boolean;
  /** NULLS NOT DISTINCT; false on servers that do not know it. */
  nulls_not_distinct: boolean;
  /** False for DEFERRABLE: such a key cannot decide conflicts. */
  immediate: boolean;
  /** False where CREATE INDEX CONCURRENTLY failed; the index may still refuse rows. */
  valid: boolean;
  /** Text of a partial index's WHERE; null for a full one. */
  predicate: string | null;
  /** Key columns in index order; null stands for an expression. */
  columns: (string | null)[];
  /** INCLUDEd columns. */
  include: string[];
  method: string;
}

/** An index as the statement answers it: its columns by their numbers (0 = an expression), the keys first. */
export interface IndexRow extends Omit<IndexFacts, 'columns' | 'include'> {
  numbers: number[];
  keys: number;
  /** Names of the table's columns by their numbers. */
  names: Readonly<Record<string, string>>;
}

/**
 * A scalar subquery: a json array of rows for `indexFacts` over `$1::text[]` of table names. 14 lacks indnullsnotdistinct: there
 * the name is found outside, in `since_15`. No subquery per index: names by number are put together once per table.
 */
export const indexRowsSql = `coalesce((
  select json_agg(json_build_object(
      'table', t.relname, 'name', ic.relname, 'constraint', k.conname, 'primary', i.indisprimary,
      'unique', i.indisunique, 'exclusion', i.indisexclusion, 'nulls_not_distinct', i.nulls_not_distinct,
      'immediate', i.indimmediate, 'valid', i.indisvalid and i.indisready,
      'predicate', pg_get_expr(i.indpred, i.indrelid), 'method', am.amname,
      'numbers', i.indkey::int2[], 'keys', i.indnkeyatts, 'names', n.names) order by t.relname, ic.relname)
    from (values (false)) since_15 (indnullsnotdistinct)
    cross join lateral (
      select pg_index.*, indnullsnotdistinct as nulls_not_distinct from pg_index
       where indrelid = any(array(select to_regclass(name) from unnest($1::text[]) name))) i
    join pg_class t on t.oid = i.indrelid
    join pg_class ic on ic.oid = i.indexrelid
    join pg_am am on am.oid = ic.relam
    join (select attrelid, json_object_agg(attnum, attname) as names from pg_attribute
       where attrelid = any(array(select to_regclass(name) from unnest($1::text[]) name)) and attnum > 0 group by attrelid) n
      on n.attrelid = i.indrelid
    left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')), '[]')`;

/** What `indexRowsSql` answered, with the names of the columns. */
export function indexFacts(rows: readonly IndexRow[]): IndexFacts[] {
  return rows.map(({ numbers, keys, names, ...facts }) => {
    const columns = numbers.map((number) => names[number] ?? null);
    return { ...facts, columns: columns.slice(0, keys), include: columns.slice(keys).filter((name) => name !== null) };
  });
}

/** Reads the indexes of the item tables in one round trip; tables that do not exist have none. */
export async function readIndexes(queryable: Queryable): Promise<IndexFacts[]> {
  const { rows } = await queryable.query<{ indexes: IndexRow[] }>(`select ${indexRowsSql} as indexes`, [
    [...itemTables],
  ]);
  return indexFacts(rows[0]?.indexes ?? []);
}
