// Runs the SQL of a finding as a person would: concurrent builds alone, everything else under a short lock.

import type { Database } from '../database.ts';
import { withShortLock } from '../keys/retry-lock.ts';
import { runPatiently } from '../run-patiently.ts';

/** Runs statements that end with `;` and a line break; each in its own transaction where it may stand in one. */
export async function runStatements(database: Database, sql: string): Promise<void> {
  for (const statement of sql.split(/;\s*(?:\n|$)/)) {
    if (statement.trim() === '') continue;
    if (/^(create|drop) .*\bindex concurrently\b/i.test(statement)) await runPatiently(database, statement);
    else await withShortLock(database, (connection) => connection.query(statement));
  }
}
