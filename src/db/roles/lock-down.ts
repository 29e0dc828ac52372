// Takes the policies and grants for everybody off an adopted database's tables; a new one never had them.
import type { Database, Queryable } from '../database.ts';
import { withShortLock } from '../keys/retry-lock.ts';
import { ourTables } from './secure-tables.ts';

export interface LockDownReport {
  dry_run: boolean;
  /** What was run, or would be, in order; empty where nothing is open. */
  statements: string[];
}

/**
 * Drops policies that are true for everybody or for roles without a name (public, anon), revokes what public, anon and
 * authenticated were granted, and puts every table of ours under our own policies: one transaction. Repeatable.
 */
export async function lockDown(database: Database, options: { dryRun: boolean }): Promise<LockDownReport> {
  return await withShortLock(database, async (connection) => {
    const statements = await readStatements(connection);
    if (!options.dryRun) for (const statement of statements) await connection.query(statement);
    return { dry_run: options.dryRun, statements };
  });
}

async function readStatements(q: Queryable): Promise<string[]> {
  const { rows } = await q.query<{ open: string[]; tables: string[]; unlocked: boolean }>(
    `with ours as (select c.oid, c.relname from pg_class c where c.oid in (select to_regclass(n) from unnest($1::text[]) n)),
     state as (select to_regclass('integration_adoption_steps') is not null and not exists (
         select from pg_class where oid = to_regclass('integration_source_configs') and relforcerowsecurity) as unlocked)
     select array(
         select format('drop policy %I on %I', p.polname, o.relname) from pg_policy p join ours o on o.oid = p.polrelid
          where (p.polname not like 'tillsync\\_%' or p.polname = 'tillsync_open')
            and (pg_get_expr(p.polqual, p.polrelid) = 'true' or pg_get_expr(p.polwithcheck, p.polrelid) = 'true'
              or 0 = any (p.polroles) or to_regrole('anon')::oid = any (p.polroles))
          order by o.relname, p.polname)
       || array(
         select format('revoke %s on %I from %s', string_agg(lower(a.privilege_type), ', ' order by a.privilege_type), o.relname,
                  case a.grantee when 0 then 'public' else quote_ident(a.grantee::regrole::text) end)
           from ours o join pg_class c on c.oid = o.oid cross join aclexplode(c.relacl) a
          where a.grantee in (0, coalesce(to_regrole('anon')::oid, 0), coalesce(to_regrole('authenticated')::oid, 0))
            -- What we let a signed-in user of Supabase read is bound to the token.
            and not (not state.unlocked and a.grantee <> 0 and a.grantee = to_regrole('authenticated')::oid
              and a.privilege_type = 'SELECT'
              and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'tillsync_authenticated'))
          group by o.relname, a.grantee order by o.relname, a.grantee) as open,
       array(select relname::text from ours order by relname) as tables,
       state.unlocked
       from state`,
    [ourTables],
  );
  const { open = [], tables = [], unlocked = false } = rows[0] ?? {};
  if (open.length === 0 && !unlocked) return [];
  return [
    ...open,
    ...(unlocked
      ? [`insert into integration_adoption_steps (step) values ('locked down') on conflict (step) do nothing`]
      : []),
    `select tillsync_secure_tables(array[${tables.map((name) => `'${name}'`).join(', ')}])`,
  ];
}
