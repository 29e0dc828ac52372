// Which keys the stored secrets need, and which of them this process has.
import { countSealed, namesOfKey, type SealedCount } from '../../records/vault/read-sealed.ts';
import type { Deps } from '../deps.ts';

export interface VaultStatus {
  active_key: string;
  /** Keys that decrypt, the active one among them. */
  known_keys: string[];
  /** How many secrets of which place each key opens. */
  secrets: SealedCount[];
  /** Keys that stored secrets need and that are not here, with some of the configs that need them. */
  missing_keys: { key_id: string; secrets: number; configs: string[] }[];
  /** Known keys that nothing needs any more, the active one aside: they can be retired. */
  idle_keys: string[];
  /** Texts that no key can open. */
  damaged: number;
}

const fewNames = 10;

/** Counts; opens nothing. Throws encryption_key_missing without a key. */
export async function vaultStatus({ database, vault }: Pick<Deps, 'database' | 'vault'>): Promise<VaultStatus> {
  const { active, known } = await vault.keyIds();
  const secrets = await countSealed(database);
  const needed = new Map<string, number>();
  for (const { key_id, secrets: count } of secrets) {
    if (key_id !== null) needed.set(key_id, (needed.get(key_id) ?? 0) + count);
  }
  const missing: VaultStatus['missing_keys'] = [];
  for (const [key_id, count] of needed) {
    if (known.includes(key_id)) continue;
    missing.push({ key_id, secrets: count, configs: await namesOfKey(database, key_id, fewNames) });
  }
  return {
    active_key: active,
    known_keys: [...known],
    secrets,
    missing_keys: missing,
    idle_keys: known.filter((id) => id !== active && !needed.has(id)),
    damaged: secrets.reduce((sum, { key_id, secrets: count }) => sum + (key_id === null ? count : 0), 0),
  };
}
