// The rows of users: who they are, their password's hash, and whether they may sign in.
import type { Queryable } from '../../db/database.ts';
import { isUuid } from '../row-values.ts';

/** A user as the rooms of access need it; never shown to callers. */
export interface User {
  id: string;
  email: string;
  name: string;
  /** null = no password was set yet. */
  passwordHash: string | null;
  /** The TOTP secret, encrypted; in force since `totpConfirmedAt`. */
  totpEncrypted: string | null;
  totpConfirmedAt: Date | null;
  disabledAt: Date | null;
}

interface UserRow {
  id: string;
  email: string;
  name: string;
  password_hash: string | null;
  totp_encrypted: string | null;
  totp_confirmed_at: Date | null;
  disabled_at: Date | null;
}

const columns = 'id, email, name, password_hash, totp_encrypted, totp_confirmed_at, disabled_at';

/** The user with this e-mail, whatever its case; null = none. */
export async function findUserByEmail(q: Queryable, email: string): Promise<User | null> {
  const { rows } = await q.query<UserRow>(
    `select ${columns} from integration_users where lower(email) = lower($1::text)`,
    [email],
  );
  return rows[0] ? userOf(rows[0]) : null;
}

/** A user, locked until the transaction ends: whoever changes one takes this lock before those of what hangs on it. */
export async function lockUser(q: Queryable, userId: string): Promise<User | null> {
  if (!isUuid(userId)) return null;
  const { rows } = await q.query<UserRow>(`select ${columns} from integration_users where id = $1 for update`, [
    userId,
  ]);
  return rows[0] ? userOf(rows[0]) : null;
}

/** Adds a user without a password; null = the e-mail is taken. */
export async function insertUser(
  q: Queryable,
  user: { email: string; name: string; createdBy: string },
): Promise<string | null> {
  const { rows } = await q.query<{ id: string }>(
    `insert into integration_users (email, name, created_by) values ($1, $2, $3)
     on conflict (lower(email)) do nothing returning id`,
    [user.email, user.name, user.createdBy],
  );
  return rows[0]?.id ?? null;
}

/** Changes what a user is called; false = the e-mail is taken by somebody else. */
export async function renameUser(q: Queryable, user: { id: string; email: string; name: string }): Promise<boolean> {
  // Asked first: a unique key that fires would end the transaction. Who adds the same e-mail at this moment makes it fire.
  const { rows } = await q.query<{ taken: boolean }>(
    `select exists (select from integration_users where lower(email) = lower($1::text) and id <> $2) as taken`,
    [user.email, user.id],
  );
  if (rows[0]?.taken === true) return false;
  await q.query('update integration_users set email = $2, name = $3, updated_at = now() where id = $1', [
    user.id,
    user.email,
    user.name,
  ]);
  return true;
}

/** Sets the hash of a password. */
export async function setPasswordHash(q: Queryable, of: { userId: string; hash: string; now: Date }): Promise<void> {
  await q.query(
    `update integration_users set password_hash = $2, password_set_at = $3, updated_at = now() where id = $1`,
    [of.userId, of.hash, of.now],
  );
}

/** Takes or gives back the right to sign in; null = may. */
export async function setDisabled(q: Queryable, userId: string, disabledAt: Date | null): Promise<void> {
  await q.query('update integration_users set disabled_at = $2, updated_at = now() where id = $1', [
    userId,
    disabledAt,
  ]);
}

/** Notes that somebody came in. */
export async function noteSignIn(q: Queryable, userId: string, now: Date): Promise<void> {
  await q.query('update integration_users set last_sign_in_at = $2 where id = $1', [userId, now]);
}

/** Deletes a user with roles, sessions, links and codes; what they did stays in history and audit log by name. */
export async function deleteUser(q: Queryable, userId: string): Promise<void> {
  await q.query('delete from integration_users where id = $1', [userId]);
}

function userOf(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    passwordHash: row.password_hash,
    totpEncrypted: row.totp_encrypted,
    totpConfirmedAt: row.totp_confirmed_at,
    disabledAt: row.disabled_at,
  };
}
