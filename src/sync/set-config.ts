// Adds and changes configs: names and values checked, secrets sealed, and every config that it touches bound again.
import type { Connector } from '../connectors/connector.ts';
import type { Queryable } from '../db/database.ts';
import { inputError, TillsyncError } from '../errors.ts';
import type { Config, Level, SecretDescription } from '../records/configs/config.ts';
import { getConfig, readConfigVersion } from '../records/configs/read-configs.ts';
import { readConfigsBelow, readLevels } from '../records/configs/read-levels.ts';
import { insertConfig, lockConfig, updateConfig } from '../records/configs/write-configs.ts';
import { auditConfig } from './audit/audit-config.ts';
import { type Admit, type AdmitSecrets, bindSource, type IdentityChoice } from './configs/bind-source.ts';
import { checkParamNames, checkSecretNames } from './configs/check-settings.ts';
import { configUnknown, mergeLevels } from './configs/merge-levels.ts';
import { secretReachesElsewhere, sendsElsewhere } from './configs/reach.ts';
import type { Deps } from './deps.ts';
import { guardLimits } from './plan/guard-limits.ts';
import { findConnector } from './recipes/find-connector.ts';
import { type ScheduleChange, setSchedule } from './schedule/set-schedule.ts';
import { describeSecret } from './vault/describe-secret.ts';

type Settings = Pick<Deps, 'database' | 'connectors' | 'vault'>;

/** A config as stored, with what it still lacks ([] = runnable). */
export interface ConfigWithMissing extends Config {
  missing: string[];
}

export interface ConfigToAdd {
  connectorId: string;
  name: string;
  /** Default: the most specific of the ids given; site without any. */
  level?: Level | undefined;
  conceptId?: number | undefined;
  companyId?: number | undefined;
  siteId?: number | undefined;
  params: Readonly<Record<string, unknown>>;
  /** Plain values; they leave this function only encrypted. */
  secrets: Readonly<Record<string, string>>;
  guard?: Readonly<Record<string, unknown>> | undefined;
  schedule?: ScheduleChange | undefined;
  /** Asked about the source of each config that is bound, in the transaction. */
  admit?: Admit | undefined;
  /** Asked about the settings of each config that is bound, where params, secrets or is_active are given. */
  admitSecrets?: AdmitSecrets | undefined;
  /** Configs below that have addresses of their own get new secrets, too. Default: such a secret is refused. */
  shareSecrets?: boolean | undefined;
}

/**
 * Adds a config and resolves it to its source (`source_id: null` and `missing` where it is not runnable).
 * Throws TillsyncError connector_unknown, param_unknown, param_is_secret, param_invalid, secret_unknown,
 * guard_invalid, schedule_invalid, config_name_invalid, config_level_invalid, source_has_active_config, identity_change_needs_choice,
 * secret_reaches_elsewhere.
 */
export async function addConfig(deps: Settings, add: ConfigToAdd): Promise<ConfigWithMissing> {
  const connector = await findConnector(deps.database, deps, add.connectorId);
  checkName(add.name);
  checkParamNames(connector, Object.keys(add.params));
  guardLimits(withoutNulls(add.guard ?? {}));
  const level = levelOf(add);
  const id = crypto.randomUUID();
  const sealed = await seal(deps, { configId: id, connector, secrets: add.secrets });
  return await deps.database.transaction(async (q) => {
    await insertConfig(q, {
      id,
      name: add.name,
      connectorId: connector.id,
      level,
      conceptId: add.conceptId ?? null,
      companyId: add.companyId ?? null,
      siteId: add.siteId ?? null,
      params: withoutNulls(add.params),
      ...sealed,
      guard: withoutNulls(add.guard ?? {}),
    });
    if (add.schedule !== undefined) await setSchedule(q, id, add.schedule);
    const { admit, admitSecrets } = add;
    const binding = { choice: null, admit, admitSecrets };
    const fresh = add.shareSecrets ? [] : Object.keys(add.secrets);
    const added = await bindAll(q, deps, { configId: id, ...binding, withBelow: true, fresh });
    await auditConfig(q, { before: null, after: added, secrets: add.secrets });
    return added;
  });
}

export interface ConfigToSet {
  configId: string;
  name?: string | undefined;
  /** Merged into the config's own params; null takes one away. */
  params?: Readonly<Record<string, unknown>> | undefined;
  /** Merged into the config's own secrets; null takes one away. */
  secrets?: Readonly<Record<string, string | null>> | undefined;
  isActive?: boolean | undefined;
  /** Merged into the guard's overrides; null takes one away. */
  guard?: Readonly<Record<string, unknown>> | undefined;
  schedule?: ScheduleChange | undefined;
  /** The identity changed: the source keeps its rows under the new one. */
  move?: boolean | undefined;
  /** The identity changed: begin (or use) the source of the new one; the old rows stay behind. */
  newSource?: boolean | undefined;
  /** Only if the settings are still those that readConfigVersion named so. */
  ifVersion?: string | undefined;
  /** As in ConfigToAdd. */
  admit?: Admit | undefined;
  admitSecrets?: AdmitSecrets | undefined;
  shareSecrets?: boolean | undefined;
}

/**
 * Changes a config; it and the configs that inherit from it are bound again, all or nothing.
 * Throws TillsyncError as addConfig does, and config_unknown, config_version_stale, identity_choice_invalid,
 * source_identity_taken.
 */
export async function setConfig(deps: Settings, set: ConfigToSet): Promise<ConfigWithMissing> {
  if (set.move && set.newSource) {
    throw inputError('identity_choice_invalid', '--move and --new-source exclude each other.', 'Say one of them.');
  }
  if (set.name !== undefined) checkName(set.name);
  const choice: IdentityChoice = set.move ? 'move' : set.newSource ? 'new-source' : null;
  return await deps.database.transaction(async (q) => {
    const before = await lockKnown(q, set.configId);
    if (before === null) throw configUnknown(set.configId);
    await refuseOldVersion(q, set);
    const stored = (await readLevels(q, set.configId)).at(-1)!;
    const connector = await findConnector(q, deps, stored.connector_id);
    // What is stored may be taken away, also where the connector no longer knows it.
    checkParamNames(connector, namesToCheck(set.params, stored.params));
    checkSecretNames(connector, namesToCheck(set.secrets, stored.credentials));
    guardLimits(withoutNulls(set.guard ?? {}));
    const fresh = Object.entries(set.secrets ?? {}).filter((entry): entry is [string, string] => entry[1] !== null);
    const sealed = await seal(deps, { configId: stored.id, connector, secrets: Object.fromEntries(fresh) });
    const kept = withoutNulls({ ...stored.credentials, ...set.secrets });
    await updateConfig(q, stored.id, {
      name: set.name,
      params: set.params && withoutNulls({ ...stored.params, ...set.params }),
      credentials: set.secrets && ({ ...kept, ...sealed.credentials } as Record<string, string>),
      described: set.secrets && knownOf({ ...stored.secrets, ...sealed.described }, kept),
      guard: set.guard && withoutNulls({ ...stored.guard, ...set.guard }),
      isActive: set.isActive === false ? false : undefined,
    });
    if (set.schedule !== undefined) await setSchedule(q, stored.id, set.schedule);
    const reaches = set.params !== undefined || set.secrets !== undefined || set.isActive !== undefined;
    const after = await bindAll(q, deps, {
      configId: stored.id,
      choice,
      withBelow: reaches,
      activate: set.isActive,
      admit: set.admit,
      admitSecrets: reaches ? set.admitSecrets : undefined,
      fresh: set.shareSecrets ? [] : Object.keys(sealed.credentials),
    });
    await auditConfig(q, { before, after, secrets: set.secrets, identityChange: choice });
    return after;
  });
}

// Binds the config and, where its settings reach them, the configs below it.
async function bindAll(
  q: Queryable,
  deps: Settings,
  of: {
    configId: string;
    choice: IdentityChoice;
    withBelow: boolean;
    activate?: boolean | undefined;
    admit: Admit | undefined;
    admitSecrets: AdmitSecrets | undefined;
    /** Secrets that are new and may go to the addresses of this config only. */
    fresh: readonly string[];
  },
): Promise<ConfigWithMissing> {
  const merged = await mergeLevels(q, deps, of.configId);
  const config = { ...merged.config, is_active: of.activate ?? merged.config.is_active };
  await bindSource(q, { ...merged, config }, of);
  // Switched on only after its source proved free, so that a refusal can name the config that has it.
  if (of.activate) await updateConfig(q, of.configId, { isActive: true });
  const elsewhere: Config[] = [];
  for (const id of of.withBelow ? await readConfigsBelow(q, merged.config) : []) {
    await lockConfig(q, id);
    const below = await mergeLevels(q, deps, id);
    if (sendsElsewhere(below, merged, of.fresh)) elsewhere.push(below.config);
    await bindSource(q, below, of);
  }
  if (elsewhere.length > 0) throw secretReachesElsewhere(elsewhere);
  const stored = await getConfig(q, of.configId);
  if (stored === null) throw configUnknown(of.configId);
  return { ...stored, missing: merged.missing };
}

// Two people who change one config: the second is told, and does not undo what the first did.
async function refuseOldVersion(q: Queryable, { configId, ifVersion }: ConfigToSet): Promise<void> {
  if (ifVersion === undefined || (await readConfigVersion(q, configId)) === ifVersion) return;
  throw new TillsyncError('The config was changed since you read it.', {
    code: 'config_version_stale',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'Read the config again, look at what changed, and send your change with its new ETag.',
    status: 412,
    exitCode: 2,
  });
}

// Read once more under the lock: what somebody changed meanwhile is not what this change was made over.
async function lockKnown(q: Queryable, configId: string): Promise<Config | null> {
  if ((await getConfig(q, configId)) === null || !(await lockConfig(q, configId))) return null;
  return await getConfig(q, configId);
}

interface Sealed {
  credentials: Record<string, string>;
  described: Record<string, SecretDescription>;
}

// Of the secrets that stay, what is known of them.
function knownOf(described: Config['secrets'], kept: object): Config['secrets'] {
  const known = Object.entries(described).filter(
    ([name, { set_at, ends_in }]) => Object.hasOwn(kept, name) && (set_at !== null || ends_in !== null),
  );
  return Object.fromEntries(known);
}

async function seal(
  deps: Settings,
  of: { configId: string; connector: Connector; secrets: Readonly<Record<string, string>> },
): Promise<Sealed> {
  checkSecretNames(of.connector, Object.keys(of.secrets));
  const sealed: Sealed = { credentials: {}, described: {} };
  for (const [field, value] of Object.entries(of.secrets)) {
    if (value === '') {
      throw inputError('secret_empty', `The secret "${field}" is empty.`, 'Give a value, or leave the secret out.');
    }
    sealed.credentials[field] = await deps.vault.encrypt(of.configId, field, value);
    sealed.described[field] = describeSecret(value, new Date());
  }
  return sealed;
}

function levelOf(add: ConfigToAdd): Level {
  const given = { concept: add.conceptId, company: add.companyId, site: add.siteId };
  const level = add.level ?? (['site', 'company', 'concept'] as const).find((name) => given[name] !== undefined);
  if (level === undefined || level === 'site' || given[level] !== undefined) return level ?? 'site';
  throw inputError(
    'config_level_invalid',
    `A config of the ${level} level must say which ${level} it is for.`,
    `Give --${level} with its id.`,
  );
}

function checkName(name: string): void {
  if (name.trim() !== '' && name.length <= 200 && !/\p{Cc}/u.test(name) && name.isWellFormed()) return;
  throw inputError(
    'config_name_invalid',
    'The name of a config has 1 to 200 characters and no control characters.',
    'Give it another name.',
  );
}

function namesToCheck(values: Readonly<Record<string, unknown>> | undefined, stored: object): string[] {
  return Object.entries(values ?? {}).flatMap(([name, value]) =>
    value === null && Object.hasOwn(stored, name) ? [] : [name],
  );
}

function withoutNulls<Value>(values: Readonly<Record<string, Value>>): Record<string, NonNullable<Value>> {
  const present = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(present) as Record<string, NonNullable<Value>>;
}
