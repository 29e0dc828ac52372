// All that is decided about a cluster before it is touched: its folders, its binaries, its user, its settings.
import { join } from 'node:path';
import { embeddedError } from './embedded-error.ts';
import { type Binaries, copyBinaries, linkLibraries } from './host/binaries.ts';
import { canRun, type PostgresUser } from './host/postgres-user.ts';
import { type ClusterFolders, placeCluster } from './place-cluster.ts';

/** Gets one line that a person should know. */
export type Notice = (line: string) => void;

export interface ClusterSettings {
  /** Port on 127.0.0.1; undefined = unix socket only. */
  pgPort: number | undefined;
  /** false = no fsync, for tests. */
  durable: boolean;
  maxConnections: number;
}

export interface Cluster {
  readonly folders: ClusterFolders;
  readonly binaries: Binaries;
  readonly user: PostgresUser;
  readonly settings: ClusterSettings;
  readonly notice: Notice;
}

/** Decides where the cluster of `dataDir` lies and from where it runs. To be called under the folder's lock. */
export function openCluster(
  dataDir: string,
  installed: Binaries,
  rest: Pick<Cluster, 'user' | 'settings' | 'notice'>,
): Cluster {
  const folders = placeCluster(dataDir, rest.user, rest.notice);
  return { ...rest, folders, binaries: runnableBinaries(installed, folders, rest) };
}

/** The installed binaries, or a copy of them where the user that runs PostgreSQL cannot reach those. */
function runnableBinaries(
  installed: Binaries,
  folders: ClusterFolders,
  { user, notice }: Pick<Cluster, 'user' | 'notice'>,
): Binaries {
  const isLinked = linkLibraries(installed.native);
  if (isLinked && canRun(user, join(installed.native, 'bin/postgres'))) return installed;
  const { copied, isNew } = copyBinaries(installed, user.dropped ? '/var/lib/tillsync' : folders.home);
  if (canRun(user, join(copied.native, 'bin/postgres'))) {
    if (isNew) notice(`PostgreSQL runs from ${copied.native}: ${user.name} cannot run it from ${installed.native}.`);
    return copied;
  }
  throw embeddedError('embedded_unavailable', 'The embedded PostgreSQL does not run on this machine.', {
    hint: 'It needs Linux x64 with glibc (not musl). Set DATABASE_URL to a PostgreSQL 15 or later instead.',
  });
}
