// Reads a backup into an empty database: all of it or nothing, with every row counted and every byte checked.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { copyIn } from '../copy.ts';
import type { Connection, Database } from '../database.ts';
import { migrate } from '../migrate/migrate.ts';
import { migrationsFolder, readMigrationFiles } from '../migrate/migration-files.ts';
import { readJournal } from '../migrate/migration-journal.ts';
import { runPatiently } from '../run-patiently.ts';
import { type BackupManifest, type BackupTable, backupError, damaged, readManifest } from './manifest.ts';
import { referencedFirst } from './referenced-first.ts';

export interface RestoreReport {
  /** When the backup was made, UTC. */
  made_at: string;
  tables: { name: string; rows: number }[];
  /** Runs that were going on when the backup was made, now interrupted. */
  interrupted_runs: number;
  /** Columns that the backup has and this version's tables lack: added, as `table.column`. */
  added_columns: string[];
  /** Ids of the encryption keys without which the stored credentials cannot be read. */
  key_ids: string[];
}

/**
 * Restores the backup in the folder `from` into a database that holds no rows of ours, in one transaction. A database
 * without our tables gets them as the backup had them, and is brought to this version afterwards.
 * Throws backup_missing, backup_damaged, backup_newer, backup_older, restore_not_empty.
 */
export async function restoreBackup(options: { database: Database; from: string }): Promise<RestoreReport> {
  const { database, from } = options;
  const manifest = await readManifest(from);
  await prepareSchema(database, manifest);
  const added: string[] = [];
  const interrupted = await database.transaction(
    async (connection) => {
      // COPY FROM is refused under row level security, and it holds for the owner, too, where it is forced.
      const forced = await forcedTables(connection, manifest);
      for (const name of forced) await connection.query(`alter table ${name} no force row level security`);
      for (const table of await referencedFirst(connection, manifest.tables)) {
        added.push(...(await addMissingColumns(connection, table)));
        await loadTable(connection, { table, from });
      }
      const count = await interruptRuns(connection);
      await endSessions(connection, manifest);
      for (const name of forced) await connection.query(`alter table ${name} force row level security`);
      return count;
    },
    { ownWrites: true },
  );
  await migrate(database);
  for (const { name } of manifest.tables) await runPatiently(database, `analyze ${name}`);
  return {
    made_at: manifest.made_at,
    tables: manifest.tables.map(({ name, rows }) => ({ name, rows })),
    interrupted_runs: interrupted,
    added_columns: added,
    key_ids: manifest.key_ids,
  };
}

/** Makes sure that the tables are those of the backup: later migrations must see its rows, not an empty table. */
async function prepareSchema(database: Database, manifest: BackupManifest): Promise<void> {
  const known = new Set((await readMigrationFiles()).map(({ name }) => name));
  const unknown = manifest.migrations.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw backupError(
      'backup_newer',
      `The backup was made by tillsync ${manifest.tillsync}, which is newer: it has the migration ${unknown[0]}.`,
      { hint: `Restore it with tillsync ${manifest.tillsync} or later.` },
    );
  }
  const journal = await readJournal(database);
  if (journal === null) {
    await migrateTo(database, manifest.migrations);
    return;
  }
  const later = [...journal.keys()].filter((name) => !manifest.migrations.includes(name));
  if (later.length > 0) {
    throw backupError(
      'backup_older',
      `The backup was made by tillsync ${manifest.tillsync}, and this database has been migrated further (${later[0]}).`,
      { hint: 'Restore it into a new database or a new --data-dir; its rows are then migrated too.' },
    );
  }
  await migrateTo(database, manifest.migrations);
}

async function forcedTables(connection: Connection, manifest: BackupManifest): Promise<string[]> {
  const { rows } = await connection.query<{ name: string }>(
    `select n as name from unnest($1::text[]) n join pg_class c on c.oid = to_regclass(n)
      where c.relforcerowsecurity and row_security_active(c.oid) order by 1`,
    [manifest.tables.map(({ name }) => name)],
  );
  return rows.map(({ name }) => name);
}

async function migrateTo(database: Database, names: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tillsync-restore-'));
  try {
    for (const name of names) await copyFile(join(migrationsFolder, name), join(folder, name));
    await migrate(database, { migrationsDir: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An adopted database may carry columns of the original that a new one lacks; their values are kept too. */
async function addMissingColumns(connection: Connection, table: BackupTable): Promise<string[]> {
  const { rows } = await connection.query<{ name: string; definition: string | null }>(
    `select c.name, case when t.typnamespace = 'pg_catalog'::regnamespace
                    then quote_ident(c.name) || ' ' || format_type(t.oid, null) end as definition
       from unnest($2::text[], $3::text[]) as c (name, type)
       left join pg_type t on t.oid = to_regtype(c.type)
      where not exists (select from pg_attribute a
                         where a.attrelid = to_regclass($1) and a.attname = c.name and not a.attisdropped)`,
    [table.name, table.columns.map(({ name }) => name), table.columns.map(({ type }) => type)],
  );
  for (const { name, definition } of rows) {
    if (definition === null) {
      throw backupError('backup_newer', `The column ${table.name}.${name} has a type that this database lacks.`, {
        hint: 'Make the type in the new database first (see the manifest of the backup).',
      });
    }
    await connection.query(`alter table ${table.name} add column ${definition}`);
  }
  return rows.map(({ name }) => `${table.name}.${name}`);
}

async function loadTable(connection: Connection, { table, from }: { table: BackupTable; from: string }): Promise<void> {
  const found = await connection.query(`select from ${table.name} limit 1`);
  if (found.rowCount > 0) {
    throw backupError('restore_not_empty', `The table ${table.name} holds rows already; nothing was restored.`, {
      hint: 'Restore into a new database, or a new folder with --data-dir.',
    });
  }
  const { rows: quoted } = await connection.query<{ list: string }>(
    `select string_agg(quote_ident(name), ', ' order by at) as list from unnest($1::text[]) with ordinality as c (name, at)`,
    [table.columns.map(({ name }) => name)],
  );
  const digest = createHash('sha256');
  const statement = `copy ${table.name} (${quoted[0]?.list}) from stdin`;
  const rows = await copyIn(connection, statement, readPieces(join(from, table.file), { digest, from, table }));
  if (digest.digest('hex') !== table.sha256) throw damaged(from, `${table.file} does not match its checksum`);
  if (rows !== table.rows) throw damaged(from, `${table.file} holds ${rows} rows instead of ${table.rows}`);
  for (const [column, last] of Object.entries(table.identities)) {
    await connection.query('select setval(pg_get_serial_sequence($1, $2)::regclass, $3::bigint)', [
      table.name,
      column,
      last,
    ]);
  }
}

async function* readPieces(
  file: string,
  known: { digest: ReturnType<typeof createHash>; from: string; table: BackupTable },
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const feeding = pipeline(createReadStream(file), gunzip);
  // Awaited below; until then its failure arrives through the loop.
  feeding.catch(() => undefined);
  try {
    for await (const piece of gunzip) {
      known.digest.update(piece as Buffer);
      yield piece as Buffer;
    }
    await feeding;
  } catch (cause) {
    throw damaged(known.from, `${known.table.file} cannot be read to its end`, cause);
  }
}

/** What was ended since the backup was made must not come back with it: whoever was signed in signs in again. */
async function endSessions(connection: Connection, manifest: BackupManifest): Promise<void> {
  for (const name of ['integration_sessions', 'integration_sign_in_links']) {
    if (manifest.tables.some((table) => table.name === name)) await connection.query(`delete from ${name}`);
  }
}

/** The processes that ran them are not of this database: nobody will ever end these runs otherwise. */
async function interruptRuns(connection: Connection): Promise<number> {
  const { rowCount } = await connection.query(
    `update integration_sync_history
        set status = 'interrupted', phase = null, completed_at = now(), lease_token = null, lease_expires_at = null,
            error_message = 'The sync was going on when this backup was made. The catalog is as it was before it.',
            error = jsonb_build_object(
              'code', 'interrupted', 'step', 'sync', 'retry', 'later',
              'message', 'The sync was going on when this backup was made.',
              'effect', 'The catalog is as it was before it.', 'hint', 'Sync again.',
              'doc', 'docs/reference/errors.md#interrupted')
      where status in ('queued', 'in_progress')`,
  );
  return rowCount;
}
