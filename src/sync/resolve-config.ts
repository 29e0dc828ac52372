// Resolves a config: levels merged, params validated, secrets opened, and exactly one source found for its identity.
import type { Connector } from '../connectors/connector.ts';
import { inputError, type TillsyncError } from '../errors.ts';
import type { Config } from '../records/configs/config.ts';
import type { Deps } from './deps.ts';

/** The identity of a source: which catalog of which POS. */
export interface SourceIdentity {
  /** Origin of the base URL, e.g. 'https://pos.example:8443'. */
  origin: string;
  /** Identity params and their values, byte-exact text. */
  identity: Record<string, string>;
  /** Canonical text of connector, origin and identity; equal keys share one source. */
  key: string;
}

/** A config with everything that a run needs; secrets stay in memory. */
export interface ResolvedConfig {
  config: Config;
  connector: Connector;
  /** Merged over concept, company and site (the most specific wins) and validated; raw where not runnable. */
  params: Readonly<Record<string, unknown>>;
  /** Decrypted, merged likewise. */
  secrets: Readonly<Record<string, string>>;
  /** null = not runnable. */
  sourceId: string | null;
  /** Names of the params without which the config cannot run; [] = runnable. */
  missing: string[];
  /** null = not known. */
  identity: SourceIdentity | null;
}

/**
 * Resolves a config to its source and settings; makes the source's row where it is new.
 * Throws TillsyncError: config_unknown, connector_unknown, param_unknown, param_invalid, identity_change_needs_choice,
 * source_has_active_config, encryption_key_unknown, credential_unreadable.
 */
export async function resolveConfig(_deps: Deps, configId: string): Promise<ResolvedConfig> {
  throw configUnknown(configId);
}

/** The refusal of a config id that no config has. */
export function configUnknown(configId: string): TillsyncError {
  return inputError('config_unknown', `No config has the id ${configId}.`, 'List them with `tillsync configs list`.');
}
