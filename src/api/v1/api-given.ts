// What the routes of /api/v1 are given: the engine, who may call, and how running work is kept and ended.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Caller } from '../../access/caller.ts';
import type { Passwords } from '../../access/people/passwords/open-passwords.ts';
import type { PeopleDeps } from '../../access/people/people-deps.ts';
import type { Scope } from '../../db/claims.ts';
import type { Database } from '../../db/database.ts';
import type { Deps } from '../../sync/deps.ts';
import type { FunctionsOptions } from '../functions/functions-options.ts';
import type { StreamSeats } from './events/stream-seats.ts';
import type { NowWatch } from './events/watch-now.ts';
import type { RunWatch } from './events/watch-runs.ts';

/** The same keys, origins and way of stopping as the edge functions have. */
export interface ApiOptions extends Omit<FunctionsOptions, 'waitMs'> {
  /** Streams of events open at once, of one run or of everything; default 1,000. */
  maxStreams?: number;
  /**
   * Milliseconds after which a stream says that it is there, and looks whether its caller may still see it; default 15,000.
   * Proxies cut a silent connection, often after 30 s or 60 s.
   */
  heartbeatMs?: number;
  /** How passwords are hashed; default: at the usual cost. */
  passwords?: Passwords;
}

export interface ApiGiven {
  deps: Deps;
  options: ApiOptions;
  people: PeopleDeps;
  watch: RunWatch;
  now: NowWatch;
  /** What both kinds of streams take their places from. */
  seats: StreamSeats;
}

/** What the middleware says about a request. */
export interface ApiEnv {
  Variables: {
    given: ApiGiven;
    caller: Caller;
    /** The caller's address; null = not known. */
    address: string | null;
    /** Where the caller may do what the route asks for. */
    scope: Scope;
    /** The rows of that scope. */
    database: Database;
    /** All rows, and a database that tells who asks. */
    engine: Deps;
    /** Names this request in the log and in its problem. */
    requestId: string;
    /** The parsed body; undefined = none. */
    body: unknown;
  };
}

export type ApiApp = OpenAPIHono<ApiEnv>;
