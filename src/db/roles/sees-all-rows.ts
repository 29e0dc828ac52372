// Whether the current role sees every row of our tables, by the catalogs.
import type { Queryable } from '../database.ts';
import { ourTables } from './secure-tables.ts';

/**
 * True where row level security does not bind the role, or where a policy of its own is true for every row and no
 * restrictive one takes anything away.
 */
export async function seesAllRows(queryable: Queryable): Promise<boolean> {
  const { rows } = await queryable.query<{ all: boolean }>(
    `select not exists (
       select from pg_class t
        where t.oid in (select to_regclass(n) from unnest($1::text[]) n) and row_security_active(t.oid)
          and (exists (select from pg_policy p where p.polrelid = t.oid and not p.polpermissive and p.polname not like 'tillsync\\_%')
            or not exists (select from pg_policy p cross join unnest(p.polroles) r
                 where p.polrelid = t.oid and p.polpermissive and p.polcmd in ('*', 'r')
                   and pg_get_expr(p.polqual, p.polrelid) = 'true' and (r = 0 or pg_has_role(r, 'usage'))))) as all`,
    [ourTables],
  );
  return rows[0]?.all === true;
}
