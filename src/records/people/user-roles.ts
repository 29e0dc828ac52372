// The rows of roles: which role somebody has at which place, and whether an admin is left.
import type { Queryable } from '../../db/database.ts';
import { numberOf } from '../row-values.ts';

/** One role at one place, in the words of the API; `level_id` is null at level 'all'. */
export interface RoleAt {
  role: 'viewer' | 'operator' | 'admin';
  level: 'all' | 'concept' | 'company' | 'site';
  level_id: number | null;
}

/** The roles of a user. */
export async function readRoles(q: Queryable, userId: string): Promise<RoleAt[]> {
  const { rows } = await q.query<Omit<RoleAt, 'level_id'> & { level_id: string | null }>(
    `select role, level, level_id from integration_user_roles where user_id = $1
      order by level, level_id, role`,
    [userId],
  );
  return rows.map((row) => ({ ...row, level_id: numberOf(row.level_id) }));
}

/** Gives a user exactly these roles. */
export async function replaceRoles(
  q: Queryable,
  of: { userId: string; roles: readonly RoleAt[]; createdBy: string },
): Promise<void> {
  await q.query('delete from integration_user_roles where user_id = $1', [of.userId]);
  await q.query(
    `insert into integration_user_roles (user_id, role, level, level_id, created_by)
     select $1, r.role, r.level, r.level_id, $3
       from jsonb_to_recordset($2) as r (role text, level text, level_id bigint)
     on conflict on constraint integration_user_roles_unique do nothing`,
    [of.userId, JSON.stringify(of.roles), of.createdBy],
  );
}

/** Waits until nobody else decides who is an admin, and keeps that for this transaction. Taken before any user's lock. */
export async function lockAdmins(q: Queryable): Promise<void> {
  await q.query(`select pg_advisory_xact_lock(hashtextextended('tillsync admins', 0))`);
}

/** Whether this is a user who is no admin of everything, or no longer; of what is no user, false. */
export async function isUserWithoutAdmin(q: Queryable, id: string | null): Promise<boolean> {
  const { rows } = await q.query<{ lost: boolean }>(
    `select exists (select from integration_users u where u.id = $1 and (u.disabled_at is not null or not exists (
       select from integration_user_roles r where r.user_id = u.id and r.role = 'admin' and r.level = 'all'))) as lost`,
    [id],
  );
  return rows[0]?.lost === true;
}

/** Admins of everything who can sign in: with a password, and not disabled. */
export async function countAdmins(q: Queryable): Promise<number> {
  const { rows } = await q.query<{ count: string }>(
    `select count(*) as count from integration_users u
      where u.disabled_at is null and u.password_hash is not null
        and exists (select from integration_user_roles r where r.user_id = u.id and r.role = 'admin' and r.level = 'all')`,
  );
  return Number(rows[0]?.count);
}
