// Takes a code of the second factor, once: one of the app, or a recovery code.
import type { Queryable } from '../../../db/database.ts';
import { takeRecoveryCode, takeStep } from '../../../records/people/second-factor.ts';
import type { User } from '../../../records/people/users.ts';
import type { Vault } from '../../../vault/open-vault.ts';
import { digestRecoveryCode } from './recovery-codes.ts';
import { stepOfCode } from './totp-codes.ts';

/** The name of the secret in the vault; with the user's id it ties the ciphertext to its row. */
export const totpField = 'totp';

/** Which kind of code was taken; null = neither. The user's row is locked by the caller. */
export async function takeCode(
  q: Queryable,
  vault: Vault,
  of: { user: User; code: string; now: Date },
): Promise<'app' | 'recovery' | null> {
  const { user, now } = of;
  if (user.totpEncrypted === null || user.totpConfirmedAt === null) return null;
  const code = of.code.trim();
  const digest = digestRecoveryCode(code);
  if (digest !== null) return (await takeRecoveryCode(q, { userId: user.id, digest, now })) ? 'recovery' : null;
  const step = stepOfCode(await vault.decrypt(user.id, totpField, user.totpEncrypted), code.replace(/\s/g, ''), now);
  return step !== null && (await takeStep(q, user.id, step)) ? 'app' : null;
}
