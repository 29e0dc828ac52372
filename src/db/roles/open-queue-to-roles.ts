// Lets our roles use the queue's tables, which are made after the migrations.
import type { Database } from '../database.ts';

/** Repeatable; does nothing before the migration that brings row level security. */
export async function openQueueToRoles(database: Database): Promise<void> {
  const { rows } = await database.query<{ there: boolean }>(
    `select to_regprocedure('tillsync_open_queue()') is not null as there`,
  );
  if (rows[0]?.there === true) await database.query('select tillsync_open_queue()');
}
