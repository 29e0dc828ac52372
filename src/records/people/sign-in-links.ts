// The rows of links that work once: only digests of their tokens are stored.
import type { Queryable } from '../../db/database.ts';

export type LinkPurpose = 'first_admin' | 'invitation' | 'new_password';

/** A link that can be used now, with the user it is for; null = the first admin, who is not there yet. */
export interface UsableLink {
  id: string;
  purpose: LinkPurpose;
  userId: string | null;
  email: string | null;
  name: string | null;
}

/** Stores a link. A user has one at a time: earlier ones end. Expired ones are forgotten on the way. */
export async function insertLink(
  q: Queryable,
  link: {
    purpose: LinkPurpose;
    tokenHash: Buffer;
    userId: string | null;
    now: Date;
    expiresAt: Date;
    createdBy: string;
  },
): Promise<void> {
  await q.query(
    `delete from integration_sign_in_links where (used_at is null and user_id = $1) or expires_at < $2::timestamptz - interval '30 days'`,
    [link.userId, link.now],
  );
  await q.query(
    `insert into integration_sign_in_links (purpose, token_hash, user_id, created_at, expires_at, created_by)
     values ($1, $2, $3, $4, $5, $6)`,
    [link.purpose, link.tokenHash, link.userId, link.now, link.expiresAt, link.createdBy],
  );
}

/** The link behind a token's digest, if it can be used now. */
export async function findUsableLink(q: Queryable, tokenHash: Buffer, now: Date): Promise<UsableLink | null> {
  const { rows } = await q.query<UsableLink>(
    `select l.id, l.purpose, l.user_id as "userId", u.email, u.name
       from integration_sign_in_links l left join integration_users u on u.id = l.user_id
      where l.token_hash = $1 and l.used_at is null and l.expires_at > $2 and u.disabled_at is null`,
    [tokenHash, now],
  );
  return rows[0] ?? null;
}

/** Uses a link up; false = somebody was quicker, or it has ended. */
export async function takeLink(q: Queryable, id: string, now: Date): Promise<boolean> {
  const { rowCount } = await q.query(
    'update integration_sign_in_links set used_at = $2 where id = $1 and used_at is null and expires_at > $2',
    [id, now],
  );
  return rowCount === 1;
}

/** Ends every link that is still open: of one user, or (null) of the first admin. */
export async function endLinks(q: Queryable, userId: string | null): Promise<void> {
  await q.query(
    'delete from integration_sign_in_links where used_at is null and user_id is not distinct from $1::uuid',
    [userId],
  );
}
