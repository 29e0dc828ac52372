// The vault: credentials encrypted with AES-256-GCM over a key ring; only WebCrypto, so it runs on Node and Deno alike.
import type { webcrypto } from 'node:crypto';
import { TillsyncError } from '../errors.ts';
import { fromBase64, toBase64Url } from './base64.ts';
import { parseEncryptionKey } from './parse-encryption-key.ts';

/** Encrypts with the active key, decrypts with any key of the ring. Pure: it stores nothing. */
export interface Vault {
  /** 'v1.<key id>.<nonce>.<ciphertext and tag>' (base64url), bound to this config and field. */
  encrypt(configId: string, field: string, value: string): Promise<string>;
  /**
   * The value behind such a text. Throws TillsyncError: encryption_key_unknown (names the key id), or
   * credential_unreadable (tampered with, or moved here from another config or field).
   */
  decrypt(configId: string, field: string, stored: string): Promise<string>;
  /** A name for a text that tells nothing of it to whoever lacks the key, in hex; another one after a rotation. */
  fingerprint(text: string): Promise<string>;
}

/** Keys as text, 32 bytes in base64 or hex each. `active` encrypts; `others` only decrypt (rotation). */
export interface KeyRing {
  active: string;
  others?: readonly string[];
}

type Bytes = Uint8Array<ArrayBuffer>;

interface ImportedRing {
  activeId: string;
  /** Derived from the active key, for fingerprints only. */
  naming: webcrypto.CryptoKey;
  keys: ReadonlyMap<string, webcrypto.CryptoKey>;
}

/** Opens the vault over a key ring. Throws TillsyncError encryption_key_invalid. */
export function openVault(ring: KeyRing): Vault {
  const active = parseEncryptionKey(ring.active);
  const others = (ring.others ?? []).map(parseEncryptionKey);
  let imported: Promise<ImportedRing> | undefined;
  const importOnce = () => {
    imported ??= importRing(active, others);
    return imported;
  };
  return {
    async encrypt(configId, field, value) {
      const { activeId, keys } = await importOnce();
      const nonce = crypto.getRandomValues(new Uint8Array(12));
      const sealed = await crypto.subtle.encrypt(
        boundTo(nonce, configId, field),
        keyOf(keys, activeId, field),
        new TextEncoder().encode(value),
      );
      return ['v1', activeId, toBase64Url(nonce), toBase64Url(new Uint8Array(sealed))].join('.');
    },
    async fingerprint(text) {
      const { naming } = await importOnce();
      return toHex(await crypto.subtle.sign('HMAC', naming, new TextEncoder().encode(text)));
    },
    async decrypt(configId, field, stored) {
      const [version, keyId, nonceText, sealedText, ...rest] = stored.split('.');
      const nonce = fromBase64(nonceText ?? '');
      const sealed = fromBase64(sealedText ?? '');
      if (version !== 'v1' || !keyId || rest.length > 0 || nonce?.length !== 12 || sealed === null) {
        throw unreadable(field);
      }
      const { keys } = await importOnce();
      const key = keyOf(keys, keyId, field);
      try {
        const opened = await crypto.subtle.decrypt(boundTo(nonce, configId, field), key, sealed);
        return new TextDecoder('utf-8', { ignoreBOM: true }).decode(opened);
      } catch (cause) {
        throw unreadable(field, cause);
      }
    },
  };
}

async function importRing(active: Bytes, others: readonly Bytes[]): Promise<ImportedRing> {
  const keys = new Map<string, webcrypto.CryptoKey>();
  let activeId = '';
  for (const bytes of [...others, active]) {
    activeId = await keyIdOf(bytes);
    keys.set(activeId, await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']));
  }
  return { activeId, keys, naming: await namingKey(active) };
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

// Names a key without telling it: the first 8 hex digits of its SHA-256.
async function keyIdOf(bytes: Bytes): Promise<string> {
  return toHex(await crypto.subtle.digest('SHA-256', bytes)).slice(0, 8);
}

function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// The additional data ties a ciphertext to its place: moved to another config or field it does not open.
function boundTo(nonce: Bytes, configId: string, field: string): webcrypto.AesGcmParams {
  return { name: 'AES-GCM', iv: nonce, additionalData: new TextEncoder().encode(`${configId}:${field}`) };
}

function keyOf(keys: ReadonlyMap<string, webcrypto.CryptoKey>, keyId: string, field: string): webcrypto.CryptoKey {
  const key = keys.get(keyId);
  if (key) return key;
  const known = [...keys.keys()].join(', ');
  throw new TillsyncError(
    `The secret "${field}" was encrypted with key ${keyId}, but this process has only ${known}.`,
    {
      code: 'encryption_key_unknown',
      step: 'sync',
      hint: `Set TILLSYNC_ENCRYPTION_KEY to the key ${keyId}, or set the secret again with \`tillsync configs set\`.`,
      facts: { key_id: keyId },
      exitCode: 2,
    },
  );
}

function unreadable(field: string, cause?: unknown): TillsyncError {
  return new TillsyncError(
    `The stored secret "${field}" cannot be read: it was changed, or belongs to another config or field.`,
    {
      code: 'credential_unreadable',
      step: 'sync',
      hint: `Set the secret "${field}" again with \`tillsync configs set --secret ${field}=-\`.`,
      exitCode: 2,
      cause,
    },
  );
}
