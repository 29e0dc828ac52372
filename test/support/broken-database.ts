// A database that fails at everything, for what becomes of a failure.
import type { Database } from '../../src/db/database.ts';

/** The database with every statement failing, whoever asks. */
export function brokenDatabase(database: Database, error: Error): Database {
  const fail = () => Promise.reject(error);
  const broken: Database = {
    ...database,
    query: fail,
    transaction: fail,
    withConnection: fail,
    as: () => broken,
    telling: () => broken,
  };
  return broken;
}
