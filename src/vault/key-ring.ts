// The keys of the vault: one encrypts, all of them decrypt; named by their ids, and read anew where they may have changed.
import type { webcrypto } from 'node:crypto';
import { parseEncryptionKey } from './parse-encryption-key.ts';

/** Keys as text, 32 bytes in base64 or hex each. `active` encrypts; `others` only decrypt (rotation). */
export interface KeyRing {
  active: string;
  others?: readonly string[];
}

/** Where the keys stand. Gives the same object as long as nothing changed; called before each encryption. */
export type KeySource = () => KeyRing;

type Bytes = Uint8Array<ArrayBuffer>;

/** A ring ready for use, by key id. */
export interface OpenedRing {
  activeId: string;
  /** Derived from the active key, for fingerprints only. */
  naming: webcrypto.CryptoKey;
  keys: ReadonlyMap<string, webcrypto.CryptoKey>;
}

/** Reads every key of a ring. Throws TillsyncError encryption_key_invalid. */
export function checkRing(ring: KeyRing): void {
  for (const text of [ring.active, ...(ring.others ?? [])]) parseEncryptionKey(text);
}

/** Gets the keys of a ring ready. Throws TillsyncError encryption_key_invalid. */
export async function openRing(ring: KeyRing): Promise<OpenedRing> {
  const active = parseEncryptionKey(ring.active);
  const keys = new Map<string, webcrypto.CryptoKey>();
  let activeId = '';
  for (const bytes of [...(ring.others ?? []).map(parseEncryptionKey), active]) {
    activeId = await idOf(bytes);
    keys.set(activeId, await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']));
  }
  return { activeId, keys, naming: await namingKey(active) };
}

/** Names a key without telling it: the first 8 hex digits of its SHA-256. Throws TillsyncError encryption_key_invalid. */
export async function keyIdOf(text: string): Promise<string> {
  return await idOf(parseEncryptionKey(text));
}

async function idOf(bytes: Bytes): Promise<string> {
  return toHex(await crypto.subtle.digest('SHA-256', bytes)).slice(0, 8);
}

// A key of its own for each purpose (HKDF): what one shows says nothing of the other.
async function namingKey(bytes: Bytes): Promise<webcrypto.CryptoKey> {
  const material = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey']);
  const derivation = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: new TextEncoder().encode('fingerprint'),
  };
  return await crypto.subtle.deriveKey(derivation, material, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}

/** Bytes as hex digits. */
export function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
