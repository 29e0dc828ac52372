// The journal of applied migrations, and what it says about this version of the code.
import { TillsyncError } from '../../errors.ts';
import { isUnadopted } from '../adopt/is-unadopted.ts';
import type { Queryable } from '../database.ts';
import { type MigrationFile, readMigrationFiles } from './migration-files.ts';

/** Name of an applied file → its checksum at that time. */
export type Journal = ReadonlyMap<string, string>;

export const journalTable = `create table if not exists tillsync_migrations (
  name text primary key,
  checksum text not null,
  applied_at timestamptz not null default now()
)`;

/** Reads the journal; null where the database has none yet. */
export async function readJournal(queryable: Queryable): Promise<Journal | null> {
  const found = await queryable.query<{ found: boolean }>(
    `select to_regclass('tillsync_migrations') is not null as found`,
  );
  if (!found.rows[0]?.found) return null;
  const { rows } = await queryable.query<{ name: string; checksum: string }>(
    'select name, checksum from tillsync_migrations',
  );
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

/** The files that the journal lacks. Throws where the database is newer than the code, or a landed file has changed. */
export function pendingFiles(files: readonly MigrationFile[], journal: Journal): MigrationFile[] {
  const known = new Set(files.map(({ name }) => name));
  const unknown = [...journal.keys()].filter((name) => !known.has(name)).sort();
  if (unknown.length > 0) throw newerDatabase(unknown);
  const changed = files.find(({ name, checksum }) => journal.has(name) && journal.get(name) !== checksum);
  if (changed) throw changedFile(changed.name);
  return files.filter(({ name }) => !journal.has(name));
}

/**
 * The version gate at the start of a process: refuses a database that a newer tillsync migrated, and one that waits for
 * `tillsync migrate`. Reads only. Throws TillsyncError schema_newer, migration_changed, database_not_adopted or
 * schema_outdated.
 */
export async function checkSchemaVersion(queryable: Queryable, files?: readonly MigrationFile[]): Promise<void> {
  const pending = pendingFiles(files ?? (await readMigrationFiles()), (await readJournal(queryable)) ?? new Map());
  if (pending.length === 0) return;
  if (await isUnadopted(queryable)) throw unadopted();
  throw new TillsyncError(`The database waits for ${pending.length} migration(s), the first is ${pending[0]?.name}.`, {
    code: 'schema_outdated',
    step: 'sync',
    effect: 'Nothing was changed in the database.',
    hint: 'Run `tillsync migrate`.',
    exitCode: 2,
    facts: { pending: pending.map(({ name }) => name) },
  });
}

function unadopted(): TillsyncError {
  return new TillsyncError('This database holds tables that tillsync has not adopted yet.', {
    code: 'database_not_adopted',
    step: 'sync',
    effect: 'Nothing was changed in the database.',
    hint: 'Run `tillsync migrate --dry-run` to see what would be done, then `tillsync migrate`.',
    exitCode: 2,
  });
}

function newerDatabase(unknown: readonly string[]): TillsyncError {
  return new TillsyncError(
    `A newer tillsync has migrated this database (${unknown.join(', ')}); this version does not know what that changed.`,
    {
      code: 'schema_newer',
      step: 'sync',
      effect: 'Nothing was changed in the database.',
      hint: 'Start the newer version of tillsync, or restore a backup from before its migration.',
      exitCode: 2,
      facts: { unknown },
    },
  );
}

function changedFile(name: string): TillsyncError {
  return new TillsyncError(`The migration ${name} was changed after this database had applied it.`, {
    code: 'migration_changed',
    step: 'sync',
    effect: 'Nothing was changed in the database.',
    hint: 'Restore the file as it was, and put the change into a new migration.',
    exitCode: 2,
    facts: { name },
  });
}
