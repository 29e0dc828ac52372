// Stops the embedded PostgreSQL of a data folder from any process, and empties a data folder.
import { realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TillsyncError } from '../../errors.ts';
import { clusterUsers } from './cluster-users.ts';
import { embeddedError, systemCode } from './embedded-error.ts';
import { withFolderLock } from './host/folder-lock.ts';
import { findClusterHome } from './place-cluster.ts';
import { stopPostmaster } from './postmaster.ts';

/**
 * Stops the PostgreSQL of a data folder that no living process uses. Returns whether one ran.
 * Throws TillsyncError embedded_in_use with the ids of the processes that use it.
 */
export async function stopEmbedded(dataDir: string): Promise<boolean> {
  const folder = existing(dataDir);
  if (folder === null) return false;
  return await withFolderLock(folder, async () => {
    const users = clusterUsers(folder);
    if (users.length > 0) throw inUse(users);
    return await stopIn(folder);
  });
}

/** Stops the PostgreSQL of a data folder and deletes the folder with all that belongs to it, also where placed elsewhere. */
export async function deleteDataFolder(dataDir: string): Promise<void> {
  const folder = existing(dataDir);
  if (folder === null) return;
  await withFolderLock(folder, async () => {
    const home = findClusterHome(folder);
    await stopIn(folder);
    if (home !== null && home !== folder) rmSync(home, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });
}

function inUse(users: readonly number[]): TillsyncError {
  const [them, processes] = users.length === 1 ? ['it', 'process'] : ['them', 'processes'];
  return embeddedError(
    'embedded_in_use',
    `The embedded PostgreSQL is in use by tillsync ${processes} ${users.join(', ')}.`,
    {
      effect: 'Nothing was stopped.',
      hint: `End ${them} with Ctrl-C or \`kill ${users.join(' ')}\`: the last to end stops the database; if it is left running, run \`tillsync stop\` again.`,
      facts: { pids: users },
    },
  );
}

async function stopIn(folder: string): Promise<boolean> {
  const home = findClusterHome(folder);
  return home === null ? false : await stopPostmaster(join(home, 'postgres'));
}

function existing(dataDir: string): string | null {
  try {
    return realpathSync(dataDir);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}
