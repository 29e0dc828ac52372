// Makes a new cluster with initdb, in a temporary folder that is renamed when it is complete.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { embeddedError, systemCode } from './embedded-error.ts';
import { giveTo, runAs } from './host/postgres-user.ts';

/** The superuser of the cluster: it only makes the role and the database that tillsync logs in to. */
export const superuser = 'postgres';

// The socket's folder is open to its owner only, so it needs no password; TCP (start --pg-port) always does.
const accessRules = `# Written by tillsync.
local all all trust
host all tillsync 127.0.0.1/32 scram-sha-256
`;

/**
 * Makes the cluster when there is none, and refuses one of another PostgreSQL major (data_folder_other_major).
 * To be called under the cluster's lock.
 */
export async function initCluster(cluster: Cluster): Promise<void> {
  const { folders, binaries, user } = cluster;
  const major = clusterMajor(folders.data);
  if (major === binaries.major) return;
  if (major !== null) {
    throw embeddedError(
      'data_folder_other_major',
      `The database in ${folders.data} was made by PostgreSQL ${major}; this tillsync runs PostgreSQL ${binaries.major}.`,
      { hint: 'Follow docs/how-to/upgrade.md: back up with the old version, restore with the new one.' },
    );
  }
  const prefix = `${basename(folders.data)}.init.`;
  for (const left of readdirSync(folders.home)) {
    if (left.startsWith(prefix)) rmSync(join(folders.home, left), { recursive: true, force: true });
  }
  const unfinished = join(folders.home, `${prefix}${process.pid}`);
  mkdirSync(unfinished, { mode: 0o700 });
  giveTo(user, unfinished);
  try {
    await runInitdb(unfinished, cluster);
    writeFileSync(join(unfinished, 'pg_hba.conf'), accessRules, { flush: true });
    renameSync(unfinished, folders.data);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** The PostgreSQL major that a data folder records; null when there is no cluster. */
function clusterMajor(data: string): number | null {
  try {
    return Number(readFileSync(join(data, 'PG_VERSION'), 'utf8').trim());
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function runInitdb(folder: string, { binaries, user, settings }: Cluster): Promise<void> {
  // UTF-8 whatever the host's LANG; the builtin provider (17+) sorts by code point alike on every machine.
  const locale =
    binaries.major >= 17
      ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
      : ['--locale=C.UTF-8'];
  const flags = ['-D', folder, '-U', superuser, '--auth=trust', '--encoding=UTF8', ...locale, '--no-instructions'];
  return new Promise((resolve, reject) => {
    const child = spawn(join(binaries.native, 'bin/initdb'), settings.durable ? flags : [...flags, '--no-sync'], {
      ...runAs(user),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (text) => {
      complaint += String(text);
    });
    const fail = (cause: unknown) =>
      reject(
        embeddedError('embedded_start_failed', `A new database could not be made in ${folder}.`, {
          hint: `initdb said: ${complaint.trim() || String(cause)}. Or set DATABASE_URL to a PostgreSQL 15 or later.`,
          cause,
        }),
      );
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? resolve() : fail(`exit code ${code}`)));
  });
}
