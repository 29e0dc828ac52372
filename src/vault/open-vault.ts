// The vault: credentials encrypted with AES-256-GCM over a key ring; only WebCrypto, so it runs on Node and Deno alike.
import type { webcrypto } from 'node:crypto';
import { TillsyncError } from '../errors.ts';
import { type KnownSecrets, openKnownSecrets } from '../known-secrets.ts';
import { fromBase64, toBase64Url } from './base64.ts';
import { checkRing, type KeyRing, type KeySource, type OpenedRing, openRing, toHex } from './key-ring.ts';

/**
 * Encrypts with the active key, decrypts with any key of the ring. It stores nothing, and remembers what it saw so that
 * `redact` finds it again in texts that are shown or kept.
 */
export interface Vault extends KnownSecrets {
  /** 'v1.<key id>.<nonce>.<ciphertext and tag>' (base64url), bound to this config and field. */
  encrypt(configId: string, field: string, value: string): Promise<string>;
  /**
   * The value behind such a text. Throws TillsyncError: encryption_key_unknown (names the key id), or
   * credential_unreadable (tampered with, or moved here from another config or field).
   */
  decrypt(configId: string, field: string, stored: string): Promise<string>;
  /** A name for a text that tells nothing of it to whoever lacks the key, in hex; another one after a rotation. */
  fingerprint(text: string): Promise<string>;
  /** The ids of the keys: the one that encrypts, and all that decrypt. */
  keyIds(): Promise<{ active: string; known: readonly string[] }>;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Opens the vault over a key ring, or over the place where it stands. Throws TillsyncError encryption_key_invalid. */
export function openVault(ring: KeyRing | KeySource): Vault {
  const keys = openKeys(typeof ring === 'function' ? ring : () => ring);
  const secrets = openKnownSecrets();
  return {
    ...secrets,
    async encrypt(configId, field, value) {
      secrets.learn([value]);
      const opened = await keys.now();
      const nonce = crypto.getRandomValues(new Uint8Array(12));
      const sealed = await crypto.subtle.encrypt(
        boundTo(nonce, configId, field),
        keyOf(opened, opened.activeId, field),
        new TextEncoder().encode(value),
      );
      return ['v1', opened.activeId, toBase64Url(nonce), toBase64Url(new Uint8Array(sealed))].join('.');
    },
    async fingerprint(text) {
      const { naming } = await keys.now();
      return toHex(await crypto.subtle.sign('HMAC', naming, new TextEncoder().encode(text)));
    },
    async keyIds() {
      const opened = await keys.now();
      return { active: opened.activeId, known: [...opened.keys.keys()] };
    },
    async decrypt(configId, field, stored) {
      const { keyId, nonce, sealed } = partsOf(stored, field);
      const key = keyOf(await keys.with(keyId), keyId, field);
      try {
        const opened = await crypto.subtle.decrypt(boundTo(nonce, configId, field), key, sealed);
        const value = new TextDecoder('utf-8', { ignoreBOM: true }).decode(opened);
        secrets.learn([value]);
        return value;
      } catch (cause) {
        throw unreadable(field, cause);
      }
    },
  };
}

// The keys may change under a running process: `tillsync vault rotate` writes a new key file beside it. Whoever encrypts
// looks whether it did, so that nothing is written with a key that is about to go; whoever decrypts only where it meets a
// key that it does not know.
function openKeys(source: KeySource): { now(): Promise<OpenedRing>; with(keyId: string): Promise<OpenedRing> } {
  let ring = source();
  checkRing(ring);
  let opened: Promise<OpenedRing> | undefined;
  const now = () => {
    const found = source();
    if (found !== ring) opened = undefined;
    ring = found;
    opened ??= openRing(ring);
    return opened;
  };
  return {
    now,
    async with(keyId) {
      const before = await (opened ?? now());
      return before.keys.has(keyId) ? before : await now();
    },
  };
}

function partsOf(stored: string, field: string): { keyId: string; nonce: Bytes; sealed: Bytes } {
  const [version, keyId, nonceText, sealedText, ...rest] = stored.split('.');
  const nonce = fromBase64(nonceText ?? '');
  const sealed = fromBase64(sealedText ?? '');
  if (version !== 'v1' || !keyId || rest.length > 0 || nonce?.length !== 12 || sealed === null) throw unreadable(field);
  return { keyId, nonce, sealed };
}

// The additional data ties a ciphertext to its place: moved to another config or field it does not open.
function boundTo(nonce: Bytes, configId: string, field: string): webcrypto.AesGcmParams {
  return { name: 'AES-GCM', iv: nonce, additionalData: new TextEncoder().encode(`${configId}:${field}`) };
}

function keyOf({ keys }: OpenedRing, keyId: string, field: string): webcrypto.CryptoKey {
  const key = keys.get(keyId);
  if (key) return key;
  const known = [...keys.keys()].join(', ');
  throw new TillsyncError(
    `The secret "${field}" was encrypted with key ${keyId}, but this process has only ${known}.`,
    {
      code: 'encryption_key_unknown',
      step: 'sync',
      hint: `Set TILLSYNC_ENCRYPTION_KEY or TILLSYNC_ENCRYPTION_KEY_PREVIOUS to the key ${keyId}, or set the secret again with \`tillsync configs set\`.`,
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
