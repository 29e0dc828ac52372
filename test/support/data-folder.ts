// Temporary data folders for tests of the embedded PostgreSQL; stopped and deleted after the test file.
import { chmod, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { deleteDataFolder } from '../../src/db/embedded/stop-embedded.ts';
import { afterFile } from './after-file.ts';
import { quickPlace } from './quick-place.ts';

const made: string[] = [];

afterFile(async () => {
  for (const folder of made.splice(0)) await deleteDataFolder(folder);
});

/**
 * A new data folder that every user can pass through; `place` where it must lie on a disk. The name carries our process id, so
 * that a killed run is cleaned up.
 */
export async function freshDataFolder(place = quickPlace()): Promise<string> {
  const folder = await mkdtemp(join(place, `tillsync-test-${process.pid}-`));
  await chmod(folder, 0o711);
  made.push(folder);
  return folder;
}

/** Whether the tests run as root; where a test needs that, it says so. */
export const isRoot = process.getuid?.() === 0;
