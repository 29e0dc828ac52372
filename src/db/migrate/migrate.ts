// Brings a database to this version's schema: adoption where it is needed, then one file, one transaction, one journal row.
import { TillsyncError } from '../../errors.ts';
import { adopt } from '../adopt/adopt.ts';
import type { AdoptOptions } from '../adopt/adoption.ts';
import { type AdoptionReport, formatAdoptionReport } from '../adopt/adoption-report.ts';
import { countPlaintext, encryptCredentials } from '../adopt/encrypt-credentials.ts';
import { isUnadopted } from '../adopt/is-unadopted.ts';
import type { Database } from '../database.ts';
import { type LockPatience, withShortLock } from '../keys/retry-lock.ts';
import { secureTables } from '../roles/secure-tables.ts';
import { type MigrationFile, readMigrationFiles } from './migration-files.ts';
import { journalTable, pendingFiles, readJournal } from './migration-journal.ts';
import { withMigrationLock } from './migration-lock.ts';

/** The ports and switches of adoption, and: */
export interface MigrateOptions extends AdoptOptions {
  /** Default: the migrations of this version. */
  migrationsDir?: string;
  /** Milliseconds to wait for another process that migrates; default ten minutes. */
  waitFor?: number;
  /** How long a file waits for a table that another session uses; default 10 times 3 s. */
  tableLock?: Pick<LockPatience, 'lockTimeout' | 'tries'>;
}

export interface MigrateReport {
  dry_run: boolean;
  /** What adoption did or would do; null where there was nothing to adopt. */
  adoption: AdoptionReport | null;
  /** Names of the files that this call applied, or would apply in a dry run. */
  applied: string[];
  /** Names of the files that were there before. */
  already: string[];
}

/**
 * Adopts the original's tables where they are there, applies the migrations that the database lacks, oldest first, and
 * encrypts credentials that stand in plain text. Safe to run from several processes at once (the others wait), twice (the
 * second changes nothing), and on a database where another tool ran the same files. Needs two connections of the pool.
 * Throws TillsyncError: schema_newer, migration_changed, migration_failed, migration_locked, database_read_only, adoption_…
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<MigrateReport> {
  const files = await readMigrationFiles(options.migrationsDir);
  const report = options.report ?? (() => undefined);
  const pending = pendingFiles(files, (await readJournal(database)) ?? new Map());
  if (options.dryRun) return await rehearse(database, files, { ...options, report });
  const settled = pending.length === 0 && !(await isUnadopted(database)) && !(await hasSecrets(database, options));
  if (settled) return { dry_run: false, adoption: null, ...split(files, []) };
  return await withMigrationLock(database, () => bringUp(database, files, { ...options, report }), {
    onWait: () => report('another process is migrating this database; waiting for it'),
    ...(options.waitFor === undefined ? {} : { timeout: options.waitFor }),
  });
}

/**
 * Runs every file once more, for tables, views and triggers that somebody dropped: each leaves alone what is there.
 * Nothing is journaled. A file that fails stops none of the others; the first failure is thrown at the end.
 */
export async function reapplyMigrations(database: Database, migrationsDir?: string): Promise<void> {
  const failures: unknown[] = [];
  for (const file of await readMigrationFiles(migrationsDir)) {
    try {
      await withShortLock(database, (connection) => connection.query(file.sql));
    } catch (error) {
      failures.push(failedFile(file.name, error));
    }
  }
  if (failures.length > 0) throw failures[0];
}

type Talking = MigrateOptions & { report: (line: string) => void };

async function rehearse(database: Database, files: readonly MigrationFile[], options: Talking): Promise<MigrateReport> {
  const adoption = (await isUnadopted(database)) ? await adopt(database, options) : null;
  if (adoption) for (const line of formatAdoptionReport(adoption).trimEnd().split('\n')) options.report(line);
  const pending = pendingFiles(files, (await readJournal(database)) ?? new Map());
  for (const { name } of pending) options.report(`would apply ${name}`);
  return { dry_run: true, adoption, ...split(files, pending) };
}

async function bringUp(database: Database, files: readonly MigrationFile[], options: Talking): Promise<MigrateReport> {
  await database.query(journalTable);
  const adoption = (await isUnadopted(database)) ? await adopt(database, options) : null;
  const pending = pendingFiles(files, (await readJournal(database)) ?? new Map());
  for (const file of pending) {
    await applyFile(database, file, options);
    options.report(`applied ${file.name}`);
  }
  if (pending.length > 0) await secureTables(database, options.tableLock);
  if (await hasSecrets(database, options)) {
    const { lines, warnings } = await encryptCredentials(database, options);
    for (const line of [...lines, ...warnings]) options.report(line);
  }
  return { dry_run: false, adoption, ...split(files, pending) };
}

/** Plaintext credentials that can be encrypted now; without a key `verify` warns about them. */
async function hasSecrets(database: Database, options: MigrateOptions): Promise<boolean> {
  if (!options.encryptCredential || options.keepLegacyCredentials) return false;
  return (await countPlaintext(database)) > 0;
}

async function applyFile(database: Database, file: MigrationFile, options: Talking): Promise<void> {
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
    {
      ...options.tableLock,
      onRetry: (attempt) => options.report(`${file.name} waits for a table that another session uses (try ${attempt})`),
    },
  );
}

const rolledBack = 'The file was rolled back; your catalog was not changed.';

function failedFile(name: string, error: unknown): unknown {
  if (error instanceof TillsyncError && error.code !== 'key_conflict') return error;
  if (!(error instanceof Error)) return error;
  if (error instanceof TillsyncError) {
    return new TillsyncError(
      `The migration ${name} cannot make ${error.facts.constraint}: several rows share its key.`,
      {
        code: 'migration_failed',
        step: 'sync',
        effect: rolledBack,
        hint: 'Run `tillsync verify` to see the rows, and `tillsync verify --fix` to keep the newest of each key.',
        cause: error,
        facts: { name, constraint: error.facts.constraint },
      },
    );
  }
  // What no SQLSTATE of ours explains is PostgreSQL's own text about our own statements.
  return new TillsyncError(`The migration ${name} failed: ${error.message}`, {
    code: 'migration_failed',
    step: 'sync',
    effect: rolledBack,
    hint: 'Run `tillsync verify` to compare the tables with what tillsync expects, then `tillsync migrate` again.',
    cause: error,
    facts: { name },
  });
}

function split(files: readonly MigrationFile[], applied: readonly MigrationFile[]) {
  const names = new Set(applied.map(({ name }) => name));
  return { applied: [...names], already: files.map(({ name }) => name).filter((name) => !names.has(name)) };
}
