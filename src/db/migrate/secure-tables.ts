// After migrations: the tables that they made come under row level security, whoever forgot to say so in the file.
import type { Database } from '../database.ts';
import { type LockPatience, withShortLock } from '../keys/retry-lock.ts';
import expectedColumns from '../schema/expected-columns.json' with { type: 'json' };

/** Every table of ours, also the journal of an adoption, which a new database has not. */
export const ourTables: readonly string[] = [...Object.keys(expectedColumns), 'integration_adoption_steps'];

/** Secures those of our tables that are not yet; does nothing before the migration that brings row level security. */
export async function secureTables(
  database: Database,
  tableLock?: Pick<LockPatience, 'lockTimeout' | 'tries'>,
): Promise<void> {
  const { rows } = await database.query<{ bare: string[] }>(
    `select array(select relname::text from pg_class where oid in (select to_regclass(n) from unnest($1::text[]) n)
        and not relrowsecurity order by 1) as bare
      where to_regprocedure('tillsync_secure_tables(text[])') is not null`,
    [ourTables],
  );
  const bare = rows[0]?.bare ?? [];
  if (bare.length === 0) return;
  await withShortLock(
    database,
    (connection) => connection.query('select tillsync_secure_tables($1)', [bare]),
    tableLock ?? {},
  );
}
