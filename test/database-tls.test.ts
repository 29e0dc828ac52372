// The connection to a database by TLS: a server that cannot prove its name, or offers none, gets neither password nor query.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../src/db/database.ts';
import { makeCertificate } from './support/certificates.ts';

const stops: (() => void)[] = [];
afterAll(() => {
  for (const stop of stops) stop();
});

interface Pretender {
  url: string;
  /** What it was sent after the wish for TLS. */
  heard(): string;
}

/** A server that answers the wish for TLS as told, and listens to what comes then. */
async function pretend(
  answer: 'S' | 'N',
  certificate = makeCertificate({ name: 'elsewhere', hosts: ['elsewhere.example'] }),
): Promise<Pretender> {
  let heard = '';
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(answer);
      const listener =
        answer === 'N'
          ? socket
          : new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(certificate) });
      listener.on('error', () => undefined);
      listener.on('data', (bytes: Buffer) => {
        heard += bytes.toString('latin1');
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `postgresql://ada:pa55word@localhost:${port}/db`, heard: () => heard };
}

describe('S48: a database by TLS', () => {
  test.each(['verify-full', 'require'])(
    'with sslmode=%s is refused when its certificate is not from a known authority',
    async (mode) => {
      const server = await pretend('S');
      await expect(openDatabase({ url: `${server.url}?sslmode=${mode}` })).rejects.toThrow();
      expect(server.heard()).toBe('');
    },
  );

  test.each(['verify-full', 'require'])(
    'with sslmode=%s is refused when it offers no TLS, instead of going on in the clear',
    async (mode) => {
      const server = await pretend('N');
      await expect(openDatabase({ url: `${server.url}?sslmode=${mode}` })).rejects.toThrow();
      expect(server.heard()).toBe('');
    },
  );
});
