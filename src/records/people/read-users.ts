// Users as lists show them: never a hash or a secret, only whether there is one.
import type { Queryable } from '../../db/database.ts';
import { type Page, type PageRequest, pageLimit, pageOf, readCursor, writeCursor } from '../cursor.ts';
import { timeOf } from '../row-values.ts';
import type { RoleAt } from './user-roles.ts';

/** A user for callers, in the words of the API. */
export interface UserEntry {
  id: string;
  email: string;
  name: string;
  disabled: boolean;
  has_password: boolean;
  has_second_factor: boolean;
  roles: RoleAt[];
  last_sign_in_at: string | null;
  created_at: string;
}

interface EntryRow extends Omit<UserEntry, 'last_sign_in_at' | 'created_at'> {
  last_sign_in_at: Date | null;
  created_at: Date;
  sorted: string;
}

const entries = `
  select u.id, u.email, u.name, u.disabled_at is not null as disabled, u.password_hash is not null as has_password,
         u.totp_confirmed_at is not null as has_second_factor, u.last_sign_in_at, u.created_at, lower(u.email) as sorted,
         coalesce((select jsonb_agg(jsonb_build_object('role', r.role, 'level', r.level, 'level_id', r.level_id)
                                    order by r.level, r.level_id, r.role)
                     from integration_user_roles r where r.user_id = u.id), '[]') as roles
    from integration_users u`;

/** Users in the order of their e-mails; 100 a page unless asked otherwise. Throws cursor_invalid, limit_invalid. */
export async function listUsers(q: Queryable, filter: PageRequest = {}): Promise<Page<UserEntry>> {
  const limit = pageLimit(filter, 100);
  const after = readCursor(filter.cursor, 1);
  const { rows } = await q.query<EntryRow>(
    `${entries} where $1::text is null or lower(u.email) > $1 order by lower(u.email) limit $2`,
    [after?.[0] ?? null, limit + 1],
  );
  const page = pageOf(rows, limit, (last) => writeCursor([last.sorted]));
  return { data: page.data.map(entryOf), next: page.next };
}

/** One user by id or e-mail; null = there is none. */
export async function readUser(q: Queryable, idOrEmail: string): Promise<UserEntry | null> {
  const { rows } = await q.query<EntryRow>(`${entries} where u.id::text = lower($1) or lower(u.email) = lower($1)`, [
    idOrEmail,
  ]);
  return rows[0] ? entryOf(rows[0]) : null;
}

function entryOf({ sorted: _, ...row }: EntryRow): UserEntry {
  return { ...row, last_sign_in_at: timeOf(row.last_sign_in_at), created_at: timeOf(row.created_at) };
}
