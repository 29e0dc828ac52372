// Machines of their own: network namespaces, each on a cable (a veth pair) to a network of theirs, which can be cut and mended.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterFile } from '../../support/after-file.ts';
import { quickPlace } from '../../support/quick-place.ts';
import { joinSockets } from './join-sockets.ts';

export interface Host {
  /** What stands before a command to run it there. */
  prefix: readonly string[];
  /** Nothing passes any more, and no connection is told. */
  cutCable(): void;
  mendCable(): void;
}

export interface Hosts {
  hosts: readonly Host[];
  /** Lets all hosts reach `target`; returns where, e.g. '10.231.7.1:41234'. */
  serve(target: NetConnectOpts): Promise<string>;
}

// What is left behind by a test that ends, in the order in which it is taken away.
const leftovers: (() => void)[] = [];
const sockets = new Set<Socket>();

afterFile(() => {
  for (const socket of sockets) socket.destroy();
  for (const takeAway of leftovers.splice(0)) takeAway();
});

/**
 * Makes so many, up to three; null where this machine does not let us (no root, no `ip`). Nothing changes in this machine's own
 * network: a browser that runs beside would give up its requests.
 */
export async function openHosts(count: number): Promise<Hosts | null> {
  const lan = `ts${process.pid % 100_000}-lan`;
  if (!ip(['netns', 'add', lan])) return null;
  leftovers.push(() => ip(['netns', 'del', lan]));
  // An address that no cable takes with it.
  const own = '10.231.3.1';
  if (!ip(['-n', lan, 'link', 'set', 'lo', 'up']) || !ip(['-n', lan, 'addr', 'add', `${own}/32`, 'dev', 'lo']))
    return null;
  const hosts: Host[] = [];
  for (let n = 0; n < count; n++) {
    const host = openHost(lan, `ts${process.pid % 100_000}-${n}`, `10.231.${n}`);
    if (host === null) return null;
    hosts.push(host);
  }
  return { hosts, serve: (target) => relay({ lan, address: own }, target) };
}

function openHost(lan: string, name: string, network: string): Host | null {
  const [here, there] = [`${name}h`, `${name}c`];
  if (!ip(['netns', 'add', name])) return null;
  // Its end of the cable goes with it, and with that the other one.
  leftovers.push(() => ip(['netns', 'del', name]));
  const isUp =
    ip(['-n', lan, 'link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name]) &&
    ip(['-n', lan, 'addr', 'add', `${network}.1/24`, 'dev', here]) &&
    ip(['-n', lan, 'link', 'set', here, 'up']) &&
    ip(['-n', name, 'addr', 'add', `${network}.2/24`, 'dev', there]) &&
    ip(['-n', name, 'link', 'set', there, 'up']) &&
    ip(['-n', name, 'link', 'set', 'lo', 'up']) &&
    ip(['-n', name, 'route', 'add', 'default', 'via', `${network}.1`]);
  if (!isUp) return null;
  return {
    prefix: ['ip', 'netns', 'exec', name],
    cutCable: () => must(ip(['-n', lan, 'link', 'set', here, 'down'])),
    mendCable: () => must(ip(['-n', lan, 'link', 'set', here, 'up'])),
  };
}

/** From a port of an address in the hosts' network over a unix socket to a target in ours; returns 'address:port'. */
async function relay({ lan, address }: { lan: string; address: string }, target: NetConnectOpts): Promise<string> {
  const folder = mkdtempSync(join(quickPlace(), 'tillsync-relay-'));
  const path = join(folder, 'socket');
  const server = createServer((near) => {
    const far = connect(target);
    for (const socket of [near, far]) sockets.add(socket.on('close', () => sockets.delete(socket)));
    joinSockets(near, far);
  });
  server.listen(path);
  await once(server, 'listening');
  const program = join(import.meta.dirname, 'relay-there.ts');
  const command = ['netns', 'exec', lan, process.execPath, program, address, path];
  const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  leftovers.push(() => {
    child.kill('SIGKILL');
    server.close();
    rmSync(folder, { recursive: true });
  });
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return `${address}:${port}`;
}

function must(done: boolean): void {
  if (!done) throw new Error('the cable can be neither cut nor mended');
}

function ip(words: readonly string[]): boolean {
  return spawnSync('ip', words, { stdio: 'ignore' }).status === 0;
}
