// Resolves a config: levels merged, params validated, secrets opened, and exactly one source found for its identity.
import type { Connector } from '../connectors/connector.ts';
import type { SourceIdentity } from '../connectors/identity.ts';
import type { Config } from '../records/configs/config.ts';
import { lockConfig } from '../records/configs/write-configs.ts';
import { getSource } from '../records/sources/read-sources.ts';
import { bindSource } from './configs/bind-source.ts';
import { configUnknown, type MergedConfig, mergeLevels, openSecrets } from './configs/merge-levels.ts';
import type { Deps } from './deps.ts';

type Resolving = Pick<Deps, 'database' | 'connectors' | 'vault'>;

/** A config with everything that a run needs; secrets stay in memory. */
export interface ResolvedConfig {
  config: Config;
  connector: Connector;
  /** Merged over concept, company and site (the most specific wins) and validated; raw where something is missing. */
  params: Readonly<Record<string, unknown>>;
  /** Decrypted, merged likewise. */
  secrets: Readonly<Record<string, string>>;
  /** null = no catalog known yet. A config adopted without its identity has a source and still cannot fetch. */
  sourceId: string | null;
  /** Names of the params and secrets without which the config cannot fetch; [] = runnable. */
  missing: string[];
  /** null = not known. */
  identity: SourceIdentity | null;
}

/**
 * Resolves a config to its settings and source; makes the source's row where it is new.
 * Throws TillsyncError: config_unknown, connector_unknown, param_unknown, param_is_secret, param_invalid,
 * defaults_ambiguous, identity_change_needs_choice, source_identity_taken, source_has_active_config,
 * encryption_key_unknown, credential_unreadable.
 */
export async function resolveConfig(deps: Resolving, configId: string): Promise<ResolvedConfig> {
  const merged = await mergeLevels(deps.database, deps, configId);
  if (await isSettled(deps, merged)) return await opened(deps, merged, merged.config.source_id);
  const bound = await deps.database.transaction(async (q) => {
    if (!(await lockConfig(q, configId))) throw configUnknown(configId);
    const again = await mergeLevels(q, deps, configId);
    return { merged: again, sourceId: await bindSource(q, again, null) };
  });
  return await opened(deps, bound.merged, bound.sourceId);
}

// The usual case: the source that is stored is the source of the identity, and nothing needs to be written.
async function isSettled(deps: Resolving, { config, identity }: MergedConfig): Promise<boolean> {
  if (config.source_id === null) return identity === null;
  const source = await getSource(deps.database, config.source_id);
  return source !== null && source.identity_key === (identity?.key ?? null);
}

async function opened(deps: Resolving, merged: MergedConfig, sourceId: string | null): Promise<ResolvedConfig> {
  const { config, connector, params, missing, identity } = merged;
  const secrets = await openSecrets(deps.vault, merged);
  return { config: { ...config, source_id: sourceId }, connector, params, secrets, sourceId, missing, identity };
}
