// Everything the doctor asks the system catalogs, in one round trip and without reading a row of data.
import type { Queryable } from '../database.ts';
import { itemTables } from '../keys/key-definitions.ts';
import { type IndexFacts, indexFactsSql } from '../keys/read-indexes.ts';
import { expectedColumns } from './expected-tables.ts';

export interface ColumnFacts {
  type: string;
  not_null: boolean;
}

export interface TableFacts {
  exists: boolean;
  columns: Readonly<Record<string, ColumnFacts>>;
  /** CHECK constraints. */
  checks: { name: string; definition: string; valid: boolean }[];
  triggers: { name: string; enabled: boolean }[];
  /** Of SELECT, INSERT and UPDATE, those that the current user lacks. */
  missing_privileges: string[];
  /** Policies whose USING or WITH CHECK is plain true. */
  open_policies: string[];
  /** Whether row level security filters what the current user sees. */
  row_security: boolean;
}

export interface Catalog {
  /** As in `show server_version`, e.g. `18.4`. */
  server_version: string;
  /** As server_version_num, e.g. 180004. */
  server_version_num: number;
  /** default_transaction_read_only, or a standby. */
  read_only: boolean;
  user: string;
  tables: Readonly<Record<string, TableFacts>>;
  /** Names of the `_current` and `_by_site` views that are not there. */
  missing_views: string[];
  indexes: IndexFacts[];
}

const catalogSql = `
select jsonb_build_object(
  'server_version', split_part(current_setting('server_version'), ' ', 1),
  'server_version_num', current_setting('server_version_num')::int,
  'read_only', current_setting('transaction_read_only') = 'on',
  'user', current_user,
  'indexes', ${indexFactsSql},
  'missing_views', (select coalesce(jsonb_agg(name), '[]') from unnest($1::text[]) item
    cross join lateral (values (item || '_current'), (item || '_by_site')) v (name) where to_regclass(v.name) is null),
  'tables', (select jsonb_object_agg(expected.name, jsonb_build_object(
    'exists', t.oid is not null,
    'columns', (select coalesce(jsonb_object_agg(a.attname, jsonb_build_object(
        'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull)), '{}')
      from pg_attribute a where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped),
    'checks', (select coalesce(jsonb_agg(jsonb_build_object(
        'name', k.conname, 'definition', pg_get_constraintdef(k.oid, true), 'valid', k.convalidated)), '[]')
      from pg_constraint k where k.conrelid = t.oid and k.contype = 'c'),
    'triggers', (select coalesce(jsonb_agg(jsonb_build_object('name', g.tgname, 'enabled', g.tgenabled in ('O', 'A'))), '[]')
      from pg_trigger g where g.tgrelid = t.oid and not g.tgisinternal),
    'missing_privileges', (select coalesce(jsonb_agg(privilege order by privilege), '[]')
      from unnest(array['SELECT', 'INSERT', 'UPDATE']) privilege
      where t.oid is not null and not has_table_privilege(t.oid, privilege)),
    'open_policies', (select coalesce(jsonb_agg(p.polname order by p.polname), '[]')
      from pg_policy p where p.polrelid = t.oid
        and (pg_get_expr(p.polqual, p.polrelid) = 'true' or pg_get_expr(p.polwithcheck, p.polrelid) = 'true')),
    'row_security', coalesce(t.oid is not null and row_security_active(t.oid), false)))
    from unnest($2::text[]) as expected (name)
    left join pg_class t on t.oid = to_regclass(expected.name))) as catalog`;

/** Reads the catalog facts of our tables; also on servers that tillsync refuses. */
export async function readCatalog(queryable: Queryable): Promise<Catalog> {
  const { rows } = await queryable.query<{ catalog: Catalog }>(catalogSql, [
    [...itemTables],
    Object.keys(expectedColumns),
  ]);
  const catalog = rows[0]?.catalog;
  if (!catalog) throw new Error('the catalog query returned no row');
  return catalog;
}
