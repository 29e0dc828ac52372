// Merges a config with the levels above it: concept, then company, then site; the most specific wins, field by field.
import type { Connector } from '../../connectors/connector.ts';
import { identityOf, type SourceIdentity } from '../../connectors/identity.ts';
import type { Queryable } from '../../db/database.ts';
import { inputError, type TillsyncError } from '../../errors.ts';
import { isRawNumber } from '../../json.ts';
import type { Config, Level } from '../../records/configs/config.ts';
import { type ConfigWithCredentials, readLevels } from '../../records/configs/read-levels.ts';
import type { Vault } from '../../vault/open-vault.ts';
import type { Deps } from '../deps.ts';
import { findConnector } from '../recipes/find-connector.ts';
import { checkParams, type Params } from './check-settings.ts';

/** A config merged with its levels; its secrets are still sealed. */
export interface MergedConfig {
  config: Config;
  connector: Connector;
  /** Validated and with the connector's defaults where complete; as merged where something is missing. */
  params: Params;
  /** Names of required params and secrets that no level sets. */
  missing: string[];
  /** null = not known yet. */
  identity: SourceIdentity | null;
  /** By field: the ciphertext and the config that it is bound to. */
  sealed: ReadonlyMap<string, SealedSecret>;
  /** The config of the most specific level that holds a secret; the config's own id where none does. */
  credentialsOf: string;
  /** By param: the level and the name of the config that set it; what is not here is the connector's default. */
  setAt: ReadonlyMap<string, SetAt>;
}

/** Where a setting comes from. */
export interface SetAt {
  level: Level;
  setBy: string;
}

interface SealedSecret {
  configId: string;
  text: string;
}

/**
 * Reads and merges a config. Throws TillsyncError config_unknown, connector_unknown, defaults_ambiguous and those of
 * checkParams.
 */
export async function mergeLevels(
  q: Queryable,
  deps: Pick<Deps, 'connectors'>,
  configId: string,
): Promise<MergedConfig> {
  const chain = await readLevels(q, configId);
  const own = chain.at(-1);
  if (!own) throw configUnknown(configId);
  const { credentials: _, ...config } = own;
  const connector = await findConnector(q, deps, config.connector_id);
  const params = new Map<string, Setting<unknown>>();
  const sealed = new Map<string, Setting<SealedSecret>>();
  for (const level of chain) {
    overlay(params, level, paramsOf(connector, level));
    overlay(sealed, level, sealedOf(level));
  }
  refuseAmbiguity([...params, ...sealed]);
  const merged = Object.fromEntries([...params].map(([name, setting]) => [name, setting.value]));
  const checked = checkParams(connector, merged);
  return {
    config,
    connector,
    params: checked.params,
    missing: [...checked.missing, ...missingSecrets(connector, checked.params, sealed)],
    identity: identityOf(connector, checked.params),
    sealed: new Map([...sealed].map(([name, setting]) => [name, setting.value])),
    credentialsOf:
      mostSpecific(
        chain.map(({ id }) => id),
        sealed,
      ) ?? config.id,
    setAt: new Map([...params].map(([name, { level, setBy }]) => [name, { level, setBy }])),
  };
}

function mostSpecific(
  chain: readonly string[],
  sealed: ReadonlyMap<string, Setting<SealedSecret>>,
): string | undefined {
  const holders = new Set([...sealed.values()].map(({ value }) => value.configId));
  return chain.findLast((id) => holders.has(id));
}

function missingSecrets(connector: Connector, params: Params, sealed: ReadonlyMap<string, unknown>): string[] {
  return (connector.requiredSecrets?.(params) ?? []).filter((field) => !sealed.has(field));
}

/** The refusal of a config id that no config has. */
export function configUnknown(configId: string): TillsyncError {
  return inputError('config_unknown', `No config has the id ${configId}.`, 'List them with `tillsync configs list`.');
}

/** Opens the secrets of a merged config. Throws TillsyncError encryption_key_unknown, credential_unreadable. */
export async function openSecrets(vault: Vault, merged: MergedConfig): Promise<Record<string, string>> {
  const opened: [string, string][] = [];
  for (const [field, { configId, text }] of merged.sealed) {
    opened.push([field, await vault.decrypt(configId, field, text)]);
  }
  return Object.fromEntries(opened);
}

interface Setting<Value> {
  value: Value;
  level: Level;
  setBy: string;
  /** Another config of the same level that sets it otherwise. */
  rival: string | null;
}

function overlay<Value>(settings: Map<string, Setting<Value>>, from: Config, values: Iterable<[string, Value]>): void {
  for (const [name, value] of values) {
    const present = settings.get(name);
    const differs = present?.level === from.level && JSON.stringify(present.value) !== JSON.stringify(value);
    const rival = differs ? present.setBy : null;
    settings.set(name, { value, level: from.level, setBy: from.name, rival });
  }
}

/**
 * The params that a config itself sets. An adopted one may carry settings of the original that mean nothing here; they stay
 * in its row and are not used.
 */
export function paramsOf(connector: Connector, config: Config): [string, unknown][] {
  const set = Object.entries(config.params).map(([name, value]): [string, unknown] => [
    name,
    // An id of 17 digits, kept as its text.
    isRawNumber(value) ? value.rawJSON : value,
  ]);
  return config.legacy_source_id === null ? set : set.filter(([name]) => Object.hasOwn(connector.settings.shape, name));
}

function sealedOf(config: ConfigWithCredentials): [string, SealedSecret][] {
  return Object.entries(config.credentials).map(([field, text]) => [field, { configId: config.id, text }]);
}

// Two defaults of one level that disagree: which one would win is nobody's guess, so neither does.
function refuseAmbiguity(settings: readonly (readonly [string, Setting<unknown>])[]): void {
  for (const [name, { level, setBy, rival }] of settings) {
    if (rival === null) continue;
    throw inputError(
      'defaults_ambiguous',
      `Two configs of the same ${level}, "${rival}" and "${setBy}", set "${name}" differently.`,
      `Set "${name}" in the config itself, or switch one of the two off.`,
    );
  }
}
