// Runs one statement that may take as long as it takes: the build of an index, VALIDATE, ANALYZE.
import type { Database } from './database.ts';

/** On a connection of its own, which has no deadline for an answer; outside a transaction. */
export async function runPatiently(database: Database, statement: string): Promise<void> {
  await database.withConnection((connection) => connection.query(statement));
}
