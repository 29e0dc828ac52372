// A relay that goes wrong in nine ways, for all of its connections at once, from an exact byte of what the far side says.
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const faultKinds = [
  /** Every piece comes 15 ms late. */
  'delay',
  /** Every piece comes up to 30 ms late. */
  'jitter',
  /** 512 bytes each millisecond. */
  'throttle',
  /** The next 200 bytes of each connection come one by one. */
  'drip',
  /** Connections are reset; new ones pass. */
  'reset',
  /** Connections end cleanly; new ones pass. */
  'truncate',
  /** The far side is gone and the near side does not hear of it; new connections pass. */
  'half-open',
  /** Nothing passes any more, in either direction; new connections are taken and are as silent. */
  'black hole',
  /** Connections are reset, and new ones too. */
  'refuse',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface FaultProxy {
  port: number;
  /** Bytes that the far side has sent so far. */
  bytes(): number;
  /** From the so-many-th byte on (counted from now) the fault is there; 0 = at once. Resolves when it is. */
  strike(kind: FaultKind, afterBytes?: number): Promise<void>;
  /** Resolves when the near side has closed every connection that was silent. */
  abandoned(): Promise<void>;
  /** All is well again; silent connections end. */
  heal(): void;
  close(): Promise<void>;
}

interface Pair {
  near: Socket;
  far: Socket;
  isSilent: boolean;
  dripped: number;
  /** The piece before the next one has gone. */
  sent: Promise<void>;
}

interface Fault {
  kind: FaultKind;
  left: number;
  isThere: boolean;
  begin: () => void;
}

/** Where a PostgreSQL of a test listens: its unix socket. */
export function socketOfPostgres(url: string): { path: string } {
  const folder = new URL(url).searchParams.get('host') ?? '';
  return { path: join(folder, readdirSync(folder).find((file) => /^\.s\.PGSQL\.\d+$/.test(file)) ?? '') };
}

/** The same database through a proxy. */
export function throughProxy(url: string, proxy: FaultProxy): string {
  const own = new URL(url);
  own.search = '';
  own.host = `127.0.0.1:${proxy.port}`;
  return own.href;
}

/** Starts a relay on 127.0.0.1. */
export async function openFaultProxy(target: NetConnectOpts): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let fault: Fault | null = null;
  let bytes = 0;
  const begin = () => {
    if (fault === null || fault.isThere) return;
    fault.isThere = true;
    for (const pair of pairs) breakPair(pair, fault.kind);
    fault.begin();
  };
  const server = createServer((near) => {
    const kind = fault?.isThere ? fault.kind : null;
    if (kind === 'refuse') {
      near.on('error', () => near.destroy());
      near.resetAndDestroy();
      return;
    }
    const pair: Pair = {
      near,
      far: connect(target),
      isSilent: kind === 'black hole',
      dripped: 0,
      sent: Promise.resolve(),
    };
    relay(pair, pairs, (chunk) => {
      bytes += chunk.length;
      if (fault !== null && !fault.isThere && fault.left <= chunk.length) {
        const passing = chunk.subarray(0, fault.left);
        if (passing.length > 0) near.write(passing);
        begin();
        if (!pair.isSilent && !near.destroyed) send(pair, chunk.subarray(passing.length), fault.kind);
        return;
      }
      if (fault !== null && !fault.isThere) fault.left -= chunk.length;
      send(pair, chunk, fault?.isThere ? fault.kind : null);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => bytes,
    strike: (kind, afterBytes = 0) =>
      new Promise((resolve) => {
        fault = { kind, left: afterBytes, isThere: false, begin: resolve };
        if (afterBytes === 0) begin();
      }),
    async abandoned() {
      const silent = [...pairs].filter(({ isSilent }) => isSilent);
      await Promise.all(silent.map(({ near }) => (near.destroyed ? null : once(near, 'close'))));
    },
    heal() {
      fault = null;
      for (const pair of pairs) if (pair.isSilent) endPair(pair);
    },
    async close() {
      for (const pair of pairs) endPair(pair);
      server.close();
      await once(server, 'close');
    },
  };
}

function relay(pair: Pair, pairs: Set<Pair>, onChunk: (chunk: Buffer) => void): void {
  const { near, far } = pair;
  pairs.add(pair);
  near.on('data', (chunk: Buffer) => {
    if (!pair.isSilent && !far.destroyed) far.write(chunk);
  });
  far.on('data', (chunk: Buffer) => {
    if (!pair.isSilent) onChunk(chunk);
  });
  near.on('error', () => near.destroy());
  far.on('error', () => far.destroy());
  near.on('close', () => {
    pairs.delete(pair);
    far.destroy();
  });
  far.on('close', () => {
    if (!pair.isSilent) void pair.sent.then(() => near.end());
  });
}

function endPair({ near, far }: Pair): void {
  near.destroy();
  far.destroy();
}

function breakPair(pair: Pair, kind: FaultKind): void {
  const { near, far } = pair;
  if (kind === 'reset' || kind === 'refuse') near.resetAndDestroy();
  if (kind === 'black hole' || kind === 'half-open') pair.isSilent = true;
  if (kind === 'half-open') far.destroy();
  if (kind === 'truncate') {
    pair.isSilent = true;
    near.end();
    far.destroy();
  }
}

/** Hands a piece to the near side, as slowly as the fault says, one after another. */
function send(pair: Pair, chunk: Buffer, kind: FaultKind | null): void {
  if (chunk.length === 0) return;
  const before = pair.sent;
  pair.sent = (async () => {
    await before;
    if (kind === 'delay') await pause(15);
    if (kind === 'jitter') await pause(Math.random() * 30);
    const size = kind === 'throttle' ? 512 : kind === 'drip' && pair.dripped < 200 ? 1 : chunk.length;
    for (let at = 0; at < chunk.length; at += size) {
      if (pair.isSilent || pair.near.destroyed) return;
      pair.near.write(chunk.subarray(at, at + size));
      if (size < chunk.length) await pause(1);
      if (kind === 'drip' && ++pair.dripped >= 200) {
        pair.near.write(chunk.subarray(at + size));
        return;
      }
    }
  })();
}
