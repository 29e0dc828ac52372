// The settings of a config as a change would make them: tried in a transaction that is rolled back, so that nothing is stored.
import type { Connector } from '../../connectors/connector.ts';
import type { Queryable } from '../../db/database.ts';
import { inputError, type TillsyncError } from '../../errors.ts';
import { readLevels } from '../../records/configs/read-levels.ts';
import { updateConfig } from '../../records/configs/write-configs.ts';
import { checkParamNames, checkSecretNames } from '../configs/check-settings.ts';
import { type MergedConfig, mergeLevels, openSecrets } from '../configs/merge-levels.ts';
import { reachOf } from '../configs/reach.ts';
import type { Deps } from '../deps.ts';

/** A change of a config that nobody stored yet; null takes one away. */
export interface ChangeToCheck {
  params: Readonly<Record<string, unknown>>;
  /** Plain values; never stored. */
  secrets: Readonly<Record<string, string | null>>;
}

class RolledBack extends Error {}

type Checking = Pick<Deps, 'database' | 'connectors' | 'vault'>;

interface ChangedSettings {
  connector: Connector;
  params: Readonly<Record<string, unknown>>;
  missing: string[];
  secrets: Record<string, string>;
}

/**
 * Merges a change with what is stored and with the levels above. A stored secret goes where it went before and nowhere
 * else: a test is no way to have it sent to somebody, and leaves no entry of a change. Throws TillsyncError config_unknown,
 * param_unknown, param_is_secret, param_invalid, secret_unknown, secret_needed_again, and as openSecrets does.
 */
export async function changedSettings(
  deps: Checking,
  configId: string,
  change: ChangeToCheck,
): Promise<ChangedSettings> {
  const found: ChangedSettings[] = [];
  try {
    await deps.database.transaction(async (q) => {
      found.push(await tried(q, deps, { configId, change }));
      throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
  return found[0]!;
}

async function tried(
  q: Queryable,
  deps: Checking,
  { configId, change }: { configId: string; change: ChangeToCheck },
): Promise<ChangedSettings> {
  const before = await mergeLevels(q, deps, configId);
  const { connector } = before;
  const stored = (await readLevels(q, configId)).at(-1)!;
  checkParamNames(connector, namesToCheck(change.params, stored.params));
  checkSecretNames(connector, namesToCheck(change.secrets, stored.credentials));
  const given = Object.fromEntries(present(change.secrets)) as Record<string, string>;
  const taken = new Set(Object.keys(change.secrets));
  const kept = Object.entries(stored.credentials).filter(([name]) => !taken.has(name));
  await updateConfig(q, configId, {
    params: Object.fromEntries(present({ ...stored.params, ...change.params })),
    credentials: Object.fromEntries(kept),
  });
  const after = await mergeLevels(q, deps, configId);
  const inherited = [...after.sealed.keys()].filter((name) => !Object.hasOwn(given, name));
  if (inherited.length > 0 && goesElsewhere(before, after)) throw secretNeededAgain(inherited);
  const secrets = { ...(await openSecrets(deps.vault, after)), ...given };
  const missing = after.missing.filter((name) => !Object.hasOwn(given, name));
  return { connector, params: after.params, missing, secrets };
}

function goesElsewhere(before: MergedConfig, after: MergedConfig): boolean {
  const reach = reachOf(after);
  return reach !== null && reach !== reachOf(before);
}

function present(values: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
}

// What is stored may be taken away, also where the connector no longer knows it.
function namesToCheck(values: Readonly<Record<string, unknown>>, stored: object): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === null && Object.hasOwn(stored, name) ? [] : [name],
  );
}

function secretNeededAgain(names: readonly string[]): TillsyncError {
  return inputError(
    'secret_needed_again',
    `A test does not send a stored secret (${names.join(', ')}) to another address than before.`,
    'Enter the secret for this test, or save the change first and test then.',
  );
}
