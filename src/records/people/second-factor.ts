// The rows of second factors: the encrypted secret, the last step that was taken, and the digests of recovery codes.
import type { Queryable } from '../../db/database.ts';

/** Keeps a secret that is not in force before it is confirmed. */
export async function keepSecret(q: Queryable, userId: string, encrypted: string): Promise<void> {
  await q.query(
    `update integration_users set totp_encrypted = $2, totp_confirmed_at = null, totp_last_step = null, updated_at = now()
      where id = $1`,
    [userId, encrypted],
  );
}

/** Puts the kept secret in force; its first code, of `step`, is taken. */
export async function confirmSecret(q: Queryable, of: { userId: string; step: number; now: Date }): Promise<void> {
  await q.query(
    'update integration_users set totp_confirmed_at = $2, totp_last_step = $3, updated_at = now() where id = $1',
    [of.userId, of.now, of.step],
  );
}

/** Takes the code of a step once; false = it, or a later one, was taken already. */
export async function takeStep(q: Queryable, userId: string, step: number): Promise<boolean> {
  const { rowCount } = await q.query(
    `update integration_users set totp_last_step = $2
      where id = $1 and totp_confirmed_at is not null and coalesce(totp_last_step < $2, true)`,
    [userId, step],
  );
  return rowCount === 1;
}

/** Forgets the second factor and its recovery codes. */
export async function removeFactor(q: Queryable, userId: string): Promise<void> {
  await q.query(
    `update integration_users set totp_encrypted = null, totp_confirmed_at = null, totp_last_step = null, updated_at = now()
      where id = $1`,
    [userId],
  );
  await q.query('delete from integration_recovery_codes where user_id = $1', [userId]);
}

/** Replaces the recovery codes. */
export async function replaceRecoveryCodes(q: Queryable, userId: string, digests: readonly Buffer[]): Promise<void> {
  await q.query('delete from integration_recovery_codes where user_id = $1', [userId]);
  await q.query('insert into integration_recovery_codes (user_id, code_hash) select $1, unnest($2::bytea[])', [
    userId,
    digests,
  ]);
}

/** Takes a recovery code once; false = unknown, or taken already. */
export async function takeRecoveryCode(
  q: Queryable,
  of: { userId: string; digest: Buffer; now: Date },
): Promise<boolean> {
  const { rowCount } = await q.query(
    `update integration_recovery_codes set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null`,
    [of.userId, of.digest, of.now],
  );
  return rowCount === 1;
}
