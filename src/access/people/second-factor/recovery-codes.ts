// Codes for who lost the app: ten of 140 random bits, shown once; a fast digest is enough for so many bits.
import { createHash, randomBytes } from 'node:crypto';

// Without 0, 1, l and o, which people take for each other; 32 of them, 5 bits each.
const alphabet = '23456789abcdefghijkmnpqrstuvwxyz';

/** Ten codes as 'abcd-efgh-ijkm-npqr-stuv-wxyz-2345', with what is stored of them. */
export function newRecoveryCodes(): { codes: string[]; digests: Buffer[] } {
  const codes = Array.from({ length: 10 }, newRecoveryCode);
  return { codes, digests: codes.map((code) => digestRecoveryCode(code) as Buffer) };
}

/** The digest of a code as people type it: case, spaces and dashes do not count. null = it cannot be one. */
export function digestRecoveryCode(text: string): Buffer | null {
  const bare = text.toLowerCase().replace(/[\s-]/g, '');
  // Those of 16 characters were made before, and count until new ones are made.
  return /^(?:[2-9a-km-np-z]{28}|[2-9a-km-np-z]{16})$/.test(bare) ? createHash('sha256').update(bare).digest() : null;
}

function newRecoveryCode(): string {
  const characters = [...randomBytes(28)].map((byte) => alphabet[byte % 32]);
  return (characters.join('').match(/.{4}/g) as string[]).join('-');
}
