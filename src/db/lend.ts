// Lends connections of the pool, and asks on them: the one place where a statement goes out and its answer comes back.
import type pg from 'pg';
import { TillsyncError } from '../errors.ts';
import type { Connection, QueryResult } from './database.ts';
import { databaseError } from './database-error.ts';
import { forgetNames, isOutdated, queryFor } from './statement-names.ts';

/** Lends connections of a pool: each works for one caller at a time, and comes back only in a state that is known. */
export function lender(pool: pg.Pool, announce: (statement: string) => Promise<void>) {
  return async <T>(deadline: { query_timeout?: number }, work: (connection: Connection) => Promise<T>): Promise<T> => {
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
        async query(statement, parameters) {
          await announce(statement);
          return await ask(client, { ...queryFor(client, statement, parameters), ...deadline });
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
  };
}

/** One statement on a connection. Throws TillsyncError. */
export async function ask<Row>(
  client: pg.ClientBase,
  query: pg.QueryConfig & { query_timeout?: number },
): Promise<QueryResult<Row>> {
  try {
    return resultOf<Row>(await client.query(query));
  } catch (error) {
    if (isOutdated(error)) {
      forgetNames();
      const { name, ...unnamed } = query;
      // A transaction has ended with it; alone, it is asked once more.
      if (client.getTransactionStatus() === 'I') return await ask<Row>(client, unnamed);
    }
    throw databaseError(error);
  }
}

// Several statements in one text (the queue's upkeep) have a result each.
function resultOf<Row>(result: pg.QueryResult | pg.QueryResult[]): QueryResult<Row> {
  const results = Array.isArray(result) ? result : [result];
  return { rows: results.flatMap(({ rows }) => rows as Row[]), rowCount: results.at(-1)?.rowCount ?? 0 };
}
