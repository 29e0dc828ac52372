// Lends connections of the pool, and asks on them: the one place where a statement goes out and its answer comes back.
import type pg from 'pg';
import { TillsyncError } from '../errors.ts';
import type { Scope } from './claims.ts';
import { databaseError } from './database-error.ts';
import { isOutdated, openNames } from './statement-names.ts';

export interface QueryResult<Row> {
  rows: Row[];
  /** Rows returned or affected. */
  rowCount: number;
}

/** Anything that runs one statement. numeric and bigint come back as text, timestamptz as Date, jsonb without loss. */
export interface Queryable {
  /**
   * Where its caller may look, for the way that a query takes: few rows among many are looked up by their own sources. What is
   * seen, the policies decide. Absent = everything, or not known.
   */
  readonly scope?: Scope;
  query<Row = Record<string, unknown>>(statement: string, parameters?: readonly unknown[]): Promise<QueryResult<Row>>;
}

/** One connection, held for a while; statements on it run one after another. */
export interface Connection extends Queryable {
  /** For db/ only. */
  readonly client: pg.PoolClient;
  /** For db/copy.ts only: announces a statement to the seam. */
  announce(statement: string): Promise<void>;
  /** For db/copy.ts only: milliseconds without a word of the server after which a COPY is given up; absent = never. */
  readonly patience?: number;
}

interface Deadline {
  query_timeout?: number;
}

export interface Lender {
  /** Lends a connection: it works for one caller at a time, and goes back only in a state that is known. */
  lend<T>(deadline: Deadline, work: (connection: Connection) => Promise<T>): Promise<T>;
  /** One statement on a connection of its own. It is announced before one is asked for. */
  alone<Row>(
    statement: string,
    question: Deadline & { parameters: readonly unknown[] | undefined },
  ): Promise<QueryResult<Row>>;
}

/**
 * What uses the connections of a pool. `query_timeout` is in milliseconds. Throws TillsyncError: what databaseError() makes of
 * PostgreSQL's, and connections_busy where none is free.
 */
export function lender(pool: pg.Pool, announce: (statement: string) => Promise<void>): Lender {
  const names = openNames();

  async function ask<Row>(client: pg.ClientBase, query: pg.QueryConfig & Deadline): Promise<QueryResult<Row>> {
    try {
      return resultOf<Row>(await client.query(query));
    } catch (error) {
      if (isOutdated(error)) {
        names.forget();
        const { name, ...unnamed } = query;
        // A transaction has ended with it; alone, it is asked once more.
        if (client.getTransactionStatus() === 'I') return await ask<Row>(client, unnamed);
      }
      throw databaseError(error);
    }
  }

  async function lend<T>(deadline: Deadline, work: (connection: Connection) => Promise<T>): Promise<T> {
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw databaseError(error);
    }
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      return await work({
        client,
        announce,
        ...(deadline.query_timeout === undefined ? {} : { patience: deadline.query_timeout }),
        async query(statement, parameters) {
          await announce(statement);
          return await ask(client, { ...names.queryFor(client, statement, parameters), ...deadline });
        },
      });
    } catch (error) {
      // A client in an unknown state (failed mid-COPY, lost connection, a commit that never came) never goes back into the pool.
      const isKnown = error instanceof TillsyncError && error.facts.connection !== 'broken';
      if (error instanceof Error && (!isKnown || client.getTransactionStatus() === 'T')) broken = error;
      throw error;
    } finally {
      client.removeListener('error', onError);
      client.release(broken);
    }
  }

  return {
    lend,
    async alone(statement, { parameters, ...deadline }) {
      await announce(statement);
      return await lend({}, ({ client }) =>
        ask(client, { ...names.queryFor(client, statement, parameters), ...deadline }),
      );
    },
  };
}

// Several statements in one text (the queue's upkeep) have a result each.
function resultOf<Row>(result: pg.QueryResult | pg.QueryResult[]): QueryResult<Row> {
  const results = Array.isArray(result) ? result : [result];
  return { rows: results.flatMap(({ rows }) => rows as Row[]), rowCount: results.at(-1)?.rowCount ?? 0 };
}

/** The socket below a client. The driver's types do not tell of it: nothing else ends a connection whose server is silent. */
export function socketOf(client: pg.PoolClient): { destroy(error?: Error): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}
