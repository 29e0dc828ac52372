// The rows of access tokens: what is stored of them and in which form; who renews them is token-store.ts.
import type { Database, Queryable } from '../../db/database.ts';
import { type Retry, TillsyncError } from '../../errors.ts';
import type { IssuedToken, TokenOwner } from '../../net/manners/token-store.ts';

/** Encryption of one text for one config and field; the vault's, handed in by sync/. */
export interface Sealing {
  encrypt(configId: string, field: string, value: string): Promise<string>;
  decrypt(configId: string, field: string, stored: string): Promise<string>;
}

export interface TokenRow {
  grant_encrypted: string | null;
  access_encrypted: string | null;
  refresh_encrypted: string | null;
  is_due: boolean;
  version: string;
  failure: Failure | null;
  /** Whether the failure came after the moment at which we asked. */
  failed_since: boolean;
}

/** The last failure, as far as it is told to others. */
export interface Failure {
  code: string;
  message: string;
  hint: string;
  retry: Retry;
}

/** The row of a token; null = there never was one. `since` decides which failures count as new. */
export async function readRow(
  q: Queryable,
  { configId, origin }: TokenOwner,
  { since, lock }: { since: string | null; lock: boolean },
): Promise<TokenRow | null> {
  const { rows } = await q.query<TokenRow>(
    `select grant_encrypted, access_encrypted, refresh_encrypted, version::text, failure,
            coalesce(renew_at <= clock_timestamp(), false) as is_due,
            coalesce(failed_at >= $3::timestamptz, false) as failed_since
       from integration_access_tokens where config_id = $1 and origin = $2 ${lock ? 'for update' : ''}`,
    [configId, origin, since],
  );
  return rows[0] ?? null;
}

/**
 * Writes down that the POS is about to be asked, and returns when an attempt with these credentials that never ended was
 * begun; null = there is none. For the holder of the token's row lock only, on another connection, so that it stays when
 * the holder dies.
 */
export async function beginAttempt(
  database: Database,
  { configId, origin, grant }: TokenOwner,
  sealing: Sealing,
): Promise<Date | null> {
  const { rows } = await database.query<{ started_at: Date; grant_encrypted: string }>(
    'select started_at, grant_encrypted from integration_token_attempts where config_id = $1 and origin = $2',
    [configId, origin],
  );
  const [before] = rows;
  if (before && (await sealing.decrypt(configId, 'token_grant', before.grant_encrypted)) === grant)
    return before.started_at;
  await database.query(
    `insert into integration_token_attempts (config_id, origin, started_at, grant_encrypted)
     values ($1, $2, clock_timestamp(), $3)
     on conflict (config_id, origin) do update
       set started_at = excluded.started_at, grant_encrypted = excluded.grant_encrypted`,
    [configId, origin, await sealing.encrypt(configId, 'token_grant', grant)],
  );
  return null;
}

/** Nothing of the attempt can be lost any more. */
export async function endAttempt(q: Queryable, { configId, origin }: TokenOwner): Promise<void> {
  await q.query('delete from integration_token_attempts where config_id = $1 and origin = $2', [configId, origin]);
}

interface Writing {
  q: Queryable;
  owner: TokenOwner;
}

/**
 * Stores a token over this version; does nothing where somebody stored another meanwhile. It is due one minute before it
 * expires, or a tenth of its life where that is short.
 */
export async function writeToken(
  sealing: Sealing,
  { q, owner, token, version }: Writing & { token: IssuedToken; version: string },
): Promise<void> {
  const { configId, origin, grant } = owner;
  const seal = (field: string, value: string) => sealing.encrypt(configId, field, value);
  const life = token.lifeSeconds;
  await q.query(
    `update integration_access_tokens
        set grant_encrypted = $3, access_encrypted = $4, refresh_encrypted = $5,
            renew_at = clock_timestamp() + make_interval(secs => $6), version = version + 1, failed_at = null, failure = null
      where config_id = $1 and origin = $2 and version = $7`,
    [
      configId,
      origin,
      await seal('token_grant', grant),
      await seal('access_token', token.accessToken),
      token.refreshToken === null ? null : await seal('refresh_token', token.refreshToken),
      life === null ? null : life - Math.min(60, life / 10),
      version,
    ],
  );
  await endAttempt(q, owner);
}

/** Kept for those who waited for the lock, and, if it is final, for everybody. Tokens of other credentials go with it. */
export async function writeFailure(
  sealing: Sealing,
  { q, owner, failed, sameGrant }: Writing & { failed: TillsyncError; sameGrant: boolean },
): Promise<void> {
  const { configId, origin, grant } = owner;
  const { code, message, hint, retry } = failed;
  // Final is only what the POS said of the credentials; a wrong address can be mended without new ones.
  const isFinal = isRefusal(failed) || code === 'token_refresh_lost';
  const failure: Failure = { code, message, hint, retry: isFinal ? 'no' : retry === 'no' ? 'later' : retry };
  await q.query(
    `update integration_access_tokens
        set failed_at = clock_timestamp(), failure = $3, grant_encrypted = $4,
            access_encrypted = case when $5 then access_encrypted end,
            refresh_encrypted = case when $5 then refresh_encrypted end
      where config_id = $1 and origin = $2`,
    [configId, origin, JSON.stringify(failure), await sealing.encrypt(configId, 'token_grant', grant), sameGrant],
  );
}

/** The POS said no to the credentials. */
export function isRefusal(error: unknown): boolean {
  return error instanceof TillsyncError && error.code === 'token_refused';
}
