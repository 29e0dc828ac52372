// Where the cluster of a data folder lies: inside it, or where the user that runs PostgreSQL can reach it.
import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { embeddedError, systemCode } from './embedded-error.ts';
import { canEnter, giveTo, type PostgresUser } from './host/postgres-user.ts';

export interface ClusterFolders {
  /** The folder that the user gave, absolute. */
  readonly dataDir: string;
  /** The folder that holds the ones below; the data folder itself, unless that cannot be reached. */
  readonly home: string;
  /** PostgreSQL's own data (PGDATA). */
  readonly data: string;
  /** Holds the unix socket; mode 0700. */
  readonly run: string;
  readonly log: string;
}

const reachable = '/var/lib/tillsync';
const placeFile = 'postgres-folder';
const socketPathLimit = 103;

/**
 * Finds or makes the folders of a cluster. To be called under the cluster's lock.
 * `notice` gets one line where something is not placed inside the data folder.
 */
export function placeCluster(dataDir: string, user: PostgresUser, notice: (line: string) => void): ClusterFolders {
  const home = clusterHome(dataDir, user, notice);
  const data = join(home, 'postgres');
  const owner = existsSync(data) ? statSync(data).uid : user.uid;
  if (owner !== user.uid) {
    throw embeddedError(
      'data_folder_other_user',
      `The database in ${data} belongs to user id ${owner}; it cannot be run as ${user.name}.`,
      { hint: 'Run tillsync as that user, or choose another folder with --data-dir.' },
    );
  }
  return { dataDir, home, data, run: runFolder(home, user, notice), log: join(home, 'postgres.log') };
}

/** Who runs the cluster of a data folder: as root, the user that an existing cluster belongs to; else as given. */
export function clusterOwner(dataDir: string, user: PostgresUser): PostgresUser {
  const data = join(findClusterHome(dataDir) ?? dataDir, 'postgres');
  if (!user.dropped || !existsSync(data)) return user;
  const { uid, gid } = statSync(data);
  return uid === user.uid || uid === 0 ? user : { name: `user id ${uid}`, uid, gid, dropped: true };
}

/** The cluster's home as recorded in the data folder, or null when none was ever made there. */
export function findClusterHome(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, placeFile), 'utf8').trim();
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') throw error;
    return existsSync(join(dataDir, 'postgres')) ? dataDir : null;
  }
}

/** Makes the data folder where it is missing and returns its real absolute path. Throws data_folder_unusable. */
export function makeDataFolder(dataDir: string, user: PostgresUser): string {
  try {
    // Only a folder that we made gets our mode: closed, except that the user we drop to must pass through.
    if (mkdirSync(dataDir, { recursive: true }) !== undefined) chmodSync(dataDir, user.dropped ? 0o711 : 0o700);
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync(dataDir);
  } catch (cause) {
    if (systemCode(cause) === undefined) throw cause;
    throw embeddedError('data_folder_unusable', `The data folder ${dataDir} cannot be made or written to.`, {
      hint: 'Run tillsync as the user that owns it, or choose another folder with --data-dir or TILLSYNC_DATA_DIR.',
      cause,
    });
  }
}

function clusterHome(dataDir: string, user: PostgresUser, notice: (line: string) => void): string {
  const home = findClusterHome(dataDir);
  if (home !== null && canEnter(user, home)) return home;
  if (home !== null) {
    throw embeddedError(
      'data_folder_unreachable',
      `PostgreSQL runs as ${user.name}, and ${user.name} can no longer enter ${firstClosedFolder(home, user)}.`,
      { hint: `Give it back: chmod o+x ${firstClosedFolder(home, user)}` },
    );
  }
  if (canEnter(user, dataDir)) return dataDir;
  const placed = join(reachable, randomBytes(6).toString('hex'));
  mkdirSync(reachable, { recursive: true });
  chmodSync(reachable, 0o755);
  for (const older of placedFor(dataDir)) {
    notice(`An older database of this data folder, which was deleted or lost its record, lies unused in ${older}.`);
  }
  mkdirSync(placed);
  chmodSync(placed, 0o711);
  writeFileSync(join(placed, 'belongs-to'), `${dataDir}\n`);
  writeFileSync(join(dataDir, placeFile), `${placed}\n`, { flush: true });
  notice(
    `The database is in ${placed}: PostgreSQL does not run as root, and ${user.name} cannot enter ${firstClosedFolder(dataDir, user)}.`,
  );
  return placed;
}

/** Clusters that were placed for a data folder of this path before. They are never deleted on their own. */
function placedFor(dataDir: string): string[] {
  return readdirSync(reachable)
    .map((name) => join(reachable, name))
    .filter((folder) => {
      const owner = join(folder, 'belongs-to');
      return existsSync(owner) && readFileSync(owner, 'utf8').trim() === dataDir;
    });
}

function firstClosedFolder(folder: string, user: PostgresUser): string {
  const parent = dirname(folder);
  return parent !== folder && !canEnter(user, parent) ? firstClosedFolder(parent, user) : folder;
}

function runFolder(home: string, user: PostgresUser, notice: (line: string) => void): string {
  const inside = join(home, 'run');
  if (Buffer.byteLength(join(inside, '.s.PGSQL.65535')) <= socketPathLimit) return closedFolder(inside, user);
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 12);
  const outside = `/tmp/tillsync-${user.uid}-${hash}`;
  const isNew = !existsSync(outside);
  closedFolder(outside, user);
  if (isNew) notice(`The database's socket is in ${outside}: the path of the data folder is too long for a socket.`);
  return outside;
}

/** A folder of mode 0700 that belongs to `user`; one that somebody else made there is refused. */
function closedFolder(folder: string, user: PostgresUser): string {
  try {
    mkdirSync(folder, { mode: 0o700 });
    giveTo(user, folder);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  const found = lstatSync(folder);
  if (!found.isDirectory() || (found.uid !== user.uid && found.uid !== process.getuid?.())) {
    throw embeddedError('data_folder_unusable', `${folder} belongs to somebody else.`, {
      hint: `Look what it is, remove it, and start again.`,
    });
  }
  giveTo(user, folder);
  chmodSync(folder, 0o700);
  return folder;
}
