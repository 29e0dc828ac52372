// Reads the encryption key as people write it.
import { inputError } from '../errors.ts';
import { fromBase64 } from './base64.ts';

/**
 * The 32 bytes of a key given as base64, base64url or hex text.
 * Throws TillsyncError encryption_key_invalid for anything else, and for 32 equal bytes (an example, not a key).
 */
export function parseEncryptionKey(text: string): Uint8Array<ArrayBuffer> {
  const trimmed = text.trim();
  const bytes = /^[0-9a-fA-F]{64}$/.test(trimmed) ? fromHex(trimmed) : fromBase64(trimmed);
  if (bytes?.length === 32 && bytes.some((byte) => byte !== bytes[0])) return bytes;
  throw inputError(
    'encryption_key_invalid',
    'The encryption key is not usable: it must be 32 random bytes, written as base64 or hex.',
    'Make one with `openssl rand -base64 32` and set TILLSYNC_ENCRYPTION_KEY to it.',
  );
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
