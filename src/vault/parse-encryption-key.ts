// Reads the encryption key as people write it, and refuses what nobody could have drawn at random.
import { inputError } from '../errors.ts';
import { fromBase64 } from './base64.ts';

/**
 * The 32 bytes of a key given as base64, base64url or hex text.
 * Throws TillsyncError encryption_key_invalid for anything else, and for an example in place of a key.
 */
export function parseEncryptionKey(text: string): Uint8Array<ArrayBuffer> {
  const trimmed = text.trim();
  const bytes = /^[0-9a-fA-F]{64}$/.test(trimmed) ? fromHex(trimmed) : fromBase64(trimmed);
  if (bytes?.length === 32 && !isExample(bytes)) return bytes;
  const what = bytes?.length === 32 ? 'it is an example, not 32 random bytes' : 'it must be 32 random bytes';
  throw inputError(
    'encryption_key_invalid',
    `The encryption key is not usable: ${what}, written as base64 or hex.`,
    'Make one with `openssl rand -base64 32` and set TILLSYNC_ENCRYPTION_KEY to it.',
  );
}

// Of 32 random bytes not one in 10^14 looks like this: few different ones, a series, or words. All equal, 0 1 2 3 …, a
// short text again and again, 'change-me-to-a-random-32-byte-key'.
function isExample(bytes: Uint8Array): boolean {
  if (new Set(bytes).size < 14) return true;
  const steps = new Set(bytes.subarray(1).map((byte, at) => byte - (bytes[at] as number)));
  if (steps.size === 1) return true;
  if ([...bytes.subarray(16)].every((byte, at) => byte === bytes[at])) return true;
  const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText && /example|changeme|change.me|secret|password|replace|encryption|abcdef|012345/i.test(toText(bytes));
}

function toText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
