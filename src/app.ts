// Opens the rooms in order (database, key, connectors), wires them into Deps, and closes them in reverse.
import { hostname } from 'node:os';
import { type Config, variables } from './config.ts';
import { openConnectors } from './connectors/load-connectors.ts';
import { type Database, openDatabase } from './db/database.ts';
import type { KeyFile, StoredKeys } from './db/embedded/open-key-file.ts';
import type { Embedded } from './db/embedded/start-embedded.ts';
import type { MigrateOptions, MigrateReport } from './db/migrate/migrate.ts';
import type { LockDownReport } from './db/roles/lock-down.ts';
import { TillsyncError } from './errors.ts';
import { openKnownSecrets } from './known-secrets.ts';
import { openHttp } from './net/http-client.ts';
import { queueOf } from './queue/queue-of.ts';
import { silentLog } from './silent-log.ts';
import { noteAction } from './sync/audit/note-action.ts';
import { identifyLegacy } from './sync/configs/identify-legacy.ts';
import type { Deps, ProcessFacts } from './sync/deps.ts';
import { productVersion } from './sync/system/product-version.ts';
import { openVault, type Vault } from './vault/open-vault.ts';

export interface App {
  config: Config;
  deps: Deps;
  database: Database;
  /** null = DATABASE_URL was given. */
  embedded: Embedded | null;
  /** Where the encryption keys stand; null = in the settings. */
  keyFile: KeyFile | null;
  close(): Promise<void>;
}

export interface OpenAppOptions {
  config: Config;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** Opens the embedded PostgreSQL on this port of 127.0.0.1 for other programs. */
  pgPort?: number | undefined;
  /** Gets one line where something about the embedded database is worth knowing. */
  notice?: (line: string) => void;
  /** `verify` reports a server below PostgreSQL 15 instead of refusing it. */
  allowOldServer?: boolean;
  /** Refuses a database of one's own without an encryption key; else the first credential does. */
  needsKey?: boolean;
  /** Size of the pool; default 10. */
  poolSize?: number;
  /** All statements run as the role that logged in, which owns the schema; default: as tillsync_worker, where it may. */
  asOwner?: boolean;
  /** The database is reached through a pooler that may give each transaction another session; see PoolOptions. */
  pooled?: boolean;
}

/** Opens everything a verb or a server needs. Throws TillsyncError; whatever was opened before is closed again. */
export async function openApp(options: OpenAppOptions): Promise<App> {
  const { config } = options;
  if (options.needsKey && config.databaseUrl !== null && config.encryptionKey === null) throw keyMissing();
  const embedded = config.databaseUrl === null ? await openEmbedded(options) : null;
  try {
    const database = await openDatabase({
      url: embedded?.url ?? config.databaseUrl ?? '',
      max: options.poolSize ?? 10,
      ...(options.applicationName ? { applicationName: options.applicationName } : {}),
      ...(options.allowOldServer ? { allowOldServer: true } : {}),
      ...(options.asOwner ? {} : { role: 'tillsync_worker' }),
      ...(options.pooled ? { pooled: true } : {}),
    });
    const { queue, close: closeQueue } = queueOf(database);
    try {
      const keyFile = embedded === null || config.encryptionKey !== null ? null : await openKeys(config);
      const vault = vaultOf(config, keyFile);
      vault.learn(ownSecrets(config));
      const about = aboutProcess(config, { embedded, keyFile });
      const deps = await wire(config, { database, queue, vault, about, connectors: openConnectors() });
      return {
        config,
        deps,
        database,
        embedded,
        keyFile,
        async close() {
          await closeQueue();
          await database.close();
          await embedded?.stop();
        },
      };
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function openEmbedded({ config, pgPort, notice }: OpenAppOptions): Promise<Embedded> {
  const { startEmbedded } = await import('./db/embedded/start-embedded.ts');
  return await startEmbedded({ dataDir: config.dataDir, pgPort, log: notice });
}

type Opened = Pick<Deps, 'database' | 'queue' | 'vault' | 'about' | 'connectors'>;

async function wire(config: Config, of: Opened): Promise<Deps> {
  return {
    database: of.database,
    queue: of.queue,
    connectors: of.connectors,
    vault: of.vault,
    openHttp: () =>
      openHttp({
        allowPrivateHosts: config.allowPrivateHosts,
        connectSeconds: config.fetchConnectSeconds,
        headerSeconds: config.fetchHeaderSeconds,
        totalSeconds: config.fetchTotalSeconds,
        maxBytes: config.maxBodyBytes,
      }),
    log: await logOf(config, of.vault),
    worker: `${hostname()}:${process.pid}`,
    leaseSeconds: config.leaseSeconds,
    saveStatementSeconds: config.saveStatementSeconds,
    lastSynced: config.lastSynced,
    fullReadHours: config.fullReadHours,
    hookDebounceSeconds: config.hookDebounceSeconds,
    planMemoryChanges: config.planMemoryChanges,
    most: { fetchBytes: config.maxFetchBytes, items: config.maxItems },
    keep: {
      runsDays: config.keepRunsDays,
      runsPerSource: config.keepRunsPerSource,
      logsDays: config.keepLogsDays,
      payloadsDays: config.keepPayloadsDays,
      payloadsPerSource: config.keepPayloadsPerSource,
      auditDays: config.keepAuditDays,
    },
    about: of.about,
  };
}

async function logOf({ logLevel }: Config, { redact }: Vault): Promise<Deps['log']> {
  if (logLevel === 'silent') return silentLog;
  const { openLog } = await import('./log.ts');
  return openLog(logLevel, undefined, redact);
}

function aboutProcess(
  { settings, warnings }: Config,
  { embedded, keyFile }: Pick<App, 'embedded' | 'keyFile'>,
): ProcessFacts {
  const key = settings.find(({ name }) => name === variables.encryptionKey.name);
  return {
    version: productVersion(),
    startedAt: new Date().toISOString(),
    hasOwnDatabase: embedded !== null,
    keyFrom: keyFile !== null ? 'key file' : key?.is_set === true ? key.source : 'nowhere',
    settings,
    settingWarnings: warnings,
  };
}

async function openKeys(config: Config): Promise<KeyFile> {
  const { openKeyFile } = await import('./db/embedded/open-key-file.ts');
  return openKeyFile(config.dataDir);
}

function vaultOf({ encryptionKey, previousKeys }: Config, keyFile: KeyFile | null): Vault {
  if (encryptionKey !== null) return openVault({ active: encryptionKey, others: previousKeys });
  if (keyFile === null) return vaultWithoutKey;
  let ring = keyFile.read();
  const withPrevious = (keys: StoredKeys) => ({ active: keys.active, others: [...keys.others, ...previousKeys] });
  let all = withPrevious(ring);
  return openVault(() => {
    const found = keyFile.read();
    if (found !== ring) all = withPrevious(found);
    ring = found;
    return all;
  });
}

// Of our own: whatever else is logged, these are not. A short one might be a word of our sentences.
function ownSecrets(config: Config): string[] {
  const { adminKey, apiKey, encryptionKey, previousKeys, supabaseJwtSecret, databaseUrl } = config;
  const password = URL.canParse(databaseUrl ?? '') ? decodeURIComponent(new URL(databaseUrl ?? '').password) : null;
  const all = [adminKey, apiKey, encryptionKey, supabaseJwtSecret, password, ...previousKeys];
  return all.filter((secret) => secret !== null && secret.length >= 16) as string[];
}

// A database of one's own without a key works as long as no credential is stored or read.
const vaultWithoutKey: Vault = {
  ...openKnownSecrets(),
  encrypt: refuseWithoutKey,
  decrypt: refuseWithoutKey,
  fingerprint: refuseWithoutKey,
  keyIds: refuseWithoutKey,
};

async function refuseWithoutKey(): Promise<never> {
  throw keyMissing();
}

function keyMissing(): TillsyncError {
  return new TillsyncError('Credentials cannot be stored or read, because no encryption key is set.', {
    code: 'encryption_key_missing',
    step: 'validation',
    hint: 'Set TILLSYNC_ENCRYPTION_KEY to 32 random bytes in base64, e.g. from `openssl rand -base64 32`.',
    exitCode: 2,
  });
}

/** Brings the database to this version's schema, adopting the original's tables where they are. `by`: for the audit log. */
export async function migrateApp(
  app: Pick<App, 'database' | 'deps'>,
  options: MigrateOptions & { by?: string } = {},
): Promise<MigrateReport> {
  // The pool may work as a role that makes no tables.
  const database = await openDatabase({ url: app.database.url, applicationName: 'tillsync migrate', max: 3 });
  try {
    const report = await migrateAs(database, app.deps, options);
    // What it made may be what the open connections should have settled in.
    await app.database.renew();
    if (!report.dry_run && report.applied.length > 0) {
      const after = { applied: report.applied, adopted: report.adoption !== null };
      await noteAction(app.deps, { action: 'database.migrated', actor: options.by ?? 'tillsync', after });
    }
    return report;
  } finally {
    await database.close();
  }
}

/** Takes what is open to everybody off the tables of an adopted database. `by`: for the audit log. */
export async function lockDownApp(
  app: Pick<App, 'database' | 'deps'>,
  options: { dryRun: boolean; by: string },
): Promise<LockDownReport> {
  const { lockDown } = await import('./db/roles/lock-down.ts');
  const report = await lockDown(app.database, options);
  if (!report.dry_run && report.statements.length > 0) {
    await app.database.renew();
    const after = { statements: report.statements };
    await noteAction(app.deps, { action: 'database.locked_down', actor: options.by, after });
  }
  return report;
}

async function migrateAs(
  database: Database,
  { connectors, vault }: Pick<Deps, 'connectors' | 'vault'>,
  options: MigrateOptions,
): Promise<MigrateReport> {
  const { migrate } = await import('./db/migrate/migrate.ts');
  const report = await migrate(database, {
    ...options,
    encryptCredential: (configId, field, value) => vault.encrypt(configId, field, value),
    identify: identifyLegacy({ connectors }),
  });
  if (!options.dryRun) {
    const { installQueue } = await import('./queue/install-queue.ts');
    await installQueue(database);
  }
  return report;
}
