// The life of the embedded PostgreSQL: started, shared, killed, revived, stopped.
import { readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { openDatabase } from '../src/db/database.ts';
import { runningPostmaster } from '../src/db/embedded/postmaster.ts';
import { type EmbeddedOptions, startEmbedded } from '../src/db/embedded/start-embedded.ts';
import { stopEmbedded } from '../src/db/embedded/stop-embedded.ts';
import { freshDataFolder } from './support/data-folder.ts';
import { startProcess } from './support/start-process.ts';
import { until } from './support/until.ts';

const program = join(import.meta.dirname, 'support/embedded-process.ts');
type Said = { attached: boolean; url: string };

async function start(dataDir: string, options: Partial<EmbeddedOptions> = {}) {
  return await startEmbedded({ dataDir, durable: false, ...options });
}

async function ask(url: string, statement: string): Promise<unknown> {
  const database = await openDatabase({ url, max: 1 });
  try {
    const { rows } = await database.query<{ answer: unknown }>(statement);
    return rows[0]?.answer;
  } finally {
    await database.close();
  }
}

/** The port is free now; nothing else on this machine hands out ports in between in practice. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const pidOf = (dataDir: string) => runningPostmaster(join(dataDir, 'postgres'))?.pid;

test('a new cluster is UTF-8, on a closed unix socket only, and we are no superuser in it', async () => {
  const dataDir = await freshDataFolder();
  await mkdir(join(dataDir, 'postgres.init.999999'));
  const embedded = await start(dataDir);
  expect(embedded).toMatchObject({ attached: false, major: 18, pgPort: null });
  expect(await ask(embedded.url, `select current_user || ' ' || current_setting('is_superuser') as answer`)).toBe(
    'tillsync off',
  );
  expect(
    await ask(embedded.url, `select pg_get_userbyid(datdba) as answer from pg_database where datname = 'tillsync'`),
  ).toBe('tillsync');
  expect(await ask(embedded.superuserUrl, `select current_setting('listen_addresses') as answer`)).toBe('');
  expect(await ask(embedded.url, `select upper('é') || current_setting('server_encoding') as answer`)).toBe('ÉUTF8');
  expect(statSync(join(dataDir, 'run')).mode & 0o777).toBe(0o700);
  expect(() => statSync(join(dataDir, 'postgres.init.999999'))).toThrow('ENOENT');
  await embedded.stop();
  expect(pidOf(dataDir)).toBeUndefined();
});

test('a second one attaches, and the last to leave stops it, whoever started it', async () => {
  const dataDir = await freshDataFolder();
  const first = await start(dataDir);
  const second = await start(dataDir);
  expect(second.attached).toBe(true);
  expect(second.url).toBe(first.url);
  await first.stop();
  expect(await ask(second.url, 'select 1 as answer')).toBe(1);
  await second.stop();
  expect(pidOf(dataDir)).toBeUndefined();
});

test('kill -9 of the server: it comes back by itself and nothing acknowledged is lost', async () => {
  const dataDir = await freshDataFolder();
  const notices: string[] = [];
  const embedded = await start(dataDir, { log: (line) => notices.push(line) });
  await ask(embedded.url, 'create table kept as select 42 as answer');
  process.kill(pidOf(dataDir)!, 'SIGKILL');
  await until('the notice', () => notices.length > 0);
  expect(notices).toEqual(['The database had died and was started again.']);
  expect(await ask(embedded.url, 'select answer from kept')).toBe(42);
  await embedded.stop();
  expect(pidOf(dataDir)).toBeUndefined();
});

test('kill -9 of us leaves it running; the next one attaches and stops it when done', async () => {
  const dataDir = await freshDataFolder();
  const { child, said, ended } = await startProcess<Said>(program, [dataDir]);
  expect(said.attached).toBe(false);
  child.kill('SIGKILL');
  await ended;
  const embedded = await start(dataDir);
  expect(embedded.attached).toBe(true);
  await embedded.stop();
  expect(pidOf(dataDir)).toBeUndefined();
});

test('kill -9 of us and of the server: the next start recovers', async () => {
  const dataDir = await freshDataFolder();
  const { child, said, ended } = await startProcess<Said>(program, [dataDir]);
  await ask(said.url, 'create table kept as select 42 as answer');
  child.kill('SIGKILL');
  await ended;
  process.kill(pidOf(dataDir)!, 'SIGKILL');
  const embedded = await start(dataDir);
  expect(embedded.attached).toBe(false);
  expect(await ask(embedded.url, 'select answer from kept')).toBe(42);
  await embedded.stop();
});

test('the last living process leaves it cleanly', async () => {
  const dataDir = await freshDataFolder();
  const { child, ended } = await startProcess<Said>(program, [dataDir]);
  child.kill('SIGTERM');
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(pidOf(dataDir)).toBeUndefined();
  expect(readFileSync(join(dataDir, 'postgres.log'), 'utf8')).toContain('database system is shut down');
});

test('four processes on one fresh folder: one makes the cluster, all use it', async () => {
  const dataDir = await freshDataFolder();
  const processes = await Promise.all(Array.from({ length: 4 }, () => startProcess<Said>(program, [dataDir])));
  expect(processes.filter(({ said }) => !said.attached)).toHaveLength(1);
  for (const { said } of processes) expect(await ask(said.url, 'select 1 as answer')).toBe(1);
  for (const { child } of processes) child.kill('SIGTERM');
  await Promise.all(processes.map(({ ended }) => ended));
  expect(pidOf(dataDir)).toBeUndefined();
});

test('`stopEmbedded` leaves one that is in use alone, ends one that was left running, and it stays stopped', async () => {
  const dataDir = await freshDataFolder();
  expect(await stopEmbedded(dataDir)).toBe(false);
  const { child, said, ended } = await startProcess<Said>(program, [dataDir]);
  await expect(stopEmbedded(dataDir)).rejects.toMatchObject({ code: 'embedded_in_use', facts: { pids: [child.pid] } });
  expect(await ask(said.url, 'select 1 as answer')).toBe(1);
  child.kill('SIGKILL');
  await ended;
  expect(await stopEmbedded(dataDir)).toBe(true);
  expect(await stopEmbedded(dataDir)).toBe(false);
  expect(await stopEmbedded(join(dataDir, 'nowhere'))).toBe(false);
});

test('a lock file whose process id now belongs to another program does not keep it from starting', async () => {
  const dataDir = await freshDataFolder();
  await (await start(dataDir)).stop();
  await writeFile(join(dataDir, 'postgres/postmaster.pid'), `${process.pid}\n${dataDir}/postgres\n1\n5432\n\n\n`);
  const embedded = await start(dataDir);
  expect(embedded.attached).toBe(false);
  await embedded.stop();
});

test('a data folder of another PostgreSQL major is refused and names the upgrade page', async () => {
  const dataDir = await freshDataFolder();
  const old = await start(dataDir, { binaries: 'pg15' });
  expect(old.major).toBe(15);
  expect(await ask(old.url, `select upper('é') as answer`)).toBe('É');
  await old.stop();
  await expect(start(dataDir)).rejects.toMatchObject({
    code: 'data_folder_other_major',
    message: expect.stringContaining('PostgreSQL 15'),
    hint: expect.stringContaining('docs/how-to/upgrade.md'),
    exitCode: 2,
  });
  await expect(start(dataDir, { binaries: 'pg15' }).then((again) => again.stop())).resolves.toBeUndefined();
});

test('with a port it listens on loopback, for our role with its password only', async () => {
  const dataDir = await freshDataFolder();
  const port = await freePort();
  const left = await startProcess<Said>(program, [dataDir]);
  await expect(start(dataDir, { pgPort: port })).rejects.toMatchObject({ code: 'pg_port_needs_restart' });
  left.child.kill('SIGKILL');
  await left.ended;
  // Left running without a port and used by nobody: it is restarted with one.
  const embedded = await start(dataDir, { pgPort: port });
  expect(embedded).toMatchObject({ attached: false, pgPort: { port, user: 'tillsync' } });
  const { password, user } = embedded.pgPort!;
  expect(statSync(join(dataDir, 'pg-port.password')).mode & 0o777).toBe(0o600);
  const login = async (as: string, secret: string) => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: as, password: secret, database: 'tillsync' });
    try {
      await client.connect();
      return (await client.query('select current_user as answer')).rows;
    } finally {
      await client.end();
    }
  };
  expect(await login(user, password)).toEqual([{ answer: 'tillsync' }]);
  await expect(login(user, 'wrong')).rejects.toThrow('password authentication failed');
  await expect(login('postgres', password)).rejects.toThrow('no pg_hba.conf entry');
  const joined = await start(dataDir);
  expect(joined.pgPort).toEqual(embedded.pgPort);
  await joined.stop();
  await embedded.stop();
});

test('a taken port is named in one sentence', async () => {
  const dataDir = await freshDataFolder();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(start(dataDir, { pgPort: port })).rejects.toMatchObject({
    code: 'port_in_use',
    message: `Port ${port} on 127.0.0.1 is taken by another program.`,
  });
  other.close();
});
