// After migrations: the tables that they made come under row level security, whoever forgot to say so in a file.
import type { Database, Queryable } from '../database.ts';
import { itemTables } from '../keys/key-definitions.ts';
import { type LockPatience, withShortLock } from '../keys/retry-lock.ts';
import expectedColumns from '../schema/expected-columns.json' with { type: 'json' };

/** Every table of ours, also the journal of an adoption, which a new database has not. */
export const ourTables: readonly string[] = [...Object.keys(expectedColumns), 'integration_adoption_steps'];

/** Secures those of our tables that are not yet, and opens views and functions that were made anew to our roles; does nothing before the migration that brings row level security. */
export async function secureTables(
  database: Database,
  tableLock?: Pick<LockPatience, 'lockTimeout' | 'tries'>,
): Promise<void> {
  const bare = await readBare(database);
  if (bare === null) return;
  await withShortLock(
    database,
    (connection) => connection.query('select tillsync_secure_tables($1)', [bare]),
    tableLock ?? {},
  );
}

/** Whether `secureTables` has nothing to do. One query. */
export async function areTablesSecured(queryable: Queryable): Promise<boolean> {
  return (await readBare(queryable)) === null;
}

// The tables without row level security, perhaps none when only views or functions are closed; null = all is well.
async function readBare(queryable: Queryable): Promise<string[] | null> {
  const { rows } = await queryable.query<{ bare: string[]; closed: boolean | null }>(
    `select array(select relname::text from pg_class where oid in (select to_regclass(n) from unnest($1::text[]) n)
        and not relrowsecurity order by 1) as bare,
        exists (select from pg_class v, unnest($2::text[]) item
           where v.oid in (to_regclass(item || '_current'), to_regclass(item || '_by_site'))
             and not has_table_privilege(r.oid, v.oid, 'select'))
        or not has_function_privilege(w.oid, to_regprocedure('tillsync_delete_old_audit(integer, integer)'), 'execute') as closed
       from (select max(oid) as oid from pg_roles where rolname = 'tillsync_app') r,
            (select max(oid) as oid from pg_roles where rolname = 'tillsync_worker') w
      where to_regprocedure('tillsync_secure_tables(text[])') is not null`,
    [ourTables, itemTables],
  );
  const { bare = [], closed = false } = rows[0] ?? {};
  return bare.length === 0 && closed !== true ? null : bare;
}
