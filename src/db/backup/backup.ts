// Writes all of tillsync's tables, as they stood at one moment, into a new folder.
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { copyOut } from '../copy.ts';
import type { Connection, Database } from '../database.ts';
import { readMigrationFiles } from '../migrate/migration-files.ts';
import { pendingFiles, readJournal } from '../migrate/migration-journal.ts';
import { seesAllRows } from '../roles/sees-all-rows.ts';
import expectedColumns from '../schema/expected-columns.json' with { type: 'json' };
import { type BackupManifest, type BackupTable, backupError, manifestFile } from './manifest.ts';

export interface BackupReport {
  /** The folder that was written, absolute. */
  folder: string;
  tables: { name: string; rows: number }[];
  /** Bytes of the compressed files. */
  stored_bytes: number;
  /** Ids of the encryption keys without which the stored credentials cannot be read. */
  key_ids: string[];
}

interface Writing {
  connection: Connection;
  folder: string;
}

// COPY's text depends on these.
const readerSettings = `
  set local timezone = 'UTC'; set local datestyle = 'ISO, MDY'; set local intervalstyle = 'iso_8601';
  set local extra_float_digits = 3; set local bytea_output = 'hex';
  set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`;
const pieceSize = 1024 * 1024;

/**
 * Writes a backup into the folder `out`, which must not exist; others may read and write meanwhile (one snapshot).
 * The encryption key is not part of it. A killed backup leaves only `<out>.unfinished-<pid>`.
 * Throws backup_exists, backup_unwritable, schema_missing, schema_newer.
 */
export async function backup(options: { database: Database; out: string }): Promise<BackupReport> {
  const { database } = options;
  const out = resolve(options.out);
  const migrations = await migrationsOf(database);
  const folder = `${out}.unfinished-${process.pid}`;
  await makeFolder(out, folder);
  try {
    const manifest = await database.withConnection((connection) =>
      inSnapshot(connection, async () => {
        const tables: BackupTable[] = [];
        for (const name of Object.keys(expectedColumns)) {
          // The journal belongs to the database that holds it; its names are in the manifest.
          if (name !== 'tillsync_migrations') tables.push(await writeTable({ connection, folder }, name));
        }
        return await describe(connection, { migrations, tables, postgres: database.serverVersion });
      }),
    );
    await writeManifest(folder, manifest);
    await rename(folder, out);
    await syncFolder(dirname(out));
    return {
      folder: out,
      tables: manifest.tables.map(({ name, rows }) => ({ name, rows })),
      stored_bytes: await sizeOf(out, manifest),
      key_ids: manifest.key_ids,
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function migrationsOf(database: Database): Promise<string[]> {
  const journal = await readJournal(database);
  if (journal === null) {
    throw backupError('schema_missing', 'This database holds no tables of tillsync.', {
      hint: 'Check DATABASE_URL or --data-dir, or run `tillsync migrate` first.',
    });
  }
  // Throws where a newer tillsync has migrated it: that one knows which tables there are.
  pendingFiles(await readMigrationFiles(), journal);
  return [...journal.keys()].sort();
}

async function makeFolder(out: string, unfinished: string): Promise<void> {
  const found = await stat(out).catch(() => null);
  if (found !== null) {
    throw backupError('backup_exists', `${out} exists already, and a backup is never overwritten.`, {
      hint: 'Name a folder that does not exist with --out.',
    });
  }
  try {
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { mode: 0o700, recursive: true });
  } catch (cause) {
    throw backupError('backup_unwritable', `${dirname(out)} cannot be written to.`, {
      hint: 'Name another folder with --out.',
      cause,
    });
  }
}

async function inSnapshot<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  await connection.query('begin isolation level repeatable read read only');
  try {
    await connection.query(readerSettings);
    // Rows that a policy hides are never left out silently: PostgreSQL refuses then.
    if (!(await seesAllRows(connection))) await connection.query('set local row_security = off');
    const result = await work();
    await connection.query('commit');
    return result;
  } catch (error) {
    try {
      await connection.query('rollback');
    } catch {
      // The connection is gone, and its transaction with it; the first error is the one to report.
    }
    throw error;
  }
}

async function writeTable({ connection, folder }: Writing, name: string): Promise<BackupTable> {
  const { rows: columns } = await connection.query<{ name: string; quoted: string; type: string; identity: boolean }>(
    `select attname as name, quote_ident(attname) as quoted, format_type(atttypid, atttypmod) as type,
            attidentity <> '' as identity
       from pg_attribute
      where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    [name],
  );
  const file = `${name}.copy.gz`;
  const writer = openWriter(join(folder, file));
  try {
    // Names come from the catalogs, quoted by the server.
    const list = columns.map(({ quoted }) => quoted).join(', ');
    await copyOut(connection, `copy (select ${list} from ${name}) to stdout`, writer.write);
  } finally {
    writer.end();
  }
  const identities: Record<string, string> = {};
  for (const column of columns.filter(({ identity }) => identity)) {
    const last = await lastIdentity(connection, name, column.name);
    if (last !== null) identities[column.name] = last;
  }
  return {
    name,
    file,
    columns: columns.map(({ name: column, type }) => ({ name: column, type })),
    ...writer.facts(),
    identities,
  };
}

async function lastIdentity(connection: Connection, table: string, column: string): Promise<string | null> {
  const { rows } = await connection.query<{ last: string | null }>(
    'select pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass)::text as last',
    [table, column],
  );
  return rows[0]?.last ?? null;
}

/** Compresses in pieces of 1 MiB, each a gzip member of its own, so that neither side needs the table in memory. */
function openWriter(path: string) {
  const file = openSync(path, 'wx', 0o600);
  const digest = createHash('sha256');
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let bytes = 0;
  let rows = 0;
  const flush = () => {
    writeSync(file, gzipSync(Buffer.concat(waiting)));
    waiting = [];
    waitingBytes = 0;
  };
  return {
    write(piece: Buffer) {
      // COPY's text escapes line feeds inside values: one line feed is one row.
      for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) rows++;
      digest.update(piece);
      bytes += piece.length;
      waiting.push(piece);
      waitingBytes += piece.length;
      if (waitingBytes >= pieceSize) flush();
    },
    end() {
      flush();
      fsyncSync(file);
      closeSync(file);
    },
    facts: () => ({ rows, bytes, sha256: digest.digest('hex') }),
  };
}

async function describe(
  connection: Connection,
  known: Pick<BackupManifest, 'migrations' | 'tables' | 'postgres'>,
): Promise<BackupManifest> {
  const { rows: keys } = await connection.query<{ id: string }>(
    `select distinct (regexp_matches(sealed, 'v1\\.([0-9a-f]{8})\\.', 'g'))[1] as id
       from (select credentials_encrypted::text as sealed from integration_source_configs
             union all select secrets_encrypted::text from integration_webhook_endpoints
             union all select totp_encrypted from integration_users
             union all select grant_encrypted from integration_token_attempts
             union all select concat_ws(' ', grant_encrypted, access_encrypted, refresh_encrypted)
               from integration_access_tokens) secrets order by 1`,
  );
  const packageFile = new URL('../../../package.json', import.meta.url);
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
  return {
    format: 1,
    tillsync: version,
    postgres: known.postgres,
    made_at: new Date().toISOString(),
    migrations: known.migrations,
    key_ids: keys.map(({ id }) => id),
    tables: known.tables,
  };
}

async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  const file = await open(join(folder, manifestFile), 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

async function sizeOf(folder: string, manifest: BackupManifest): Promise<number> {
  const sizes = await Promise.all(manifest.tables.map(({ file }) => stat(join(folder, file))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
