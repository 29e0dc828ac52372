// The text of a session or a link: 256 random bits, of which only the SHA-256 is stored.
import { createHash, randomBytes } from 'node:crypto';

/** A new one, 43 characters of base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Its digest; null = a text that cannot be one. */
export function digestToken(token: string): Buffer | null {
  return /^[\w-]{43}$/.test(token) ? createHash('sha256').update(token).digest() : null;
}
