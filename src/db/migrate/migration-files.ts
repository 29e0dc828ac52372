// The migration files as they stand on disk: name, SQL and checksum, in the order in which they run.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { TillsyncError } from '../../errors.ts';

export interface MigrationFile {
  /** Without the folder, with `.sql`; begins with a 14-digit timestamp. */
  readonly name: string;
  readonly sql: string;
  /** sha256 in hex over the text with LF line ends, so that a checkout on another system has the same one. */
  readonly checksum: string;
}

/** The folder of this version's migrations. */
export const migrationsFolder: string = fileURLToPath(new URL('../../../migrations/', import.meta.url));

// Those of this version are read once: what a process runs does not change while it runs.
let own: Promise<readonly MigrationFile[]> | undefined;

/** Reads the `.sql` files of a folder, oldest first. Throws TillsyncError where a name would not sort by time. */
export async function readMigrationFiles(folder: string = migrationsFolder): Promise<readonly MigrationFile[]> {
  if (folder !== migrationsFolder) return await readFolder(folder);
  own ??= readFolder(folder).catch((error: unknown) => {
    own = undefined;
    throw error;
  });
  return await own;
}

async function readFolder(folder: string): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return await Promise.all(names.map((name) => readMigrationFile(folder, name)));
}

async function readMigrationFile(folder: string, name: string): Promise<MigrationFile> {
  if (!/^\d{14}_[a-z0-9_]+\.sql$/.test(name)) {
    throw new TillsyncError(`The migration file ${name} is not named <14-digit timestamp>_<name>.sql.`, {
      code: 'migration_name',
      step: 'sync',
      effect: 'Nothing was changed in the database.',
      hint: 'Rename the file.',
    });
  }
  const sql = (await readFile(`${folder}/${name}`, 'utf8')).replaceAll('\r\n', '\n');
  return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}
