// Opens tillsync for one verb: settings, database, schema; hands it over, and closes whatever happens.
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { type Config, readConfig, withOptions } from '../config.ts';
import { everywhere } from '../db/claims.ts';
import { inputError, TillsyncError } from '../errors.ts';
import { writeTalk } from './print/write.ts';
import { optionsOf } from './verb.ts';

export interface OpenOptions {
  /**
   * What the verb needs of the schema. 'ready' (default): the embedded database is migrated, another one must be this
   * version's already. 'migrate': both are migrated. 'embedded': another one is taken as it is. 'any': both are.
   */
  schema?: 'ready' | 'migrate' | 'embedded' | 'any';
  /** The verb ends by itself when told to stop; else Ctrl-C closes the app and ends the process. */
  stopsItself?: boolean;
  /** The log goes to stderr as configured. Default: only where more than the usual was asked for. */
  logs?: boolean;
  /** Opens the embedded PostgreSQL on this port of 127.0.0.1. */
  pgPort?: number;
  /** Syncs that the verb works on at once; the pool has the connections for them. Default: one. */
  slots?: (config: Config) => number;
  /** Without an encryption key the verb does not begin. */
  needsKey?: boolean;
  /** Works as the role that logged in, which owns the schema; default: as tillsync_worker, where it may. */
  asOwner?: boolean;
  /** Serves others for long: says when row level security does not bind it, or refuses where a setting says so. */
  serves?: boolean;
  /** A server below PostgreSQL 15 is reported by the verb instead of refused. */
  allowOldServer?: boolean;
}

/** The settings of the process with the command's global options on top; says warnings on stderr. */
export function configOf(command: Command): Config {
  const options = optionsOf<{ port?: number; host?: unknown; slots?: number }>(command);
  const config = readConfig();
  for (const { message } of config.warnings) writeTalk(`Warning: ${message}\n`);
  return withOptions(config, {
    databaseUrl: options.databaseUrl,
    dataDir: options.dataDir === undefined ? undefined : resolve(options.dataDir),
    port: options.port,
    // Another verb means other hosts by it.
    host: typeof options.host === 'string' ? options.host : undefined,
    workerSlots: options.slots,
  });
}

/**
 * The server that answers instead of a database: --server, else TILLSYNC_SERVER unless the command names a database; null
 * = none. Throws TillsyncError server_and_database, config_invalid.
 */
export function serverOf(command: Command): string | null {
  const { server, databaseUrl, dataDir } = optionsOf(command);
  const namesDatabase = databaseUrl !== undefined || dataDir !== undefined;
  if (server === undefined) return namesDatabase ? null : readConfig().server;
  if (!namesDatabase) return server;
  throw inputError('server_and_database', '--server excludes --database-url and --data-dir.', 'Say one of them.');
}

// Some verbs are about the database itself: nobody should think that they reached the server's.
function refuseServer(command: Command): void {
  if (serverOf(command) === null) return;
  throw inputError(
    'needs_database',
    `\`${pathOf(command)}\` works on the database itself and cannot go through a server.`,
    'Run it on the machine of the database, without --server and TILLSYNC_SERVER.',
  );
}

// e.g. 'tillsync configs add'
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Runs a verb on an opened app and sets the exit code that it returns. `signal` ends with Ctrl-C or SIGTERM. */
export async function withApp(
  command: Command,
  work: (app: App, signal: AbortSignal) => Promise<number>,
  open: OpenOptions = {},
): Promise<void> {
  refuseServer(command);
  const config = configOf(command);
  const { openApp, migrateApp } = await import('../app.ts');
  // One verb talks to a person: the usual log would only repeat it.
  const logLevel = config.logLevel === 'info' && open.logs !== true ? 'silent' : config.logLevel;
  const stop = new AbortController();
  const interrupted = listenForStop(stop);
  const app = await openApp({
    config: { ...config, logLevel },
    applicationName: `tillsync ${command.name()}`,
    notice: (line) => writeTalk(`${line}\n`),
    pgPort: open.pgPort,
    allowOldServer: open.allowOldServer === true,
    needsKey: open.needsKey === true,
    asOwner: open.asOwner === true,
    poolSize: open.slots === undefined ? 10 : Math.max(10, 2 * open.slots(config) + 6),
  });
  try {
    await makeReady(app, open.schema ?? 'ready', migrateApp);
    if (open.serves === true) await proveRowSecurity(app);
    const working = work(app, stop.signal);
    process.exitCode = open.stopsItself === true ? await working : await Promise.race([working, interrupted.code]);
  } finally {
    if (stop.signal.aborted && open.stopsItself !== true) await closeAtOnce(app, await interrupted.code);
    else await app.close();
    interrupted.end();
  }
}

// A statement that is still running holds its connection, and closing would wait for it; somebody pressed Ctrl-C.
async function closeAtOnce(app: App, code: number): Promise<void> {
  const patience = new Promise<'late'>((resolveLate) => setTimeout(() => resolveLate('late'), 1000).unref());
  if ((await Promise.race([app.close(), patience])) !== 'late') return;
  await app.embedded?.stop();
  process.exit(code);
}

/** Who asks, for the history: 'cli:<user of the operating system>'. */
export function requestedBy(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // A user id without a name, as in some containers.
    return `cli:${process.getuid?.() ?? 'unknown'}`;
  }
}

/** The engine for what this user asks for: what it writes into the audit log names them. */
export function askedHere({ deps }: Pick<App, 'deps'>): App['deps'] {
  const claims = { who: requestedBy(), id: null, address: null, requestId: null, scope: everywhere };
  return { ...deps, database: deps.database.telling(claims) };
}

// The embedded database is ours alone and follows the code; another server is changed only where somebody asked for it.
async function makeReady(
  app: App,
  schema: NonNullable<OpenOptions['schema']>,
  migrateApp: (app: App) => Promise<unknown>,
): Promise<void> {
  if (schema === 'any') return;
  if (app.embedded !== null || schema === 'migrate') {
    await migrateApp(app);
  } else if (schema === 'ready') {
    const { checkSchemaVersion } = await import('../db/migrate/migration-journal.ts');
    await checkSchemaVersion(app.database);
  }
  if (app.embedded !== null || schema !== 'embedded') await endDeadRuns(app);
}

async function proveRowSecurity(app: App): Promise<void> {
  const { rowSecurityGap, rowSecurityMissing } = await import('../db/roles/row-security-gap.ts');
  const gap = await rowSecurityGap(app.database);
  if (gap === null) return;
  if (app.config.requireRowSecurity) throw rowSecurityMissing(gap);
  writeTalk(`Warning: ${gap} Run \`tillsync verify\` for the SQL that mends it.\n`);
}

// No history is shown, and no sync begun, while a run of a dead process still looks alive.
async function endDeadRuns(app: App): Promise<void> {
  const { sweepRuns } = await import('../sync/upkeep/sweep-runs.ts');
  try {
    await sweepRuns(app.deps);
  } catch (error) {
    // A standby is good enough for reading.
    if (!(error instanceof TillsyncError && error.code === 'database_read_only')) throw error;
  }
}

/** Listens for Ctrl-C and SIGTERM: aborts `stop`, and says the exit code that goes with it. */
export function listenForStop(stop: AbortController): { code: Promise<number>; end(): void } {
  let settle: (code: number) => void = () => undefined;
  const code = new Promise<number>((resolveCode) => {
    settle = resolveCode;
  });
  const onSignal = (name: NodeJS.Signals) => {
    const number = name === 'SIGINT' ? 130 : 143;
    // The second signal does not wait for anything.
    if (stop.signal.aborted) process.exit(number);
    stop.abort();
    settle(number);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    code,
    end() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
