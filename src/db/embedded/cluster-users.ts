// Which living processes use a cluster: the last one to leave stops it, whoever started it.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processIdentity } from './host/live-process.ts';

let entries = 0;

/** Registers this process as a user of the cluster under `dataDir`; returns its entry for `leaveCluster`. */
export function enterCluster(dataDir: string): string {
  const folder = join(dataDir, 'users');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const entry = join(folder, `${processIdentity(process.pid)}-${entries++}`);
  writeFileSync(entry, '', { mode: 0o600 });
  return entry;
}

/** Takes the entry away and returns the ids of the living processes that still use the cluster. */
export function leaveCluster(dataDir: string, entry: string): number[] {
  rmSync(entry, { force: true });
  return clusterUsers(dataDir);
}

/** The ids of the living processes that use the cluster; entries of dead ones are removed. */
export function clusterUsers(dataDir: string): number[] {
  const folder = join(dataDir, 'users');
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    // Nobody ever used this folder.
    return [];
  }
  const living = new Set<number>();
  for (const name of names) {
    const [pid = '', startTime = ''] = name.split('-');
    if (processIdentity(Number(pid)) === `${pid}-${startTime}`) living.add(Number(pid));
    else rmSync(join(folder, name), { force: true });
  }
  return [...living];
}
