// Makes an API key: 256 random bits with a prefix that secret scanners know; the text is shown once and never stored.
import { randomBytes } from 'node:crypto';
import type { Queryable } from '../db/database.ts';
import { inputError } from '../errors.ts';
import { hasUsableApiKey, insertApiKey } from '../records/access/api-keys.ts';
import { digestKey } from './digest-key.ts';

export interface CreatedKey {
  id: string;
  name: string;
  /** First characters, to recognise it in lists. */
  prefix: string;
  /** The key itself, 'ts_…'; this is the only time it can be read. */
  key: string;
}

/** Makes and stores a key. `createdBy` as in requested_by, e.g. 'cli:ada'. Throws TillsyncError key_name_invalid. */
export async function createKey(q: Queryable, of: { name: string; createdBy: string }): Promise<CreatedKey> {
  if (of.name.trim() === '' || of.name.length > 100 || /\p{Cc}/u.test(of.name) || !of.name.isWellFormed()) {
    throw inputError(
      'key_name_invalid',
      'The name of a key has 1 to 100 characters and no control characters.',
      'Name it after who will use it, e.g. --name kiosk.',
    );
  }
  const key = `ts_${randomBytes(32).toString('base64url')}`;
  const prefix = key.slice(0, 9);
  const id = await insertApiKey(q, { name: of.name, prefix, digest: digestKey(key), createdBy: of.createdBy });
  return { id, name: of.name, prefix, key };
}

/** The first key of an installation; null when a usable one exists already. */
export async function createFirstKey(q: Queryable, createdBy: string): Promise<CreatedKey | null> {
  if (await hasUsableApiKey(q)) return null;
  return await createKey(q, { name: 'first', createdBy });
}
