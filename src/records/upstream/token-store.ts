// Access tokens, kept encrypted and renewed by one worker: a row lock around the request, over one config's request only.
import type { Database, Queryable } from '../../db/database.ts';
import { TillsyncError } from '../../errors.ts';
import type { IssuedToken, Renewal, TokenOwner, TokenStore } from '../../net/manners/token-store.ts';
import { withRetries } from '../../net/retries.ts';
import {
  beginAttempt,
  endAttempt,
  type Failure,
  isRefusal,
  readRow,
  type Sealing,
  type TokenRow,
  writeFailure,
  writeToken,
} from './token-rows.ts';

/** Seconds that a request for a token may wait for its turn, and within which it has ended then. */
export const tokenTurnSeconds = 5;
export const tokenDeadlineSeconds = 30;
/** A waiter gives the holder of the lock longer than that. */
const lockSeconds = tokenTurnSeconds + tokenDeadlineSeconds + 15;

/** What those who ask over one pool share: one request for the same token, and few at once for different ones. */
interface PoolState {
  asking: Map<string, Promise<string>>;
  takeSlot: ReturnType<typeof slots>;
}

const poolStates = new WeakMap<Database, PoolState>();

function stateOf(database: Database): PoolState {
  const known = poolStates.get(database);
  if (known) return known;
  const state = { asking: new Map(), takeSlot: slots(Math.max(1, Math.floor(database.poolSize / 4))) };
  poolStates.set(database, state);
  return state;
}

/** The tokens of this database; cheap to open. */
export function openTokenStore(database: Database, sealing: Sealing): TokenStore {
  const { asking, takeSlot } = stateOf(database);
  const renewing: Renewing = { database, sealing };
  return {
    async accessToken(owner, renewal) {
      const stored = await usableToken(renewing, owner, renewal.refused);
      if (stored !== null) return stored;
      const key = JSON.stringify([owner.configId, owner.origin, owner.grant, renewal.refused]);
      const started =
        asking.get(key) ?? takeSlot(() => renew(renewing, owner, renewal)).finally(() => asking.delete(key));
      asking.set(key, started);
      return await started;
    },
  };
}

/**
 * Lets so many work at once, in the order of asking: a renewal holds two connections while the POS answers, and heartbeats
 * need some, too.
 */
function slots(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

interface Renewing {
  database: Database;
  sealing: Sealing;
}

/** The stored access token, unless it is due, refused, or of other credentials. Throws a failure that is final. */
async function usableToken(of: Renewing, owner: TokenOwner, refused: string | null): Promise<string | null> {
  const row = await readRow(of.database, owner, { since: null, lock: false });
  return row === null ? null : await usable(of, { owner, row, refused });
}

async function usable(
  { sealing }: Renewing,
  { owner, row, refused }: { owner: TokenOwner; row: TokenRow; refused: string | null },
): Promise<string | null> {
  if (!(await isSameGrant(sealing, owner, row))) return null;
  if (row.failure?.retry === 'no') throw failureAsError(row.failure);
  if (row.access_encrypted === null || row.is_due) return null;
  const token = await sealing.decrypt(owner.configId, 'access_token', row.access_encrypted);
  return token === refused ? null : token;
}

async function isSameGrant(sealing: Sealing, { configId, grant }: TokenOwner, row: TokenRow): Promise<boolean> {
  return (
    row.grant_encrypted !== null && (await sealing.decrypt(configId, 'token_grant', row.grant_encrypted)) === grant
  );
}

/** What the transaction under the lock came to; a failure is committed, too, before it is thrown. */
type Renewed = { token: string } | { failed: unknown };

async function renew(of: Renewing, owner: TokenOwner, renewal: Renewal): Promise<string> {
  const { database } = of;
  const { configId, origin } = owner;
  // Outside of the transaction: waiting for the row is all that happens inside.
  const { rows } = await database.query<{ since: string }>(
    `with new as (insert into integration_access_tokens (config_id, origin) values ($1, $2) on conflict do nothing)
     select clock_timestamp()::text as since`,
    [configId, origin],
  );
  const since = rows[0]!.since;
  let issued: { token: IssuedToken; version: string } | undefined;
  const note = (token: IssuedToken, version: string) => {
    issued = { token, version };
  };
  try {
    const outcome = await database.transaction((q) => underLock(of, { q, owner, renewal, since, note }), {
      lockTimeout: lockSeconds * 1_000,
      idleTimeout: lockSeconds * 1_000,
    });
    if ('failed' in outcome) throw outcome.failed;
    return outcome.token;
  } catch (error) {
    if (issued === undefined) throw error;
    return await rescue(of, owner, issued);
  }
}

interface Locked {
  q: Queryable;
  owner: TokenOwner;
  renewal: Renewal;
  /** When we began to wait for the lock, in database time. */
  since: string;
  /** Keeps what the POS issued, should storing it fail. */
  note(token: IssuedToken, version: string): void;
}

async function underLock(of: Renewing, { q, owner, renewal, since, note }: Locked): Promise<Renewed> {
  const row = (await readRow(q, owner, { since, lock: true }))!;
  // Somebody else was first: with a new token, or with a failure that is ours as well.
  const stored = await usable(of, { owner, row, refused: renewal.refused });
  if (stored !== null) return { token: stored };
  const sameGrant = await isSameGrant(of.sealing, owner, row);
  if (sameGrant && row.failure !== null && row.failed_since) return { failed: failureAsError(row.failure) };
  const refresh =
    sameGrant && row.refresh_encrypted !== null
      ? await of.sealing.decrypt(owner.configId, 'refresh_token', row.refresh_encrypted)
      : null;
  const lostSince = await beginAttempt(of.database, owner, of.sealing);
  let token: IssuedToken;
  try {
    const answer = await renewal.issue(refresh);
    // Where the POS sends no new refresh token, the old one stays valid.
    token = { ...answer, refreshToken: answer.refreshToken ?? refresh };
  } catch (error) {
    const failed = lostSince !== null && isRefusal(error) ? refreshLost(owner.origin, lostSince, error) : error;
    if (isSettled(error)) await endAttempt(q, owner);
    if (failed instanceof TillsyncError) await writeFailure(of.sealing, { q, owner, failed, sameGrant });
    return { failed };
  }
  note(token, row.version);
  await writeToken(of.sealing, { q, owner, token, version: row.version });
  return { token: token.accessToken };
}

/**
 * The POS has answered, but the transaction that was to store it failed. A refresh token that works once is worth trying
 * for half a minute: unless somebody else stored a newer one, ours is stored.
 */
async function rescue(
  of: Renewing,
  owner: TokenOwner,
  issued: { token: IssuedToken; version: string },
): Promise<string> {
  const { token, version } = issued;
  try {
    return await withRetries(
      () =>
        of.database.transaction(async (q) => {
          const row = (await readRow(q, owner, { since: null, lock: true }))!;
          const isOurs = row.version === version;
          if (isOurs) await writeToken(of.sealing, { q, owner, token, version });
          const newer = isOurs ? null : await usable(of, { owner, row, refused: null });
          return newer ?? token.accessToken;
        }),
      { tries: 6 },
    );
  } catch (error) {
    throw refreshLost(owner.origin, new Date(), error);
  }
}

function failureAsError({ code, message, hint, retry }: Failure): TillsyncError {
  const known: Failure = { code, message, hint, retry };
  return new TillsyncError(known.message, { ...known, step: 'fetch' });
}

const neverSent = new Set([
  'upstream_resting',
  'rate_budget_used',
  'origin_refused',
  'address_refused',
  'header_refused',
  'tls_failed',
]);

/** Whether it is certain that the POS issued nothing: it said so, or it was never reached. */
function isSettled(error: unknown): boolean {
  if (!(error instanceof TillsyncError)) return false;
  if (isRefusal(error) || error.code === 'upstream_rate_limited' || neverSent.has(error.code)) return true;
  return error.code === 'upstream_unreachable' && /^(ECONNREFUSED|ENOTFOUND|EAI_)/.test(String(error.facts.code));
}

function refreshLost(origin: string, since: Date, cause: unknown): TillsyncError {
  const at = `${since.toISOString().slice(0, 19)}Z`;
  return new TillsyncError(
    `The refresh token for ${origin} is used up: a renewal begun at ${at} reached the POS, and its answer was lost before it was stored.`,
    {
      code: 'token_refresh_lost',
      step: 'fetch',
      hint: 'Connect the POS again and set the new credentials with `tillsync configs set <config> --secret <name>=-`.',
      facts: { origin },
      cause,
    },
  );
}
