// Resolves a config: levels merged, params validated, secrets opened, and exactly one source found for its identity.
import type { Connector } from '../connectors/connector.ts';
import type { SourceIdentity } from '../connectors/identity.ts';
import type { Config } from '../records/configs/config.ts';
import { lockConfig } from '../records/configs/write-configs.ts';
import { getSource } from '../records/sources/read-sources.ts';
import { bindSource } from './configs/bind-source.ts';
import { configUnknown, type MergedConfig, mergeLevels, openSecrets, type SetAt } from './configs/merge-levels.ts';
import type { Deps } from './deps.ts';

type Resolving = Pick<Deps, 'database' | 'connectors'>;

/** What a config says without its secrets: enough to ask for a run, which then opens them and fails in history if it cannot. */
export interface ResolvedSettings {
  config: Config;
  connector: Connector;
  /** Merged over concept, company and site (the most specific wins) and validated; raw where something is missing. */
  params: Readonly<Record<string, unknown>>;
  /** null = no catalog known yet. A config adopted without its identity has a source and still cannot fetch. */
  sourceId: string | null;
  /** Names of the params and secrets without which the config cannot fetch; [] = runnable. */
  missing: string[];
  /** null = not known. */
  identity: SourceIdentity | null;
  /** By param: who set it; what is not here is the connector's default. */
  setAt: ReadonlyMap<string, SetAt>;
}

/** A config with everything that a run needs; secrets stay in memory. */
export interface ResolvedConfig extends ResolvedSettings {
  /** Decrypted, merged likewise. */
  secrets: Readonly<Record<string, string>>;
  /** The config that holds the most specific of them, itself without any: those below it share its tokens. */
  credentialsOf: string;
}

/**
 * Resolves a config to its settings and source; makes the source's row where it is new.
 * Throws TillsyncError: config_unknown, connector_unknown, param_unknown, param_is_secret, param_invalid,
 * defaults_ambiguous, identity_change_needs_choice, source_identity_taken, source_has_active_config.
 */
export async function resolveSettings(deps: Resolving, configId: string): Promise<ResolvedSettings> {
  return settingsOf(await bound(deps, configId));
}

/** The same with its secrets opened; throws encryption_key_missing, encryption_key_unknown and credential_unreadable, too. */
export async function resolveConfig(deps: Resolving & Pick<Deps, 'vault'>, configId: string): Promise<ResolvedConfig> {
  const found = await bound(deps, configId);
  const secrets = await openSecrets(deps.vault, found.merged);
  return { ...settingsOf(found), secrets, credentialsOf: found.merged.credentialsOf };
}

interface Bound {
  merged: MergedConfig;
  sourceId: string | null;
}

async function bound(deps: Resolving, configId: string): Promise<Bound> {
  const merged = await mergeLevels(deps.database, deps, configId);
  if (await isSettled(deps, merged)) return { merged, sourceId: merged.config.source_id };
  return await deps.database.transaction(async (q) => {
    if (!(await lockConfig(q, configId))) throw configUnknown(configId);
    const again = await mergeLevels(q, deps, configId);
    return { merged: again, sourceId: await bindSource(q, again, { choice: null }) };
  });
}

// The usual case: the source that is stored is the source of the identity, and nothing needs to be written.
async function isSettled(deps: Resolving, { config, identity }: MergedConfig): Promise<boolean> {
  if (config.source_id === null) return identity === null;
  const source = await getSource(deps.database, config.source_id);
  return source !== null && source.identity_key === (identity?.key ?? null);
}

function settingsOf({ merged, sourceId }: Bound): ResolvedSettings {
  const { config, connector, params, missing, identity, setAt } = merged;
  return { config: { ...config, source_id: sourceId }, connector, params, sourceId, missing, identity, setAt };
}
