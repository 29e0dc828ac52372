// <config> on the command line: an id, or the exact name.
import type { Queryable } from '../db/database.ts';
import { inputError } from '../errors.ts';
import type { Config } from '../records/configs/config.ts';
import { listConfigs } from '../records/configs/read-configs.ts';

/** The config that a person named. Throws TillsyncError config_unknown, config_ambiguous (exit 2). */
export async function findConfig(q: Queryable, named: string): Promise<Config> {
  return pickConfig(await listConfigs(q), named);
}

/** The same among configs that are read already. */
export function pickConfig(configs: readonly Config[], named: string): Config {
  const byId = configs.find((config) => config.id === named.toLowerCase());
  if (byId !== undefined) return byId;
  const [first, ...others] = configs.filter((config) => config.name === named);
  if (first === undefined) {
    const similar = configs.find((config) => config.name.toLowerCase() === named.toLowerCase());
    throw inputError(
      'config_unknown',
      `There is no config "${named}".`,
      similar === undefined ? 'List them with `tillsync configs list`.' : `Did you mean "${similar.name}"?`,
    );
  }
  if (others.length === 0) return first;
  throw inputError(
    'config_ambiguous',
    `${others.length + 1} configs are named "${named}".`,
    `Use the id: ${[first, ...others].map((config) => config.id).join(', ')}.`,
  );
}
