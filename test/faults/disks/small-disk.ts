// A disk of a few MB that can be made larger: a tmpfs, which only root may mount.
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { afterFile } from '../../support/after-file.ts';

const mounted: string[] = [];

afterFile(() => {
  for (const folder of mounted.splice(0)) run('umount', ['-l', folder]);
});

/** Mounts it over an empty folder; false where this machine does not let us. */
export function mountSmallDisk(folder: string, megabytes: number): boolean {
  if (!run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'tmpfs', folder])) return false;
  chmodSync(folder, 0o711);
  mounted.push(folder);
  return true;
}

/** Gives it more room, with all that it holds. */
export function growDisk(folder: string, megabytes: number): void {
  if (!run('mount', ['-o', `remount,size=${megabytes}m`, folder])) throw new Error(`${folder} does not grow`);
}

function run(program: string, words: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: 'ignore' }).status === 0;
}
