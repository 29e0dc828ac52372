// The rows of sessions: opened, found by the digest of their token, renewed and ended.
import type { Queryable } from '../../db/database.ts';
import { isUuid, timeOf } from '../row-values.ts';
import type { RoleAt } from './user-roles.ts';

export interface NewSession {
  userId: string;
  tokenHash: Buffer;
  now: Date;
  expiresAt: Date;
  /** null = a second factor is still awaited, or there is none. */
  secondFactorAt: Date | null;
  address: string | null;
  userAgent: string | null;
}

/** Stores a session; returns its id. What ended a month ago is forgotten on the way. */
export async function insertSession(q: Queryable, session: NewSession): Promise<string> {
  const { userId, tokenHash, now, expiresAt, secondFactorAt, address, userAgent } = session;
  await q.query(
    `delete from integration_sessions where user_id = $1 and expires_at < $2::timestamptz - interval '30 days'`,
    [userId, now],
  );
  const { rows } = await q.query<{ id: string }>(
    `insert into integration_sessions
       (user_id, token_hash, created_at, last_seen_at, proved_at, second_factor_at, expires_at, address, user_agent)
     values ($1, $2, $3, $3, $3, $4, $5, $6, $7) returning id`,
    [userId, tokenHash, now, secondFactorAt, expiresAt, address, userAgent],
  );
  return rows[0]!.id;
}

/** A session that is in force, with its user and their roles as they are now. */
export interface LiveSession {
  id: string;
  userId: string;
  email: string;
  roles: RoleAt[];
  lastSeenAt: Date;
  provedAt: Date;
  expiresAt: Date;
  secondFactorAt: Date | null;
  /** Since when the user has a second factor; null = none. */
  totpConfirmedAt: Date | null;
}

/** The session behind a token's digest: not ended, not past its end, used since `idleSince`, its user not disabled. */
export async function findLiveSession(
  q: Queryable,
  of: { tokenHash: Buffer; now: Date; idleSince: Date },
): Promise<LiveSession | null> {
  const { rows } = await q.query<LiveSession>(
    `select s.id, s.user_id as "userId", u.email, s.last_seen_at as "lastSeenAt", s.proved_at as "provedAt",
            s.expires_at as "expiresAt", s.second_factor_at as "secondFactorAt", u.totp_confirmed_at as "totpConfirmedAt",
            coalesce((select jsonb_agg(jsonb_build_object('role', r.role, 'level', r.level, 'level_id', r.level_id)
                                       order by r.level, r.level_id, r.role)
                        from integration_user_roles r where r.user_id = u.id), '[]') as roles
       from integration_sessions s join integration_users u on u.id = s.user_id
      where s.token_hash = $1 and s.revoked_at is null and s.expires_at > $2 and s.last_seen_at > $3
        and u.disabled_at is null`,
    [of.tokenHash, of.now, of.idleSince],
  );
  return rows[0] ?? null;
}

/** Notes that a session is in use; of requests at the same moment only one writes. */
export async function touchSession(q: Queryable, of: { id: string; now: Date; before: Date }): Promise<void> {
  await q.query('update integration_sessions set last_seen_at = $2 where id = $1 and last_seen_at < $3', [
    of.id,
    of.now,
    of.before,
  ]);
}

/** Gives a session another token and notes what was proven; null = it has ended meanwhile. */
export async function renewSession(
  q: Queryable,
  of: { id: string; tokenHash: Buffer; provedAt: Date; secondFactorAt?: Date },
): Promise<{ expiresAt: Date; secondFactorAt: Date | null } | null> {
  const { rows } = await q.query<{ expiresAt: Date; secondFactorAt: Date | null }>(
    `update integration_sessions set token_hash = $2, proved_at = $3, last_seen_at = greatest(last_seen_at, $3),
            second_factor_at = coalesce($4, second_factor_at)
      where id = $1 and revoked_at is null
      returning expires_at as "expiresAt", second_factor_at as "secondFactorAt"`,
    [of.id, of.tokenHash, of.provedAt, of.secondFactorAt ?? null],
  );
  return rows[0] ?? null;
}

/** Ends sessions of a user: one, all but one, or all. Returns how many were in force. */
export async function endSessions(
  q: Queryable,
  of: { userId: string; now: Date; only?: string; except?: string },
): Promise<number> {
  if (of.only !== undefined && !isUuid(of.only)) return 0;
  const { rowCount } = await q.query(
    `update integration_sessions set revoked_at = $2
      where user_id = $1 and revoked_at is null and ($3::uuid is null or id = $3) and ($4::uuid is null or id <> $4)`,
    [of.userId, of.now, of.only ?? null, of.except ?? null],
  );
  return rowCount;
}

/** A session as its user sees it, in the words of the API. */
export interface SessionEntry {
  id: string;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  address: string | null;
  user_agent: string | null;
}

/** The sessions of a user that are in force, newest use first. */
export async function listSessions(
  q: Queryable,
  of: { userId: string; now: Date; idleSince: Date },
): Promise<SessionEntry[]> {
  const { rows } = await q.query<Record<'created_at' | 'last_seen_at' | 'expires_at', Date> & SessionEntry>(
    `select id, created_at, last_seen_at, expires_at, address, user_agent from integration_sessions
      where user_id = $1 and revoked_at is null and expires_at > $2 and last_seen_at > $3
      order by last_seen_at desc, id`,
    [of.userId, of.now, of.idleSince],
  );
  return rows.map((row) => ({
    ...row,
    created_at: timeOf(row.created_at),
    last_seen_at: timeOf(row.last_seen_at),
    expires_at: timeOf(row.expires_at),
  }));
}

/** From where this user came in since then, with all that was asked of them. */
export async function addressesOf(q: Queryable, userId: string | null, since: Date): Promise<string[]> {
  const { rows } = await q.query<{ address: string }>(
    `select distinct s.address from integration_sessions s join integration_users u on u.id = s.user_id
      where s.user_id = $1 and s.address is not null and s.last_seen_at > $2
        and (s.second_factor_at is not null or u.totp_confirmed_at is null)`,
    [userId, since],
  );
  return rows.map(({ address }) => address);
}
