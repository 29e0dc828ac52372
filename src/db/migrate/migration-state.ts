// How far the database's schema is, as a report instead of a refusal.
import { TillsyncError } from '../../errors.ts';
import type { Queryable } from '../database.ts';
import { readMigrationFiles } from './migration-files.ts';
import { checkSchemaVersion, readJournal } from './migration-journal.ts';

export interface MigrationState {
  /** How many were applied, and the last of them. */
  applied: number;
  latest: string | null;
  /** Of this version of the code, those that the database waits for. */
  pending: string[];
  /** Why this version does not work on this schema; null = it does. */
  problem: { code: string; message: string; hint: string } | null;
}

/** Reads the journal and compares it with the files. */
export async function readMigrationState(q: Queryable): Promise<MigrationState> {
  const files = await readMigrationFiles();
  const journal = (await readJournal(q)) ?? new Map<string, string>();
  return {
    applied: journal.size,
    latest: [...journal.keys()].sort().at(-1) ?? null,
    pending: files.map(({ name }) => name).filter((name) => !journal.has(name)),
    problem: await problemOf(q, files),
  };
}

async function problemOf(
  q: Queryable,
  files: Awaited<ReturnType<typeof readMigrationFiles>>,
): Promise<MigrationState['problem']> {
  try {
    await checkSchemaVersion(q, files);
    return null;
  } catch (error) {
    if (!(error instanceof TillsyncError)) throw error;
    return { code: error.code, message: error.message, hint: error.hint };
  }
}
