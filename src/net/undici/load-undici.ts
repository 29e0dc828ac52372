// The part of undici that asks over HTTP/1.1: loading all of it (fetch, WebSocket, caches, mocks) would double the start of a sync.
import { createRequire } from 'node:module';
import type * as Undici from 'undici';

/** What this room uses of undici; `request` needs its dispatcher. */
export interface UndiciCore {
  Agent: typeof Undici.Agent;
  buildConnector: typeof Undici.buildConnector;
  request(url: URL, options: RequestOptions): Promise<Undici.Dispatcher.ResponseData>;
}

type RequestOptions = Omit<Undici.Dispatcher.RequestOptions, 'origin' | 'path' | 'method'> & {
  dispatcher: Undici.Dispatcher;
  method?: Undici.Dispatcher.HttpMethod;
};

/** Loads it once. The paths are undici's own: its version is pinned, and every test of this room would fail without them. */
export function loadUndici(): UndiciCore {
  loaded ??= load();
  return loaded;
}

let loaded: UndiciCore | undefined;

function load(): UndiciCore {
  const require = createRequire(import.meta.url);
  const request: Undici.Dispatcher['request'] = require('undici/lib/api/api-request.js');
  return {
    Agent: require('undici/lib/dispatcher/agent.js'),
    buildConnector: require('undici/lib/core/connect.js'),
    // As undici's own `request` does it.
    request: ({ origin, pathname, search }, { dispatcher, method = 'GET', ...rest }) =>
      request.call(dispatcher, {
        ...rest,
        origin,
        path: pathname + search,
        method,
      }) as Promise<Undici.Dispatcher.ResponseData>,
  };
}
