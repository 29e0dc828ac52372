// What the edge functions are given besides the engine: who may call, from where, and how long a caller waits.
import type { Caller } from '../../access/caller.ts';
import type { Permission } from '../../access/permission.ts';
import type { Database } from '../../db/database.ts';
import type { Deps } from '../../sync/deps.ts';
import type { RateLimits } from '../edge/rate-limits.ts';

/** The engine, as app.ts opens it. */
export type FunctionsDeps = Deps;

export interface FunctionsOptions {
  /** A key that is always accepted; null = none. */
  adminKey: string | null;
  /** Origins whose pages may call, exactly as browsers send them; [] = none. */
  corsOrigins: readonly string[];
  /** The caller behind an API key, or null when the key is unknown, revoked or expired. */
  authenticate(key: string): Promise<Caller | null>;
  /** Aborted when the process stops: running syncs end as interrupted. */
  stopping?: AbortSignal;
  /** Told of work that outlives its answer (a sync longer than the wait), so that the process can wait for it. */
  keepAlive?(work: Promise<unknown>): void;
  /** Limits of calls per caller; absent = none. */
  limits?: RateLimits;
  /** Milliseconds a caller of sync-orchestrator waits at most; default 140,000. */
  waitMs?: number;
}

/** The four functions of the edge contract. */
export const functionNames = [
  'sync-orchestrator',
  'fetch-integration-data',
  'format-integration-data',
  'save-integration-data',
] as const;
export type FunctionName = (typeof functionNames)[number];

/** One call, checked and parsed. */
export interface FunctionCall {
  deps: FunctionsDeps;
  options: FunctionsOptions;
  /** For requested_by, e.g. 'key:billing'. */
  requestedBy: string;
  /** The parsed body, numbers without loss. */
  body: unknown;
  /** The rows that the caller may see and work on. */
  ownRows: Database;
  /** Ends when the caller goes away. */
  signal: AbortSignal;
}

/** What a function answers before it becomes a Response. */
export interface FunctionAnswer {
  status: number;
  body: object;
  headers?: Readonly<Record<string, string>>;
}

/** One function of the contract: its code for failures without a step of their own, and its work. */
export interface EdgeFunction {
  errorCode: ErrorCode;
  /** What the caller must be permitted at the config's place. */
  permission: Permission;
  /** Largest body in bytes. */
  maxBody: number;
  /** The way out for a body that is larger. */
  tooLargeHint: string;
  answer(call: FunctionCall): Promise<FunctionAnswer>;
}

export type ErrorCode =
  | 'FETCH_ERROR'
  | 'FORMAT_ERROR'
  | 'SAVE_ERROR'
  | 'SYNC_ERROR'
  | 'AUTH_ERROR'
  | 'VALIDATION_ERROR';
