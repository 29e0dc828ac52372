// Finds out who calls: the API key behind the text of a Bearer header.
import type { Queryable } from '../db/database.ts';
import { findUsableApiKey, touchApiKey } from '../records/access/api-keys.ts';
import { digestKey } from './digest-key.ts';

/** Who calls; `name` ends up as `key:<name>` in the history's requested_by. */
export interface KeyHolder {
  id: string;
  name: string;
}

/**
 * The holder of a key, or null when it is unknown, revoked or expired. Looked up by digest, so that the time taken says
 * nothing about the key; its last use is noted at most once a minute.
 */
export async function authenticateKey(q: Queryable, key: string): Promise<KeyHolder | null> {
  const found = await findUsableApiKey(q, digestKey(key));
  if (found === null) return null;
  if (found.touchDue) await touchApiKey(q, found.id);
  return { id: found.id, name: found.name };
}
