// Whether row level security binds the statements of a pool, and what to say where it does not.
import { TillsyncError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { roleSql } from './database-roles.ts';

/** One sentence on why row level security does not bind this process or its callers; null where it does. */
export async function rowSecurityGap(database: Database): Promise<string | null> {
  const { rows } = await database.query<{
    role: string;
    lifts: boolean;
    may_work: boolean;
    may_call: boolean;
  }>(
    `select current_user as role, rolsuper or rolbypassrls as lifts,
            ${roleSql('tillsync_worker', database.serverVersion)} is not null as may_work,
            ${roleSql('tillsync_app', database.serverVersion)} is not null as may_call
       from pg_roles where rolname = current_user`,
  );
  const found = rows[0];
  if (found === undefined || (found.role === 'tillsync_worker' && found.may_call)) return null;
  if (found.lifts) {
    return `tillsync works as ${found.role}, a role that row level security does not bind (a superuser, or one with BYPASSRLS), and cannot act as tillsync_worker instead.`;
  }
  if (!found.may_call) {
    return `The login ${found.role} may not act as tillsync_app, so users and keys with a limited scope are refused.`;
  }
  // It owns the tables: everything is done, with more rights than the work needs.
  return null;
}

/** The refusal that TILLSYNC_REQUIRE_ROW_SECURITY asks for. */
export function rowSecurityMissing(gap: string): TillsyncError {
  return new TillsyncError(gap, {
    code: 'row_security_missing',
    step: 'sync',
    effect: 'Nothing was started.',
    hint: 'Run `tillsync verify`: it prints the SQL that makes the roles and grants them. Or unset TILLSYNC_REQUIRE_ROW_SECURITY.',
    exitCode: 2,
  });
}
