// Lists, makes, ends and renews API keys for who may do so at the keys' places.
import { everywhere, type Scope } from '../db/claims.ts';
import type { Database, Queryable } from '../db/database.ts';
import { inputError, type TillsyncError } from '../errors.ts';
import {
  type ListedKey,
  lockApiKey,
  pageApiKeys,
  readKeyEnd,
  replaceApiKey,
  revokeApiKey,
} from '../records/access/api-keys.ts';
import { isPlaceWithin } from '../records/access/places.ts';
import { appendAudit } from '../records/audit/append-audit.ts';
import type { Page, PageRequest } from '../records/cursor.ts';
import { type CreatedKey, createKey, type KeyToCreate } from './create-key.ts';

/** Hours that an old key goes on beside the new one. */
const rotationOverlapHours = 24;

/** Who does it, and where they may. */
export interface KeyAdmin {
  by: string;
  /** Default: everywhere. */
  scope?: Scope;
}

/** A page of keys within the scope, newest first; ended ones among them. Throws TillsyncError cursor_invalid. */
export async function listKeys(q: Queryable, of: PageRequest & { scope?: Scope } = {}): Promise<Page<ListedKey>> {
  return await pageApiKeys(q, { ...of, scope: of.scope ?? everywhere });
}

/**
 * Makes a key; one that is made with a key (`withKey`, its id) ends no later than that one. Throws as createKey does, and
 * place_unknown where the key's place is not within the scope.
 */
export async function addKey(
  database: Database,
  of: Omit<KeyToCreate, 'createdBy'> & KeyAdmin & { withKey?: string | null },
): Promise<CreatedKey> {
  return await database.transaction(async (q) => {
    const place = { level: of.level ?? 'all', levelId: of.levelId ?? null };
    if (!(await isPlaceWithin(q, of.scope ?? everywhere, place))) throw placeUnknown(place);
    const end = of.withKey == null ? null : await readKeyEnd(q, of.withKey);
    const created = await createKey(q, { ...of, createdBy: of.by, expiresAt: earlier(of.expiresAt ?? null, end) });
    await appendAudit(q, { action: 'key.created', actor: of.by, ...auditOf(created), after: grantOf(created) });
    return created;
  });
}

/** Ends a key at once. Throws TillsyncError key_unknown. */
export async function revokeKey(database: Database, of: { id: string } & KeyAdmin): Promise<ListedKey> {
  return await database.transaction(async (q) => {
    const found = await knownKey(q, of);
    await revokeApiKey(q, { id: found.id, by: of.by });
    if (found.revoked_at === null) {
      await appendAudit(q, { action: 'key.revoked', actor: of.by, ...auditOf(found), before: grantOf(found) });
    }
    return await knownKey(q, of);
  });
}

/**
 * Makes the key that takes over from another, with the same name, access, place and time to live; the old one goes on for
 * the overlap. Throws TillsyncError key_unknown, key_ended.
 */
export async function rotateKey(
  database: Database,
  of: { id: string; overlapHours?: number | undefined } & KeyAdmin,
): Promise<CreatedKey> {
  return await database.transaction(async (q) => {
    const old = await knownKey(q, of);
    const isOver = old.expires_at !== null && Date.parse(old.expires_at) <= Date.now();
    if (old.revoked_at !== null || old.replaced_by !== null || isOver) {
      throw inputError('key_ended', `The key "${old.name}" was ended or replaced already.`, 'Make a new key instead.');
    }
    const life = old.expires_at === null ? null : Date.parse(old.expires_at) - Date.parse(old.created_at);
    const created = await createKey(q, {
      name: old.name,
      createdBy: of.by,
      access: old.access,
      level: old.level,
      levelId: old.level_id === null ? null : String(old.level_id),
      expiresAt: life === null ? null : new Date(Date.now() + life),
    });
    const overlapSeconds = (of.overlapHours ?? rotationOverlapHours) * 3600;
    await replaceApiKey(q, { id: old.id, by: created.id, overlapSeconds });
    await appendAudit(q, {
      action: 'key.rotated',
      actor: of.by,
      ...auditOf(old),
      after: { replaced_by: created.id, prefix: created.prefix, overlap_hours: overlapSeconds / 3600 },
    });
    return created;
  });
}

// null = never.
function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

async function knownKey(q: Queryable, { id, scope = everywhere }: { id: string; scope?: Scope }): Promise<ListedKey> {
  const found = await lockApiKey(q, { scope, id });
  if (found !== null) return found;
  throw inputError('key_unknown', `No API key has the id ${id}.`, 'List them with `tillsync keys list`.');
}

function auditOf(key: { id: string; name: string; level: string; level_id: number | null }) {
  const id = key.level_id === null ? null : String(key.level_id);
  const at = (level: string) => (key.level === level ? id : null);
  return {
    subject: { type: 'key', id: key.id, name: key.name },
    place: { conceptId: at('concept'), companyId: at('company'), siteId: at('site') },
  };
}

function grantOf({ access, level, level_id, prefix, expires_at }: Omit<CreatedKey, 'key' | 'id' | 'name'>) {
  return { access, level, level_id, prefix, expires_at };
}

/** A place that is not there, or lies outside the caller's own: both are told alike. */
export function placeUnknown(place: { level: string; levelId: string | null }): TillsyncError {
  const which = place.level === 'all' ? 'This' : `There is no ${place.level} ${place.levelId}, or it`;
  return inputError(
    'place_unknown',
    `${which} is not within the places that you administer.`,
    'Name a concept, company or site of your own.',
  );
}
