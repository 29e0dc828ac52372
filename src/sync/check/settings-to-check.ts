// Which settings *Test connection* tries: those of a stored config, or ones that nobody stored yet.
import { z } from 'zod';
import type { Connector } from '../../connectors/connector.ts';
import { TillsyncError } from '../../errors.ts';
import { checkParamNames, checkParams, checkSecretNames } from '../configs/check-settings.ts';
import type { Deps } from '../deps.ts';
import { findConnector } from '../recipes/find-connector.ts';
import { resolveConfig } from '../resolve-config.ts';
import { type ChangeToCheck, changedSettings } from './changed-settings.ts';

/** What is tested. */
export type CheckTarget =
  | { configId: string; change?: ChangeToCheck | undefined }
  | {
      connectorId: string;
      params: Readonly<Record<string, unknown>>;
      /** Plain values; kept in memory only. */
      secrets: Readonly<Record<string, string>>;
    };

export interface SettingsToCheck {
  connector: Connector;
  /** With the connector's defaults as far as they are complete. */
  params: Readonly<Record<string, unknown>>;
  secrets: Readonly<Record<string, string>>;
  credentialsOf: string | null;
  /** Identity params that nobody set and that the connector's test may find out. */
  unknown: string[];
}

/**
 * Reads the settings. Throws TillsyncError as setting and resolving a config does, and config_not_runnable naming what is
 * missing and cannot be found out by asking the POS.
 */
export async function readSettingsToCheck(
  deps: Pick<Deps, 'database' | 'connectors' | 'vault'>,
  target: CheckTarget,
): Promise<SettingsToCheck> {
  const found = await foundSettings(deps, target);
  const { connector, missing } = found;
  const canAsk = (name: string) => connector.check !== undefined && connector.identity.includes(name);
  const lacking = missing.filter((name) => !canAsk(name));
  if (lacking.length > 0) throw settingsMissing(connector, lacking);
  const unknown = missing.filter(canAsk);
  return { ...found, params: withDefaults(connector, found.params, unknown), unknown };
}

interface Found extends Omit<SettingsToCheck, 'unknown'> {
  missing: string[];
}

async function foundSettings(
  deps: Pick<Deps, 'database' | 'connectors' | 'vault'>,
  target: CheckTarget,
): Promise<Found> {
  if (!('configId' in target)) return await givenSettings(deps, target);
  const { configId, change } = target;
  if (change === undefined) return await resolveConfig(deps, configId);
  const { connector, params, missing, secrets } = await changedSettings(deps, configId, change);
  // A token was given for the settings that are stored.
  return { connector, params, missing, secrets, credentialsOf: null };
}

async function givenSettings(
  deps: Pick<Deps, 'database' | 'connectors'>,
  target: Extract<CheckTarget, { connectorId: string }>,
): Promise<Found> {
  const connector = await findConnector(deps.database, deps, target.connectorId);
  const { secrets } = target;
  checkParamNames(connector, Object.keys(target.params));
  checkSecretNames(connector, Object.keys(secrets));
  const { params, missing } = checkParams(connector, target.params);
  const lacking = (connector.requiredSecrets?.(params) ?? []).filter((name) => !Object.hasOwn(secrets, name));
  return { connector, params, secrets, credentialsOf: null, missing: [...missing, ...lacking] };
}

/** Params with what the connector's test found out, as a run would get them. Throws as checkParams does. */
export function withIdentity(
  { connector, params }: SettingsToCheck,
  identity: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const checked = checkParams(connector, { ...params, ...identity });
  if (checked.missing.length > 0) throw settingsMissing(connector, checked.missing);
  return checked.params;
}

// Params that lack something are as they were merged, without the connector's defaults.
function withDefaults(
  { settings }: Connector,
  params: Readonly<Record<string, unknown>>,
  unknown: readonly string[],
): Readonly<Record<string, unknown>> {
  const lax = Object.entries(settings.shape).map(([name, schema]) => [
    name,
    unknown.includes(name) ? z.optional(schema as z.ZodType) : schema,
  ]);
  const parsed = z.object(Object.fromEntries(lax) as Record<string, z.ZodType>).safeParse(params);
  return parsed.success ? parsed.data : params;
}

function settingsMissing(connector: Connector, missing: readonly string[]): TillsyncError {
  const [first = ''] = missing;
  const isSecret = connector.secretFields.includes(first);
  return new TillsyncError(`The settings for ${connector.title} are not complete; missing: ${missing.join(', ')}.`, {
    code: 'config_not_runnable',
    step: 'validation',
    hint: isSecret ? `Give it with --secret ${first}=- (from stdin).` : `Give it with --param ${first}=<value>.`,
    exitCode: 2,
    status: 422,
  });
}
