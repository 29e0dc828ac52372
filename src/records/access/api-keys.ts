// The rows of API keys: only digests are stored, never a key.
import type { Scope } from '../../db/claims.ts';
import type { Queryable } from '../../db/database.ts';
import { type Page, type PageRequest, pageLimit, pageOf, readTimeCursor, writeCursor } from '../cursor.ts';
import { isUuid, numberOf, timeOf } from '../row-values.ts';
import { placeParameters, placeWithin } from './places.ts';

export type KeyAccess = 'read' | 'sync' | 'admin';
export type KeyLevel = 'all' | 'concept' | 'company' | 'site';

/** What a key may do, and where. */
export interface KeyGrant {
  access: KeyAccess;
  level: KeyLevel;
  /** Of the concept, company or site; null at level 'all'. */
  levelId: string | null;
}

/** A key as lists show it; times are ISO text in UTC. */
export interface ListedKey {
  id: string;
  name: string;
  prefix: string;
  access: KeyAccess;
  level: KeyLevel;
  level_id: number | null;
  created_at: string;
  created_by: string | null;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
  revoked_by: string | null;
  /** The key that takes over from this one. */
  replaced_by: string | null;
}

export interface KeyToInsert extends KeyGrant {
  name: string;
  prefix: string;
  digest: Buffer;
  createdBy: string;
  /** null = never. */
  expiresAt: Date | null;
}

/** Stores a new key by the SHA-256 of its text; returns its id. */
export async function insertApiKey(q: Queryable, key: KeyToInsert): Promise<string> {
  const { rows } = await q.query<{ id: string }>(
    `insert into integration_api_keys (name, prefix, key_hash, created_by, access, level, level_id, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    [key.name, key.prefix, key.digest, key.createdBy, key.access, key.level, key.levelId, key.expiresAt],
  );
  return rows[0]!.id;
}

/** A key that may be used now, by its digest; null = unknown, revoked or expired. */
export async function findUsableApiKey(
  q: Queryable,
  digest: Buffer,
): Promise<({ id: string; name: string; touchDue: boolean } & KeyGrant) | null> {
  const { rows } = await q.query<{ id: string; name: string; touchDue: boolean } & KeyGrant>(
    `select id, name, access, level, level_id::text as "levelId",
            coalesce(last_used_at < now() - interval '1 minute', true) as "touchDue"
       from integration_api_keys
      where key_hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    [digest],
  );
  return rows[0] ?? null;
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

const shown = `k.id, k.name, k.prefix, k.access, k.level, k.level_id, k.created_at, k.created_by, k.expires_at,
  k.last_used_at, k.revoked_at, k.revoked_by, k.replaced_by`;

/** Keys whose place lies within a scope, newest first; 100 a page unless asked otherwise. */
export async function pageApiKeys(q: Queryable, of: PageRequest & { scope: Scope }): Promise<Page<ListedKey>> {
  const limit = pageLimit(of, 100);
  const after = readTimeCursor(of.cursor);
  const { rows } = await q.query<KeyRow & { sort_time: string }>(
    `select ${shown}, to_char(k.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sort_time
       from integration_api_keys k
      where ${placeWithin('k.level', 'k.level_id')}
        and ($5::timestamptz is null or (k.created_at, k.id) < ($5::timestamptz, $6::uuid))
      order by k.created_at desc, k.id desc limit $7`,
    [...placeParameters(of.scope), after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  const page = pageOf(rows, limit, (last) => writeCursor([last.sort_time, last.id]));
  return { data: page.data.map(({ sort_time: _, ...row }) => keyOf(row)), next: page.next };
}

/** One key whose place lies within a scope, its row locked; null = none. */
export async function lockApiKey(q: Queryable, of: { scope: Scope; id: string }): Promise<ListedKey | null> {
  if (!isUuid(of.id)) return null;
  const { rows } = await q.query<KeyRow>(
    `select ${shown} from integration_api_keys k
      where ${placeWithin('k.level', 'k.level_id')} and k.id = $5 for update of k`,
    [...placeParameters(of.scope), of.id],
  );
  return rows[0] === undefined ? null : keyOf(rows[0]);
}

/** When a key expires; null = never. */
export async function readKeyEnd(q: Queryable, keyId: string): Promise<Date | null> {
  const { rows } = await q.query<{ expires_at: Date | null }>(
    'select expires_at from integration_api_keys where id = $1',
    [keyId],
  );
  return rows[0]?.expires_at ?? null;
}

/** Ends a key now; one that was ended before stays as it was. */
export async function revokeApiKey(q: Queryable, of: { id: string; by: string }): Promise<void> {
  await q.query(
    'update integration_api_keys set revoked_at = now(), revoked_by = $2 where id = $1 and revoked_at is null',
    [of.id, of.by],
  );
}

/** Lets another key take over: the old one ends after the overlap, or before if it would have. */
export async function replaceApiKey(
  q: Queryable,
  of: { id: string; by: string; overlapSeconds: number },
): Promise<void> {
  await q.query(
    `update integration_api_keys
        set replaced_by = $2, expires_at = least(expires_at, now() + make_interval(secs => $3)) where id = $1`,
    [of.id, of.by, of.overlapSeconds],
  );
}

interface KeyRow extends Omit<ListedKey, 'level_id' | 'created_at' | 'expires_at' | 'last_used_at' | 'revoked_at'> {
  level_id: string | null;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

function keyOf(row: KeyRow): ListedKey {
  return {
    ...row,
    level_id: numberOf(row.level_id),
    created_at: timeOf(row.created_at),
    expires_at: timeOf(row.expires_at),
    last_used_at: timeOf(row.last_used_at),
    revoked_at: timeOf(row.revoked_at),
  };
}
