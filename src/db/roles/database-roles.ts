// The roles that statements run as, and how a connection takes one: only where the login may, and the database is made for it.
import { TillsyncError } from '../../errors.ts';

/** tillsync_app: callers, bound to their claims. tillsync_worker: the engine, which serves all tenants and owns the items. */
export type Role = 'tillsync_app' | 'tillsync_worker';

// What shows that this database, and not only another one of the same cluster, was migrated for the role.
const madeFor: Readonly<Record<Role, string>> = {
  tillsync_app: `to_regprocedure('tillsync_all()') is not null`,
  tillsync_worker: `exists (select from pg_class where oid = to_regclass('integration_products') and relowner = r.oid)`,
};

/**
 * SQL expression: the role's name where the session's login may take it, else null. Being a member is enough until 15;
 * from 16 on a membership may be without SET.
 */
export function roleSql(role: Role, serverVersion?: number): string {
  const may = (privilege: string) => `pg_has_role(session_user, r.oid, ${privilege})`;
  const known = serverVersion === undefined ? null : serverVersion >= 160000 ? `'set'` : `'member'`;
  const privilege =
    known ?? `case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end`;
  return `(select r.rolname::text from pg_roles r where r.rolname = '${role}' and ${may(privilege)} and ${madeFor[role]})`;
}

/** The login cannot take the role, so nothing in the database keeps a caller inside a scope. */
export function missingRole(role: Role): TillsyncError {
  return new TillsyncError(`The database cannot keep this caller inside its scope: the login may not act as ${role}.`, {
    code: 'row_security_missing',
    step: 'validation',
    effect: 'Nothing was read and nothing was changed.',
    hint: 'Run `tillsync verify`: it prints the SQL that makes the roles and grants them to this login.',
    exitCode: 2,
    facts: { role },
  });
}
