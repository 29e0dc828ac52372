// How a key is stored: its SHA-256; a slow hash is for passwords, a key has 256 random bits of its own.
import { createHash } from 'node:crypto';

/** The SHA-256 of a key's text. */
export function digestKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
