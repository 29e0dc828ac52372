// Machines of their own: network namespaces, each on a cable (a veth pair) to this one, which can be cut and mended.
import { spawnSync } from 'node:child_process';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { afterAll } from 'vitest';

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

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const takeAway of leftovers.splice(0)) takeAway();
});

/** Makes so many, up to three; null where this machine does not let us (no root, no `ip`). */
export async function openHosts(count: number): Promise<Hosts | null> {
  // Two runs on one machine must not meet: each process has four networks of its own.
  const base = (process.pid % 60) * 4;
  // An address of this machine that no cable takes with it.
  const own = `10.231.${base + 3}.1`;
  if (!ip(['addr', 'add', `${own}/32`, 'dev', 'lo'])) return null;
  leftovers.push(() => ip(['addr', 'del', `${own}/32`, 'dev', 'lo']));
  const hosts: Host[] = [];
  for (let n = 0; n < count; n++) {
    const host = openHost(`ts${process.pid % 100_000}-${n}`, `10.231.${base + n}`);
    if (host === null) return null;
    hosts.push(host);
  }
  return { hosts, serve: (target) => relay(own, target) };
}

function openHost(name: string, network: string): Host | null {
  const [here, there] = [`${name}h`, `${name}c`];
  if (!ip(['netns', 'add', name])) return null;
  // Its end of the cable goes with it, and with that the other one.
  leftovers.push(() => ip(['netns', 'del', name]));
  const isUp =
    ip(['link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name]) &&
    ip(['addr', 'add', `${network}.1/24`, 'dev', here]) &&
    ip(['link', 'set', here, 'up']) &&
    ip(['-n', name, 'addr', 'add', `${network}.2/24`, 'dev', there]) &&
    ip(['-n', name, 'link', 'set', there, 'up']) &&
    ip(['-n', name, 'link', 'set', 'lo', 'up']) &&
    ip(['-n', name, 'route', 'add', 'default', 'via', `${network}.1`]);
  if (!isUp) return null;
  return {
    prefix: ['ip', 'netns', 'exec', name],
    cutCable: () => must(ip(['link', 'set', here, 'down'])),
    mendCable: () => must(ip(['link', 'set', here, 'up'])),
  };
}

async function relay(address: string, target: NetConnectOpts): Promise<string> {
  const server: Server = createServer((near) => {
    const far = connect(target);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  leftovers.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return `${address}:${(server.address() as AddressInfo).port}`;
}

function must(done: boolean): void {
  if (!done) throw new Error('the cable can be neither cut nor mended');
}

function ip(words: readonly string[]): boolean {
  return spawnSync('ip', words, { stdio: 'ignore' }).status === 0;
}
