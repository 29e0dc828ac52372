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
  /** Policies of others whose USING or WITH CHECK is plain true. */
  open_policies: string[];
  /** Whether row level security is on, with our policies. */
  secured: boolean;
  /** Whether row level security filters what the current user sees. */
  row_security: boolean;
}

export interface RoleFacts {
  /** Whether the migration that brings row level security is there. */
  migrated: boolean;
  /** Of tillsync_app, tillsync_worker and tillsync_reader, those that are not there. */
  missing: string[];
  /** Of tillsync_app and tillsync_worker, those that the login may not act as. */
  not_granted: string[];
  /** Item tables that tillsync_worker does not own. */
  not_owned: string[];
  /** Whether an adopted database keeps its own policies. */
  unlocked: boolean;
}

export interface Catalog {
  /** As in `show server_version`, e.g. `18.4`. */
  server_version: string;
  /** As server_version_num, e.g. 180004. */
  server_version_num: number;
  /** default_transaction_read_only, or a standby. */
  read_only: boolean;
  user: string;
  /** The login, which may act as another role now. */
  login: string;
  tables: Readonly<Record<string, TableFacts>>;
  /** What row level security needs beside the tables. */
  roles: RoleFacts;
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
  'login', session_user,
  'indexes', ${indexFactsSql},
  'roles', jsonb_build_object(
    'migrated', to_regprocedure('tillsync_secure_tables(text[])') is not null,
    'missing', (select coalesce(jsonb_agg(name order by name), '[]')
      from unnest(array['tillsync_app', 'tillsync_worker', 'tillsync_reader']) name where to_regrole(name) is null),
    'not_granted', (select coalesce(jsonb_agg(rolname order by rolname), '[]') from pg_roles
      where rolname in ('tillsync_app', 'tillsync_worker') and not pg_has_role(session_user, oid,
        case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)),
    'not_owned', (select coalesce(jsonb_agg(relname order by relname), '[]') from pg_class
      where oid in (select to_regclass(name) from unnest($1::text[]) name)
        and relowner is distinct from to_regrole('tillsync_worker')),
    'unlocked', to_regclass('integration_adoption_steps') is not null and not exists (
      select from pg_class where oid = to_regclass('integration_source_configs') and relforcerowsecurity)),
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
      where t.oid is not null and not has_table_privilege(t.oid, privilege)
        -- Nobody rewrites what was done or which migrations ran.
        and not (expected.name = 'integration_audit_log' and privilege = 'UPDATE')
        and not (expected.name = 'tillsync_migrations' and privilege <> 'SELECT')),
    'open_policies', (select coalesce(jsonb_agg(p.polname order by p.polname), '[]')
      from pg_policy p where p.polrelid = t.oid and (p.polname not like 'tillsync\\_%' or p.polname = 'tillsync_open')
        and (pg_get_expr(p.polqual, p.polrelid) = 'true' or pg_get_expr(p.polwithcheck, p.polrelid) = 'true')),
    'secured', coalesce(t.relrowsecurity and exists (
      select from pg_policy p where p.polrelid = t.oid and p.polname in ('tillsync_app_select', 'tillsync_owner')), false),
    'row_security', coalesce(t.oid is not null and row_security_active(t.oid) and not exists (
      select from pg_policy p cross join unnest(p.polroles) r
       where p.polrelid = t.oid and p.polpermissive and p.polcmd in ('*', 'r') and pg_get_expr(p.polqual, p.polrelid) = 'true'
         and (r = 0 or pg_has_role(r, 'usage'))), false)))
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
