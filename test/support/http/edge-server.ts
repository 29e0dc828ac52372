// The whole app of the server over a fresh database, called as a program on the network calls it.
import { authenticateKey } from '../../../src/access/authenticate-key.ts';
import { createKey } from '../../../src/access/create-key.ts';
import { createServerApp, type ServerOptions } from '../../../src/api/create-server-app.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import { openEngine } from '../engine.ts';

export interface Call {
  headers?: Record<string, string>;
  body?: string;
  /** Of the socket; absent = no socket. */
  from?: string;
}

export interface EdgeServer {
  deps: Deps & { url: string };
  key: string;
  fetch(request: Request): Promise<Response>;
  /** e.g. call('GET /api/v1/runs'). Without a key unless the headers carry one. */
  call(request: string, given?: Call): Promise<Response>;
  /** The same with the key, and with JSON where there is a body. */
  callWithKey(request: string, given?: Call): Promise<Response>;
}

/** Opens it; the options win. */
export async function openEdgeServer(options: Partial<ServerOptions> = {}): Promise<EdgeServer> {
  const deps = await openEngine();
  const { key } = await createKey(deps.database, { name: 'edge', createdBy: 'test', access: 'admin' });
  return edgeServerOver(deps, key, options);
}

/** The app over an engine that is open already. */
export function edgeServerOver(deps: Deps & { url: string }, key: string, options: Partial<ServerOptions>): EdgeServer {
  const app = createServerApp(deps, {
    adminKey: null,
    corsOrigins: [],
    authenticate: (candidate) => authenticateKey(deps.database, candidate),
    ...options,
  });
  const call: EdgeServer['call'] = async (request, { headers = {}, body, from } = {}) => {
    const [method = 'GET', path = '/'] = request.split(' ', 2);
    const env = from === undefined ? {} : { incoming: { socket: { remoteAddress: from } } };
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    return await app.fetch(new Request(new URL(path, 'http://localhost:4600'), init), env);
  };
  return {
    deps,
    key,
    fetch: async (request) => await app.fetch(request),
    call,
    callWithKey: (request, given = {}) =>
      call(request, {
        ...given,
        headers: {
          authorization: `Bearer ${key}`,
          ...(given.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...given.headers,
        },
      }),
  };
}
