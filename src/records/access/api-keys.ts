// The rows of API keys: only digests are stored, never a key.
import type { Queryable } from '../../db/database.ts';

/** Stores a new key by the SHA-256 of its text; returns its id. */
export async function insertApiKey(
  q: Queryable,
  key: { name: string; prefix: string; digest: Buffer; createdBy: string },
): Promise<string> {
  const { rows } = await q.query<{ id: string }>(
    `insert into integration_api_keys (name, prefix, key_hash, created_by) values ($1, $2, $3, $4) returning id`,
    [key.name, key.prefix, key.digest, key.createdBy],
  );
  return rows[0]!.id;
}

/** A key that may be used now, by its digest; null = unknown, revoked or expired. */
export async function findUsableApiKey(
  q: Queryable,
  digest: Buffer,
): Promise<{ id: string; name: string; touchDue: boolean } | null> {
  const { rows } = await q.query<{ id: string; name: string; touch_due: boolean }>(
    `select id, name, coalesce(last_used_at < now() - interval '1 minute', true) as touch_due
       from integration_api_keys
      where key_hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    [digest],
  );
  const row = rows[0];
  return row ? { id: row.id, name: row.name, touchDue: row.touch_due } : null;
}

/** Notes that a key is in use; of callers at the same moment only one writes. */
export async function touchApiKey(q: Queryable, keyId: string): Promise<void> {
  await q.query(
    `update integration_api_keys set last_used_at = now()
      where id = $1 and coalesce(last_used_at < now() - interval '1 minute', true)`,
    [keyId],
  );
}

/** Whether any key may be used now: without one, `start` prints a first key. */
export async function hasUsableApiKey(q: Queryable): Promise<boolean> {
  const { rows } = await q.query<{ found: boolean }>(
    `select exists (select from integration_api_keys
       where revoked_at is null and (expires_at is null or expires_at > now())) as found`,
  );
  return rows[0]?.found === true;
}
