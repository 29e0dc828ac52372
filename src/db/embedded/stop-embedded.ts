// Stops the embedded PostgreSQL of a data folder from any process, and empties a data folder.
import { realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from './embedded-error.ts';
import { withFolderLock } from './host/folder-lock.ts';
import { findClusterHome } from './place-cluster.ts';
import { stopPostmaster } from './postmaster.ts';

/** Stops the PostgreSQL of a data folder, whoever uses it. Returns whether one ran. */
export async function stopEmbedded(dataDir: string): Promise<boolean> {
  const folder = existing(dataDir);
  return folder === null ? false : await withFolderLock(folder, () => stopIn(folder));
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
