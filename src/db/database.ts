// The door to PostgreSQL: a pool, one checked-out connection, transactions, and the seam every statement passes.
import type pg from 'pg';
import { TillsyncError } from '../errors.ts';
import { type Claims, claimsText } from './claims.ts';
import { databaseError } from './database-error.ts';
import { type Connection, lender, type Queryable, socketOf } from './lend.ts';
import { handshake, openPool, type PoolOptions, settlingSql } from './open-pool.ts';
import { missingRole, roleSql } from './roles/database-roles.ts';
import { type TransactionOptions, transactionSettings } from './transaction-settings.ts';

export type { Connection, Queryable };

export interface Database extends Queryable {
  readonly url: string;
  /** As PostgreSQL's server_version_num, e.g. 180004. */
  readonly serverVersion: number;
  /** Connections that the pool can open. */
  readonly poolSize: number;
  /** Connections in use and idle now, and callers that wait for one. */
  poolUse(): { used: number; idle: number; waiting: number };
  /** Runs `work` on one connection without a transaction. */
  withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Runs `work` in one transaction: commits when it returns, rolls back when it throws. */
  transaction<T>(work: (connection: Connection) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * The same pool for one caller: every statement runs in a transaction that tells PostgreSQL who asks, as the role
   * tillsync_app, from which row level security hides what is outside the claims' scope. Where the login may not take that
   * role, a caller with a limited scope is refused (row_security_missing), and one without limits goes on.
   */
  as(claims: Claims): Database;
  /** The same pool, whose transactions tell who asks and may all the same do everything: for the audit log. */
  telling(claims: Claims): Database;
  /** Gives up the idle connections, so that new ones settle in what has changed since: roles that are there by now. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions extends PoolOptions {
  /** Called before every statement (also BEGIN, COMMIT and COPY); throwing makes the connection fail there. For tests. */
  onStatement?: (statement: string) => void | Promise<void>;
  /**
   * Milliseconds that a statement of `query` waits for its answer before its connection is given up: a server that fell
   * silent without closing would hold it for ever. Default 60,000. Not on a held connection or in a transaction.
   */
  queryTimeout?: number;
  /** Set by `verify`, which reports an old server instead of refusing it. */
  allowOldServer?: boolean;
}

/**
 * Opens a pool and proves the server: reachable and at least PostgreSQL 15.
 * Throws TillsyncError (postgres_too_old, database_unreachable, …).
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const pool = openPool(options);
  const queryTimeout = options.queryTimeout ?? 60_000;

  const announce = async (statement: string) => await options.onStatement?.(statement);

  const { lend, alone } = lender(pool, announce);
  const withConnection: Database['withConnection'] = (work) => lend({}, work);

  const transaction: Database['transaction'] = (work, settings = {}) => {
    const start = `begin; ${transactionSettings(settings)}${options.pooled ? `; ${settlingSql(options.role, 'transaction')}` : ''}`;
    return lend(deadlineOf(settings, queryTimeout), (connection) =>
      inTransaction(connection, work, { start, signal: settings.signal }),
    );
  };

  const database: Omit<Database, 'as' | 'telling'> = {
    url: options.url,
    serverVersion: 0,
    poolSize: options.max ?? 10,
    poolUse: () => useOf(pool),
    query: (statement, parameters) =>
      options.pooled
        ? transaction((connection) => connection.query(statement, parameters), { isShort: true })
        : alone(statement, { parameters, query_timeout: queryTimeout }),
    withConnection,
    transaction,
    async renew() {
      for (let idle = pool.idleCount; idle > 0; idle--) (await pool.connect()).release(true);
    },
    close: () => pool.end(),
  };
  try {
    const serverVersion = await provenVersion(database, options.allowOldServer === true);
    const opened: Database = {
      ...database,
      serverVersion,
      as: (claims) => asCaller(opened, claims),
      telling: (claims) => telling(opened, claims),
    };
    return opened;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

function useOf(pool: pg.Pool): ReturnType<Database['poolUse']> {
  return { used: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount };
}

function asCaller(database: Database, claims: Claims): Database {
  const role = roleSql('tillsync_app', database.serverVersion);
  const caller: Database = {
    ...toldFirst(database, async (connection) => {
      const { rows } = await connection.query<{ role: string }>(
        `select set_config('tillsync.claims', $1, true), set_config('role', coalesce(${role}, current_setting('role')), true) as role`,
        [claimsText(claims)],
      );
      if (rows[0]?.role !== 'tillsync_app' && !claims.scope.all) throw missingRole('tillsync_app');
    }),
    scope: claims.scope,
    query: (statement, parameters) =>
      caller.transaction((connection) => connection.query(statement, parameters), { isShort: true }),
    withConnection: () => Promise.reject(new Error('a caller has no connection outside a transaction')),
  };
  return caller;
}

function telling(database: Database, claims: Claims): Database {
  return toldFirst(database, async (connection) => {
    await connection.query(`select set_config('tillsync.claims', $1, true)`, [claimsText(claims)]);
  });
}

// What is told holds for a transaction only: the next one on this connection may be of somebody else.
function toldFirst(database: Database, tell: (connection: Connection) => Promise<void>): Database {
  return {
    ...database,
    transaction: (work, options) =>
      database.transaction(async (connection) => {
        await tell(connection);
        return await work(connection);
      }, options),
  };
}

// Milliseconds beyond a statement's limit after which its connection counts as silent.
const silence = 5_000;

// The server ends a statement at its own limit; the client gives up only where no word of that comes, since its connection is
// open on one side only.
function deadlineOf(settings: TransactionOptions, queryTimeout: number): { query_timeout?: number } {
  if (settings.isShort) return { query_timeout: queryTimeout };
  const { statementTimeout = 0 } = settings;
  return statementTimeout === 0 ? {} : { query_timeout: statementTimeout + silence };
}

async function inTransaction<T>(
  connection: Connection,
  work: (connection: Connection) => Promise<T>,
  { start, signal }: { start: string; signal: AbortSignal | undefined },
): Promise<T> {
  signal?.throwIfAborted();
  const giveUp = () => socketOf(connection.client).destroy();
  signal?.addEventListener('abort', giveUp);
  let committing = false;
  try {
    await begin(connection, start);
    const result = await work(connection);
    committing = true;
    await connection.query('commit');
    return result;
  } catch (error) {
    // A statement that still waits for its answer would keep the rollback waiting, too.
    const isBroken = error instanceof TillsyncError && error.facts.connection === 'broken';
    if (!committing && !isBroken) {
      try {
        await connection.client.query('rollback');
      } catch {
        // The connection is gone, and its transaction with it; the first error is the one to report.
      }
    }
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

/** One round trip: without parameters several statements go as one message. */
async function begin(connection: Connection, text: string): Promise<void> {
  await connection.announce(text);
  try {
    // Nothing makes it wait but a connection whose server has gone without a word.
    await connection.client.query({ text, query_timeout: handshake } as pg.QueryConfig);
  } catch (error) {
    throw databaseError(error);
  }
}

async function provenVersion(database: Queryable, allowOldServer: boolean): Promise<number> {
  const { rows } = await database.query<{ version: string }>(`select current_setting('server_version_num') as version`);
  const serverVersion = Number(rows[0]?.version);
  if (serverVersion < 150000 && !allowOldServer) throw tooOld(serverVersion);
  return serverVersion;
}

/** The refusal of a server below PostgreSQL 15, with the reason. */
function tooOld(serverVersion: number): TillsyncError {
  const major = Math.floor(serverVersion / 10000);
  return new TillsyncError(
    `This server is PostgreSQL ${major}; tillsync needs 15 or later, because only UNIQUE NULLS NOT DISTINCT keeps items without a path from being saved twice.`,
    {
      code: 'postgres_too_old',
      step: 'sync',
      effect: 'Nothing was changed in the database.',
      hint: 'Upgrade the server, or leave out --database-url to use the embedded PostgreSQL 18.',
      exitCode: 2,
    },
  );
}
