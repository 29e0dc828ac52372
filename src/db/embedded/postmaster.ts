// The PostgreSQL server process of a cluster: is it up, start it, stop it.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Cluster } from './cluster.ts';
import { embeddedError, systemCode } from './embedded-error.ts';
import { processArguments, processIdentity } from './host/live-process.ts';
import { giveTo, runAs } from './host/postgres-user.ts';
import { superuser } from './init-cluster.ts';
import type { ClusterFolders } from './place-cluster.ts';

/** A server process as its lock file describes it. */
export interface Postmaster {
  readonly pid: number;
  readonly socketFolder: string;
  readonly port: number;
  /** Whether it also listens on 127.0.0.1. */
  readonly listens: boolean;
}

// A dying postmaster, its zombie or its last backends hold the folder for a second or two.
const heldByTheDying = /lock file|shared memory block|shutting down/;
const patience = 10_000;

/** The server process that runs on `data`; null when none does (a stale lock file counts as none). */
export function runningPostmaster(data: string): Postmaster | null {
  const lines = lockFileLines(data);
  const [pid, , , port, socketFolder, listens] = lines ?? [];
  // PostgreSQL writes the later lines while it starts: wait for them by asking again.
  if (pid === undefined || !isPostmaster(Number(pid), data)) return null;
  return { pid: Number(pid), port: Number(port), socketFolder: socketFolder ?? '', listens: (listens ?? '') !== '' };
}

/** Whether the server died without its own shutdown: its lock file is there, its process is not. */
export function hasCrashed(data: string): boolean {
  return existsSync(join(data, 'postmaster.pid')) && runningPostmaster(data) === null;
}

/** A connection string over the unix socket. `localhost` only makes it parse; the host parameter decides. */
export function socketUrl(server: Pick<Postmaster, 'socketFolder' | 'port'>, role: string, database: string): string {
  return `postgresql://${role}@localhost:${server.port}/${database}?host=${encodeURIComponent(server.socketFolder)}`;
}

/** Waits until a running server answers; returns it, or null when its process ended. Crash recovery may take long. */
export async function answeringPostmaster(data: string): Promise<Postmaster | null> {
  for (;;) {
    const server = runningPostmaster(data);
    if (!server) return null;
    if (server.socketFolder !== '' && (await answers(socketUrl(server, superuser, 'postgres')))) return server;
    await wait(10);
  }
}

/** Starts the server and waits until it answers. Retries for 10 s while a dying predecessor holds the folder. */
export async function startPostmaster(cluster: Cluster): Promise<Postmaster> {
  const { folders, settings } = cluster;
  if (existsSync(folders.log)) renameSync(folders.log, `${folders.log}.1`);
  const deadline = Date.now() + patience;
  for (;;) {
    removeStaleLockFile(folders.data);
    const { exited } = launch(cluster);
    const ended = exited.then(() => null);
    const server = await Promise.race([firstAnswer(folders.data, ended), ended]);
    if (server) return server;
    const said = readFileSync(folders.log, 'utf8').slice(-2000);
    if (settings.pgPort !== undefined && /could not bind IPv4|could not create any TCP/.test(said)) {
      throw embeddedError('port_in_use', `Port ${settings.pgPort} on 127.0.0.1 is taken by another program.`, {
        hint: 'Choose another port with --pg-port.',
      });
    }
    if (!heldByTheDying.test(said) || Date.now() > deadline) throw startFailed(folders, said);
    await wait(200);
  }
}

/** Ends the server (fast shutdown: open transactions roll back) and waits until its process is gone. */
export async function stopPostmaster(data: string): Promise<boolean> {
  const server = runningPostmaster(data);
  if (!server) return false;
  const identity = processIdentity(server.pid);
  const isGone = () => processIdentity(server.pid) !== identity;
  for (const [signal, milliseconds] of [
    ['SIGINT', 30_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    if (!signalProcess(server.pid, signal)) return true;
    const deadline = Date.now() + milliseconds;
    while (!isGone() && Date.now() < deadline) await wait(5);
    if (isGone()) return true;
  }
  throw embeddedError('embedded_stop_failed', `PostgreSQL (process ${server.pid}) does not end.`, {
    hint: `Look into the log beside its data, then end it: kill -9 ${server.pid}`,
  });
}

function launch({ folders, binaries, user, settings: options }: Cluster) {
  const settings = {
    listen_addresses: options.pgPort === undefined ? '' : '127.0.0.1',
    unix_socket_permissions: '0700',
    max_connections: String(options.maxConnections),
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  const flags = ['-D', folders.data, '-k', folders.run, '-p', String(options.pgPort ?? 5432)];
  for (const [name, value] of Object.entries(settings)) flags.push('-c', `${name}=${value}`);
  const log = openSync(folders.log, 'w', 0o600);
  giveTo(user, folders.log);
  // Its own process group: a Ctrl-C in our terminal is ours to answer, by stopping it cleanly.
  const child = spawn(join(binaries.native, 'bin/postgres'), flags, {
    ...runAs(user),
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return { exited };
}

async function firstAnswer(data: string, ended: Promise<null>): Promise<Postmaster | null> {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    const server = await answeringPostmaster(data);
    if (server) return server;
    await wait(5);
  }
  return null;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    // Not yet, or not any more: the caller looks at the process.
    return false;
  } finally {
    await client.end();
  }
}

function lockFileLines(data: string): string[] | null {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

function isPostmaster(pid: number, data: string): boolean {
  return processIdentity(pid) !== null && postgresFolder(pid) === data;
}

/** After a crash the recorded id may belong to another program, for which PostgreSQL would refuse to start for ever. */
function removeStaleLockFile(data: string): void {
  const pid = Number(lockFileLines(data)?.[0] ?? Number.NaN);
  if (processIdentity(pid) === null) return;
  const folder = postgresFolder(pid);
  if (folder !== 'unknown' && folder !== data) rmSync(join(data, 'postmaster.pid'), { force: true });
}

/** The data folder that a process serves; null when it is not PostgreSQL, 'unknown' when its arguments do not say. */
function postgresFolder(pid: number): string | null {
  const words = processArguments(pid);
  if (basename(words[0] ?? '') !== 'postgres') return null;
  const folder = words[words.indexOf('-D') + 1];
  if (!words.includes('-D') || folder === undefined) return 'unknown';
  try {
    return realpathSync(folder);
  } catch {
    // Its folder was removed under it.
    return folder;
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false;
    throw error;
  }
}

function startFailed(folders: ClusterFolders, said: string) {
  const last = said.trim().split('\n').slice(-3).join(' ');
  return embeddedError('embedded_start_failed', `PostgreSQL did not start on ${folders.data}.`, {
    hint: `It said: ${last || 'nothing'}. Or set DATABASE_URL to a PostgreSQL 15 or later.`,
    facts: { log: folders.log },
  });
}
