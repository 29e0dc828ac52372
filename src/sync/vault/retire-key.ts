// Lets an old key go: only when nothing is encrypted with it, and nobody is about to encrypt with it.
import type { KeyFile } from '../../db/embedded/open-key-file.ts';
import { inputError, TillsyncError } from '../../errors.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import { countSealed } from '../../records/vault/read-sealed.ts';
import { holdSealed, lockKeys } from '../../records/vault/reseal.ts';
import { keyIdOf } from '../../vault/key-ring.ts';
import type { Deps } from '../deps.ts';

export interface KeyToRetire {
  keyId: string;
  /** null = the keys stand in the settings, and are taken away there. */
  keyFile: KeyFile | null;
  requestedBy: string;
}

/**
 * Retires a key; `removed` says whether it was taken out of the key file. Waits for changes of secrets that are under way.
 * Throws encryption_key_active, encryption_key_not_known, encryption_key_in_use.
 */
export async function retireKey(
  { database, vault }: Pick<Deps, 'database' | 'vault'>,
  { keyId, keyFile, requestedBy }: KeyToRetire,
): Promise<{ key_id: string; removed: boolean }> {
  return await database.transaction(
    async (connection) => {
      await lockKeys(connection);
      const { active, known } = await vault.keyIds();
      if (keyId === active) throw isActive(keyId);
      await holdSealed(connection);
      const left = (await countSealed(connection)).filter(({ key_id }) => key_id === keyId);
      const secrets = left.reduce((sum, { secrets: count }) => sum + count, 0);
      if (secrets > 0) throw inUse(keyId, secrets);
      if (!known.includes(keyId)) throw notKnown(keyId, known);
      await appendAudit(connection, {
        action: 'vault.key_retired',
        actor: requestedBy,
        subject: { type: 'encryption_key', id: keyId },
      });
      return { key_id: keyId, removed: keyFile !== null && (await dropKey(keyFile, keyId)) };
    },
    { lockTimeout: 30_000 },
  );
}

async function dropKey(keyFile: KeyFile, keyId: string): Promise<boolean> {
  for (const key of keyFile.read().others) {
    if ((await keyIdOf(key)) !== keyId) continue;
    keyFile.dropKey(key);
    return true;
  }
  return false;
}

function isActive(keyId: string): TillsyncError {
  return inputError(
    'encryption_key_active',
    `The key ${keyId} is the one that encrypts.`,
    'Rotate to another key first: `tillsync vault rotate`; see docs/how-to/rotate-the-encryption-key.md.',
  );
}

function notKnown(keyId: string, known: readonly string[]): TillsyncError {
  return inputError(
    'encryption_key_not_known',
    `No key here has the id ${keyId.slice(0, 20)}; there are ${known.join(', ')}.`,
    'Look at them with `tillsync vault status`.',
  );
}

function inUse(keyId: string, secrets: number): TillsyncError {
  return new TillsyncError(`${secrets} stored secrets are still encrypted with the key ${keyId}.`, {
    code: 'encryption_key_in_use',
    step: 'validation',
    effect: 'The key was not retired.',
    hint: 'Bring them under the active key with `tillsync vault rotate`, then retire it.',
    exitCode: 1,
    status: 409,
  });
}
