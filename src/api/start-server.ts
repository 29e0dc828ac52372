// Serves the app on a port, and stops without cutting off an answer that is on its way.

import { serve } from '@hono/node-server';
import { inputError } from '../errors.ts';
import { createServerApp, type ServerOptions } from './create-server-app.ts';
import { functionsOptions, type OpenedFunctions } from './functions/index.ts';
import { isLoopback } from './metrics/metrics-access.ts';
import { securityHeaders } from './security-headers.ts';

// A caller that reads its answer slower than this is cut off at stop.
const graceMs = 5000;

export interface Server {
  /** e.g. http://127.0.0.1:4600 */
  url: string;
  /** Takes no new calls, ends running syncs as interrupted, waits for the answers under way. */
  stop(): Promise<void>;
}

/** What the server needs of an opened tillsync: its settings of the edge are absent where a test has no use for them. */
export interface OpenedServer extends OpenedFunctions {
  config: OpenedFunctions['config'] & Pick<ServerOptions, 'trustedProxies' | 'rateLimit'>;
}

/** Starts the server. Port 0 takes a free one. Throws TillsyncError port_in_use, port_not_allowed, host_unknown. */
export async function startServer(opened: OpenedServer, at: { host: string; port: number }): Promise<Server> {
  const stopping = new AbortController();
  const background = new Set<Promise<unknown>>();
  const app = createServerApp(opened.deps, {
    ...functionsOptions(opened),
    stopping: stopping.signal,
    listensOnLoopback: isLoopback(at.host),
    trustedProxies: opened.config.trustedProxies,
    rateLimit: opened.config.rateLimit,
    keepAlive(work) {
      background.add(work);
      void work.finally(() => background.delete(work));
    },
  });
  const { server, port } = await listen(app.fetch, at);
  return {
    url: `http://${at.host.includes(':') ? `[${at.host}]` : at.host}:${port}`,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      stopping.abort();
      await Promise.all(background);
      const force = setTimeout(() => {
        if ('closeAllConnections' in server) server.closeAllConnections();
      }, graceMs);
      await closed;
      clearTimeout(force);
    },
  };
}

type Listening = { server: ReturnType<typeof serve>; port: number };

function listen(fetch: Parameters<typeof serve>[0]['fetch'], at: { host: string; port: number }): Promise<Listening> {
  return new Promise((resolve, reject) => {
    // A request without a host is refused by the library, and not by Node before anything of ours is asked.
    const serverOptions = { requireHostHeader: false };
    const server = serve({ fetch, hostname: at.host, port: at.port, serverOptions }, (info) =>
      resolve({ server, port: info.port }),
    );
    // What the library refuses by itself (a host that is none) carries them, too; the app's own answers say theirs.
    server.prependListener(
      'request',
      (_request: unknown, response: { setHeader(name: string, value: string): void }) => {
        for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
      },
    );
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, at)));
  });
}

function listenError(error: NodeJS.ErrnoException, at: { host: string; port: number }): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return inputError(
        'port_in_use',
        `Port ${at.port} on ${at.host} is already in use.`,
        'Stop the other program, or choose another port with --port (0 takes a free one).',
      );
    case 'EACCES':
      return inputError('port_not_allowed', `Port ${at.port} may not be used by this user.`, 'Use a port above 1023.');
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return inputError('host_unknown', `This machine has no address ${at.host}.`, 'Use --host 127.0.0.1 or 0.0.0.0.');
    default:
      return error;
  }
}
