// API keys as the command takes and tells them: the place they are for, and how they end.
import type { Access, Level } from '../../../access/permission.ts';
import { inputError } from '../../../errors.ts';
import { time } from '../../print/quantities.ts';

export interface KeyOptions {
  name: string;
  access: Access;
  concept?: number;
  company?: number;
  site?: number;
  expiresDays?: number;
}

export interface KeyToMake {
  name: string;
  access: Access;
  level?: Level;
  levelId?: string;
  expiresAt?: Date;
}

/** The key that the options ask for. Throws TillsyncError key_level_invalid where they name two places. */
export function keyToMake({ name, access, concept, company, site, expiresDays }: KeyOptions): KeyToMake {
  const places = Object.entries({ concept, company, site }).filter(([, id]) => id !== undefined);
  if (places.length > 1) {
    throw inputError('key_level_invalid', 'A key is for one place.', 'Give one of --concept, --company and --site.');
  }
  const [place] = places;
  return {
    name,
    access,
    ...(place === undefined ? {} : { level: place[0] as Level, levelId: String(place[1]) }),
    ...(expiresDays === undefined ? {} : { expiresAt: new Date(Date.now() + expiresDays * 86_400_000) }),
  };
}

/** e.g. 'everywhere', 'site 12'. */
export function keyPlace({ level, level_id }: { level: string; level_id: number | null }): string {
  return level_id === null ? 'everywhere' : `${level} ${level_id}`;
}

/** e.g. 'never', 'revoked', 'expired', '2026-12-31 …'. */
export function keyEnd(key: {
  revoked_at: string | null;
  expires_at: string | null;
  replaced_by: string | null;
}): string {
  if (key.revoked_at !== null) return `ended ${time(key.revoked_at)}`;
  if (key.expires_at === null) return 'never';
  return Date.parse(key.expires_at) <= Date.now() ? `ended ${time(key.expires_at)}` : time(key.expires_at);
}
