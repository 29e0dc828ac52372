// Finds out who calls: the API key behind the text of a Bearer header.
import type { Queryable } from '../db/database.ts';
import { findUsableApiKey, touchApiKey } from '../records/access/api-keys.ts';
import type { Caller } from './caller.ts';
import { digestKey } from './digest-key.ts';

/**
 * The holder of a key and what it may do, or null when it is unknown, revoked or expired. Looked up by digest, so that the
 * time taken says nothing about the key; its last use is noted at most once a minute.
 */
export async function authenticateKey(q: Queryable, key: string): Promise<Caller | null> {
  const found = await findUsableApiKey(q, digestKey(key));
  if (found === null) return null;
  if (found.touchDue) await touchApiKey(q, found.id);
  const { id, name, access, level, levelId } = found;
  return { kind: 'key', id, name, grants: [{ access, level, levelId }] };
}
