// Brings a database to this version's schema: one file, one transaction, one journal row, one process at a time.
import { TillsyncError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { withShortLock } from '../keys/retry-lock.ts';
import { type MigrationFile, readMigrationFiles } from './migration-files.ts';
import { journalTable, pendingFiles, readJournal } from './migration-journal.ts';
import { type LockOptions, withMigrationLock } from './migration-lock.ts';

export interface MigrateOptions {
  /** Default: the migrations of this version. */
  migrationsDir?: string;
  /** Says what would be done and changes nothing. */
  dryRun?: boolean;
  /** Receives one line of progress at a time, for people. */
  report?: (line: string) => void;
  /** Milliseconds to wait for another process that migrates; default ten minutes. */
  lockTimeout?: number;
}

export interface MigrateReport {
  dry_run: boolean;
  /** Names of the files that this call applied, or would apply in a dry run. */
  applied: string[];
  /** Names of the files that were there before. */
  already: string[];
}

/**
 * Applies the migrations that the database lacks, oldest first. Safe to run from several processes at once (the others
 * wait), twice (the second changes nothing), and on a database where another tool ran the same files.
 * Throws TillsyncError: schema_newer, migration_changed, migration_failed, migration_locked, database_read_only, …
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<MigrateReport> {
  const files = await readMigrationFiles(options.migrationsDir);
  const report = options.report ?? (() => undefined);
  const journal = (await readJournal(database)) ?? new Map();
  const pending = pendingFiles(files, journal);
  if (options.dryRun) {
    for (const { name } of pending) report(`would apply ${name}`);
    return summary(files, pending, true);
  }
  if (pending.length === 0) return summary(files, [], false);
  const lock: LockOptions = { onWait: () => report('another process is migrating this database; waiting for it') };
  if (options.lockTimeout !== undefined) lock.timeout = options.lockTimeout;
  return await withMigrationLock(database, () => applyPending(database, files, report), lock);
}

async function applyPending(database: Database, files: readonly MigrationFile[], report: (line: string) => void) {
  await database.query(journalTable);
  const pending = pendingFiles(files, (await readJournal(database)) ?? new Map());
  for (const file of pending) {
    await applyFile(database, file, report);
    report(`applied ${file.name}`);
  }
  return summary(files, pending, false);
}

async function applyFile(database: Database, file: MigrationFile, report: (line: string) => void): Promise<void> {
  await withShortLock(
    database,
    async (connection) => {
      // Holds even where a pooler gave the advisory lock's session to somebody else.
      await connection.query('lock table tillsync_migrations in exclusive mode');
      const journal = await readJournal(connection);
      if (journal?.has(file.name)) return;
      try {
        await connection.query(file.sql);
      } catch (error) {
        throw failedFile(file.name, error);
      }
      await connection.query('insert into tillsync_migrations (name, checksum) values ($1, $2)', [
        file.name,
        file.checksum,
      ]);
    },
    { onRetry: (attempt) => report(`${file.name} waits for a table that another session uses (try ${attempt})`) },
  );
}

/**
 * Runs every file once more, for tables and triggers that somebody dropped: each leaves alone what is there. Nothing is
 * journaled. Throws what `migrate` throws.
 */
export async function reapplyMigrations(database: Database, migrationsDir?: string): Promise<void> {
  for (const file of await readMigrationFiles(migrationsDir)) {
    await withShortLock(database, async (connection) => {
      try {
        await connection.query(file.sql);
      } catch (error) {
        throw failedFile(file.name, error);
      }
    });
  }
}

function failedFile(name: string, error: unknown): unknown {
  // A known error has its sentence already; what is left is PostgreSQL's own text about our own statements.
  if (error instanceof TillsyncError || !(error instanceof Error)) return error;
  return new TillsyncError(`The migration ${name} failed: ${error.message}`, {
    code: 'migration_failed',
    step: 'sync',
    effect: 'The file was rolled back; your catalog was not changed.',
    hint: 'Run `tillsync verify` to compare the tables with what tillsync expects, then `tillsync migrate` again.',
    cause: error,
    facts: { name },
  });
}

function summary(files: readonly MigrationFile[], applied: readonly MigrationFile[], dryRun: boolean): MigrateReport {
  const names = new Set(applied.map(({ name }) => name));
  return {
    dry_run: dryRun,
    applied: [...names],
    already: files.map(({ name }) => name).filter((name) => !names.has(name)),
  };
}
