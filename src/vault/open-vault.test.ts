// The vault: what it gives back, and everything it must refuse.
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openVault } from './open-vault.ts';
import { parseEncryptionKey } from './parse-encryption-key.ts';

const oldKey = randomBytes(32).toString('base64');
const newKey = randomBytes(32).toString('hex');
const configId = '0199c0de-0000-7000-8000-000000000001';

describe('the vault', () => {
  it('gives back what it was given, also empty, long and non-ASCII text', async () => {
    const vault = openVault({ active: oldKey });
    for (const value of ['', 's3cret', '\uFEFFKaffee ☕ 密码', 'x'.repeat(100_000)]) {
      expect(await vault.decrypt(configId, 'token', await vault.encrypt(configId, 'token', value))).toBe(value);
    }
  });

  it('writes v1, the key id, a fresh nonce and no trace of the value', async () => {
    const vault = openVault({ active: oldKey });
    const [one, other] = await Promise.all([1, 2].map(() => vault.encrypt(configId, 'token', 's3cret')));
    expect(one).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]{16}\.[\w-]+$/);
    expect(one).not.toBe(other);
    expect(one).not.toContain('s3cret');
    expect(one).not.toContain(Buffer.from('s3cret').toString('base64url'));
  });

  it('names a text in a way that tells nothing of it without the key, and is the same for the same text and key', async () => {
    const vault = openVault({ active: oldKey });
    const name = await vault.fingerprint('s3cret');
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    expect(await openVault({ active: oldKey, others: [newKey] }).fingerprint('s3cret')).toBe(name);
    const others = [vault.fingerprint('s3cret '), openVault({ active: newKey }).fingerprint('s3cret')];
    expect(await Promise.all(others)).not.toContain(name);
    expect(name).not.toBe(createHash('sha256').update('s3cret').digest('hex'));
  });

  it('S37: refuses a ciphertext with any character changed', async () => {
    const vault = openVault({ active: oldKey });
    const stored = await vault.encrypt(configId, 'token', 's3cret');
    for (let at = 0; at < stored.length; at++) {
      const tampered = stored.slice(0, at) + (stored[at] === 'A' ? 'B' : 'A') + stored.slice(at + 1);
      await expect(vault.decrypt(configId, 'token', tampered), `character ${at}`).rejects.toMatchObject({
        code: expect.stringMatching(/^(credential_unreadable|encryption_key_unknown)$/),
      });
    }
  });

  it.each(['', 's3cret', 'v1', 'v1.abc.def', 'v2.00000000.AAAAAAAAAAAAAAAA.AAAA', 'v1..AAAAAAAAAAAAAAAA.AAAA'])(
    'refuses what is no ciphertext: %j',
    async (stored) => {
      const vault = openVault({ active: oldKey });
      await expect(vault.decrypt(configId, 'token', stored)).rejects.toMatchObject({ code: 'credential_unreadable' });
    },
  );

  it('S37: refuses a ciphertext moved to another config or another field', async () => {
    const vault = openVault({ active: oldKey });
    const stored = await vault.encrypt(configId, 'token', 's3cret');
    const otherId = configId.replace(/1$/, '2');
    await expect(vault.decrypt(otherId, 'token', stored)).rejects.toMatchObject({ code: 'credential_unreadable' });
    await expect(vault.decrypt(configId, 'api_key', stored)).rejects.toMatchObject({ code: 'credential_unreadable' });
  });

  it('reads what an older key of the ring wrote, and writes with the active one', async () => {
    const stored = await openVault({ active: oldKey }).encrypt(configId, 'token', 's3cret');
    const rotated = openVault({ active: newKey, others: [oldKey] });
    expect(await rotated.decrypt(configId, 'token', stored)).toBe('s3cret');
    const fresh = await rotated.encrypt(configId, 'token', 's3cret');
    expect(fresh.split('.')[1]).not.toBe(stored.split('.')[1]);
    expect(await openVault({ active: newKey }).decrypt(configId, 'token', fresh)).toBe('s3cret');
  });

  it('names the key that a ciphertext needs when the ring does not have it', async () => {
    const stored = await openVault({ active: oldKey }).encrypt(configId, 'token', 's3cret');
    const keyId = stored.split('.')[1];
    await expect(openVault({ active: newKey }).decrypt(configId, 'token', stored)).rejects.toMatchObject({
      code: 'encryption_key_unknown',
      message: expect.stringContaining(`key ${keyId}`),
      hint: expect.stringContaining(`${keyId}`),
    });
  });
});

describe('S38: the encryption key', () => {
  const bytes = randomBytes(32);

  it.each([
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    ` ${bytes.toString('hex').toUpperCase()}\n`,
  ])('may be written as base64, base64url or hex: %s', async (text) => {
    const stored = await openVault({ active: bytes.toString('hex') }).encrypt(configId, 'token', 's3cret');
    expect(await openVault({ active: text }).decrypt(configId, 'token', stored)).toBe('s3cret');
  });

  it.each([
    '',
    'changeme',
    randomBytes(31).toString('base64'),
    randomBytes(33).toString('hex'),
    Buffer.alloc(32).toString('base64'),
    'a'.repeat(64),
    `${'ä'.repeat(43)}=`,
    Buffer.from(Array.from({ length: 32 }, (_, at) => at)).toString('base64'),
    Buffer.from(Array.from({ length: 32 }, (_, at) => 250 - at * 3)).toString('hex'),
    '0123456789abcdef'.repeat(4),
    Buffer.from('0123456789abcdef0123456789ABCDEF').toString('base64'),
    Buffer.from('change-me-to-32-random-bytes-now').toString('base64'),
    Buffer.from('MyEncryptionKeyWith32Characters!').toString('base64url'),
  ])('is refused when it is short, long, no key text or an example: %s', (text) => {
    expect(() => openVault({ active: text })).toThrow(expect.objectContaining({ code: 'encryption_key_invalid' }));
    expect(() => openVault({ active: oldKey, others: [text] })).toThrow(/32 random bytes/);
    // It is not repeated: it may be somebody's.
    if (text !== '')
      expect(() => openVault({ active: text })).not.toThrow(
        expect.objectContaining({ message: expect.stringContaining(text) }),
      );
  });
});

it('S38: 20,000 random keys are all taken, also those of 32 letters and digits', () => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  for (let n = 0; n < 10_000; n++) {
    parseEncryptionKey(randomBytes(32).toString('base64'));
    const text = Array.from(randomBytes(32), (byte) => letters[byte % letters.length]).join('');
    parseEncryptionKey(Buffer.from(text).toString('base64'));
  }
});
