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

/** A scalar subquery: a jsonb array of IndexFacts over `$1::text[]` of table names. indnullsnotdistinct is read through jsonb, since 14 lacks it. */
export const indexFactsSql = `coalesce((
  select jsonb_agg(jsonb_build_object(
      'table', t.relname, 'name', ic.relname, 'constraint', k.conname, 'primary', i.indisprimary,
      'unique', i.indisunique, 'exclusion', i.indisexclusion,
      'nulls_not_distinct', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
      'immediate', i.indimmediate, 'valid', i.indisvalid and i.indisready,
      'predicate', pg_get_expr(i.indpred, i.indrelid), 'method', am.amname,
      'columns', (select coalesce(jsonb_agg(a.attname order by p.n), '[]')
        from unnest(i.indkey::int2[]) with ordinality p (attnum, n)
        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = p.attnum and p.attnum <> 0
        where p.n <= i.indnkeyatts),
      'include', (select coalesce(jsonb_agg(a.attname order by p.n), '[]')
        from unnest(i.indkey::int2[]) with ordinality p (attnum, n)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = p.attnum
        where p.n > i.indnkeyatts)) order by t.relname, ic.relname)
    from pg_index i
    join pg_class t on t.oid = i.indrelid
    join pg_class ic on ic.oid = i.indexrelid
    join pg_am am on am.oid = ic.relam
    left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')
    where t.oid in (select to_regclass(name) from unnest($1::text[]) name)), '[]')`;

/** Reads the indexes of the item tables in one round trip; tables that do not exist have none. */
export async function readIndexes(queryable: Queryable): Promise<IndexFacts[]> {
  const { rows } = await queryable.query<{ indexes: IndexFacts[] }>(`select ${indexFactsSql} as indexes`, [
    [...itemTables],
  ]);
  return rows[0]?.indexes ?? [];
}
