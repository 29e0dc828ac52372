// Makes an API key: 256 random bits with a prefix that secret scanners know; the text is shown once and never stored.
import { randomBytes } from 'node:crypto';
import type { Database, Queryable } from '../db/database.ts';
import { inputError } from '../errors.ts';
import { hasUsableApiKey, insertApiKey } from '../records/access/api-keys.ts';
import { appendAudit } from '../records/audit/append-audit.ts';
import { digestKey } from './digest-key.ts';
import type { Access, Level } from './permission.ts';

export interface KeyToCreate {
  name: string;
  /** As in requested_by, e.g. 'cli:ada'. */
  createdBy: string;
  access: Access;
  /** Where; default everywhere. */
  level?: Level | undefined;
  levelId?: string | null | undefined;
  /** Default never. */
  expiresAt?: Date | null | undefined;
}

export interface CreatedKey {
  id: string;
  name: string;
  /** First characters, to recognise it in lists. */
  prefix: string;
  access: Access;
  level: Level;
  level_id: number | null;
  /** ISO text in UTC; null = never. */
  expires_at: string | null;
  /** The key itself, 'ts_…'; this is the only time it can be read. */
  key: string;
}

/** Makes and stores a key. Throws TillsyncError key_name_invalid, key_level_invalid, key_expiry_invalid. */
export async function createKey(q: Queryable, of: KeyToCreate): Promise<CreatedKey> {
  checkName(of.name);
  const { name, access, level = 'all', levelId = null, expiresAt = null } = of;
  if ((level === 'all') !== (levelId === null)) {
    throw inputError(
      'key_level_invalid',
      'A key of one place says its level and the id of that concept, company or site.',
      'Give one of --concept, --company and --site with an id, or none for everywhere.',
    );
  }
  if (expiresAt !== null && !(expiresAt.getTime() > Date.now())) {
    throw inputError('key_expiry_invalid', 'The key would have expired already.', 'Give a time that is to come.');
  }
  const key = `ts_${randomBytes(32).toString('base64url')}`;
  const prefix = key.slice(0, 9);
  const grant = { access, level, levelId };
  const row = { ...grant, name, prefix, digest: digestKey(key), createdBy: of.createdBy, expiresAt };
  const id = await insertApiKey(q, row);
  return {
    id,
    name,
    prefix,
    access,
    level,
    level_id: levelId === null ? null : Number(levelId),
    expires_at: expiresAt?.toISOString() ?? null,
    key,
  };
}

function checkName(name: string): void {
  // 'key:admin' in history and audit log is TILLSYNC_ADMIN_KEY and nobody else.
  const isTaken = name.normalize('NFKC').trim().toLowerCase() === 'admin';
  if (!isTaken && name.trim() !== '' && name.length <= 100 && !/\p{Cc}/u.test(name) && name.isWellFormed()) return;
  throw inputError(
    'key_name_invalid',
    'The name of a key has 1 to 100 characters and no control characters, and is not "admin".',
    'Name it after who will use it, e.g. --name kiosk.',
  );
}

/** The first key of an installation, which may do everything; null when a usable one exists already. */
export async function createFirstKey(database: Database, createdBy: string): Promise<CreatedKey | null> {
  if (await hasUsableApiKey(database)) return null;
  return await database.transaction(async (q) => {
    const created = await createKey(q, { name: 'first', createdBy, access: 'admin' });
    const subject = { type: 'key', id: created.id, name: created.name };
    await appendAudit(q, {
      action: 'key.created',
      actor: createdBy,
      subject,
      after: { access: 'admin', level: 'all' },
    });
    return created;
  });
}
