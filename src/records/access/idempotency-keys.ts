// The rows behind Idempotency-Key: who asked for what under which key, and the answer.
import type { Queryable } from '../../db/database.ts';

/** Names one request of one caller. */
export interface RequestKey {
  /** The API key's id, or 'admin'. */
  scope: string;
  /** SHA-256 of the key's text. */
  keyHash: Buffer;
  fingerprint: Buffer;
}

/** An answer as it is kept; the body is the text that was sent. */
export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What stands under a key already. */
export interface FoundRequest {
  fingerprint: Buffer;
  /** null = under way. */
  answer: StoredAnswer | null;
}

// An answer is kept for a day; a claim whose process died blocks its key for a minute (no request takes that long).
const isOver = `k.claimed_at < now() - case when k.answer is null then interval '1 minute' else interval '24 hours' end`;

/** Claims a key; null = it is taken. Removes up to 100 keys whose time is over on the way. */
export async function claimKey(q: Queryable, key: RequestKey): Promise<string | null> {
  await q.query(
    `delete from integration_idempotency_keys d using (
       select scope, key_hash from integration_idempotency_keys
        where claimed_at < now() - interval '24 hours' order by claimed_at limit 100 for update skip locked) old
      where d.scope = old.scope and d.key_hash = old.key_hash`,
  );
  const { rows } = await q.query<{ claim: string }>(
    `insert into integration_idempotency_keys as k (scope, key_hash, fingerprint, claim)
     values ($1, $2, $3, gen_random_uuid())
     on conflict (scope, key_hash) do update
        set fingerprint = excluded.fingerprint, claim = excluded.claim, claimed_at = now(), answer = null
      where ${isOver}
     returning claim`,
    [key.scope, key.keyHash, key.fingerprint],
  );
  return rows[0]?.claim ?? null;
}

/** What stands under a key; null = nothing (any more). */
export async function findKey(q: Queryable, key: RequestKey): Promise<FoundRequest | null> {
  const { rows } = await q.query<FoundRequest>(
    'select fingerprint, answer from integration_idempotency_keys where scope = $1 and key_hash = $2',
    [key.scope, key.keyHash],
  );
  return rows[0] ?? null;
}

/** Keeps the answer of a claim; nothing when the claim was taken over meanwhile. */
export async function keepAnswer(
  q: Queryable,
  of: { key: RequestKey; claim: string; answer: StoredAnswer },
): Promise<void> {
  await q.query(
    'update integration_idempotency_keys set answer = $4 where scope = $1 and key_hash = $2 and claim = $3',
    [of.key.scope, of.key.keyHash, of.claim, JSON.stringify(of.answer)],
  );
}

/** Gives a key back: the request did nothing, so it may be made again. */
export async function releaseKey(q: Queryable, of: { key: RequestKey; claim: string }): Promise<void> {
  await q.query('delete from integration_idempotency_keys where scope = $1 and key_hash = $2 and claim = $3', [
    of.key.scope,
    of.key.keyHash,
    of.claim,
  ]);
}
