// Migrations: at once, twice, beside another tool, and refused where they would do harm. Killed anywhere: killed-migration.test.ts.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freshDatabase, openAgain } from '../../../test/support/database.ts';
import type { Database } from '../database.ts';
import { formatSchema } from '../schema/format-schema.ts';
import { readSchema } from '../schema/read-schema.ts';
import { verify } from '../verify/verify.ts';
import { migrate } from './migrate.ts';
import { migrationsFolder, readMigrationFiles } from './migration-files.ts';
import { checkSchemaVersion } from './migration-journal.ts';
import { withMigrationLock } from './migration-lock.ts';

const scratch = await mkdtemp(join(tmpdir(), 'tillsync-migrations-'));
afterAll(() => rm(scratch, { recursive: true }));

const files = await readMigrationFiles();
const names = files.map(({ name }) => name);
const committed = await readFile(join(migrationsFolder, '../schema.sql'), 'utf8');

async function folderOf(name: string, contents: Record<string, string>): Promise<string> {
  const folder = join(scratch, name);
  await mkdir(folder, { recursive: true });
  for (const [file, sql] of Object.entries(contents)) await writeFile(join(folder, file), sql);
  return folder;
}

async function schemaOf(database: Database): Promise<string> {
  return formatSchema(await readSchema(database));
}

test('F81: of ten starts at once one migrates, the others wait and find it done', async () => {
  const { database, url } = await freshDatabase({ migrated: false });
  const starts = await Promise.all(Array.from({ length: 9 }, () => openAgain(url, { max: 2 })));
  const reports = await Promise.all([database, ...starts].map((start) => migrate(start)));
  expect(reports.flatMap(({ applied }) => applied).sort()).toEqual(names);
  expect(reports.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
  expect(await schemaOf(database)).toBe(committed);
});

test('F81: who waits for the lock does not stop an index that is built concurrently', async () => {
  const { database, url } = await freshDatabase();
  const second = await openAgain(url);
  let waiting = (): void => undefined;
  const waits = new Promise<void>((resolve) => {
    waiting = resolve;
  });
  let other: Promise<string> = Promise.resolve('');
  await withMigrationLock(database, async () => {
    other = withMigrationLock(second, async () => 'second', { onWait: waiting });
    await waits;
    await database.query('create index concurrently built_meanwhile on integration_products (name)');
  });
  expect(await other).toBe('second');
});

test('who waits too long gives up with a sentence and leaves the lock alone', async () => {
  const { database, url } = await freshDatabase({ migrated: false });
  const second = await openAgain(url);
  await withMigrationLock(database, async () => {
    await expect(migrate(second, { waitFor: 0 })).rejects.toMatchObject({ code: 'migration_locked', exitCode: 75 });
  });
  expect((await migrate(second)).applied).toEqual(names);
});

test('run again it changes nothing and asks for no lock', async () => {
  const statements: string[] = [];
  const { database } = await freshDatabase({ onStatement: (statement) => void statements.push(statement) });
  statements.length = 0;
  expect(await migrate(database)).toEqual({ dry_run: false, adoption: null, applied: [], already: names });
  expect(statements.filter((statement) => !/^\s*select\b/i.test(statement) || /advisory/.test(statement))).toEqual([]);
});

test('a database where another tool ran the same files is taken over by running them once more', async () => {
  const { database } = await freshDatabase({ migrated: false });
  for (const { sql } of files) await database.transaction((connection) => connection.query(sql));
  for (const { sql } of files) await database.transaction((connection) => connection.query(sql));
  await database.query(
    `insert into integration_products (wand_source_id, external_id) values (gen_random_uuid(), 'kept')`,
  );
  expect((await migrate(database)).applied).toEqual(names);
  expect(await schemaOf(database)).toBe(committed);
  expect((await verify(database)).tables[0]?.rows).toBe(1);
});

test('a dry run names what it would apply and changes nothing', async () => {
  const lines: string[] = [];
  const { database } = await freshDatabase({ migrated: false });
  const before = await schemaOf(database);
  const report = await migrate(database, { dryRun: true, report: (line) => lines.push(line) });
  expect(report).toEqual({ dry_run: true, adoption: null, applied: names, already: [] });
  expect(lines).toEqual(names.map((name) => `would apply ${name}`));
  expect(await schemaOf(database)).toBe(before);
});

test('F54: a database that a newer version migrated is refused before anything is written', async () => {
  const { database } = await freshDatabase();
  await database.query(`insert into tillsync_migrations values ('29990101000000_from_the_future.sql', 'x')`);
  await database.query(`delete from tillsync_migrations where name = $1`, [names.at(-1)]);
  const starts = [
    () => migrate(database),
    () => migrate(database, { dryRun: true }),
    () => checkSchemaVersion(database),
  ];
  for (const start of starts) {
    await expect(start()).rejects.toMatchObject({
      code: 'schema_newer',
      exitCode: 2,
      message: expect.stringContaining('29990101000000_from_the_future.sql'),
    });
  }
  expect((await database.query('select name from tillsync_migrations')).rowCount).toBe(names.length);
});

test('a database that is older than the code is refused by everything but migrate', async () => {
  const { database } = await freshDatabase({ migrated: false });
  await expect(checkSchemaVersion(database)).rejects.toMatchObject({
    code: 'schema_outdated',
    hint: 'Run `tillsync migrate`.',
  });
  await migrate(database);
  await expect(checkSchemaVersion(database)).resolves.toBeUndefined();
});

test('a landed file that was changed is refused by name, line ends do not count', async () => {
  const first = '20250101000000_first.sql';
  const { database } = await freshDatabase({ migrated: false });
  const folder = await folderOf('changed', { [first]: 'create table a ();\n' });
  await migrate(database, { migrationsDir: folder });
  await folderOf('changed', { [first]: 'create table a ();\r\n' });
  expect((await migrate(database, { migrationsDir: folder })).applied).toEqual([]);
  await folderOf('changed', { [first]: 'create table a (id int);\n' });
  await expect(migrate(database, { migrationsDir: folder })).rejects.toMatchObject({
    code: 'migration_changed',
    message: expect.stringContaining(first),
  });
});

test('a file whose name would not sort by time is refused', async () => {
  const folder = await folderOf('named', { '1_first.sql': 'select 1' });
  await expect(readMigrationFiles(folder)).rejects.toMatchObject({ code: 'migration_name' });
});

test('F77: a file that fails is rolled back whole and named; the files before it stay, and a rerun goes on', async () => {
  const { database } = await freshDatabase({ migrated: false });
  const [one, two] = ['20250101000000_one.sql', '20250101000001_two.sql'];
  const folder = await folderOf('failing', { [one]: 'create table a ();', [two]: 'create table b (); select 1 / 0;' });
  await expect(migrate(database, { migrationsDir: folder })).rejects.toMatchObject({
    code: 'migration_failed',
    message: `The migration ${two} failed: division by zero`,
    effect: 'The file was rolled back; your catalog was not changed.',
  });
  const there = await database.query(`select to_regclass('a') is not null as a, to_regclass('b') is null as b`);
  expect(there.rows).toEqual([{ a: true, b: true }]);
  await folderOf('failing', { [two]: 'create table b ();' });
  expect((await migrate(database, { migrationsDir: folder })).applied).toEqual([two]);
});

test('F47, F79: a file that meets a used table waits briefly, lets readers pass, and comes again', async () => {
  const { database, url } = await freshDatabase();
  const reader = await openAgain(url);
  const folder = await folderOf('locked', {
    '29990101000000_add.sql': 'alter table integration_products add extra int;',
  });
  await database.query('delete from tillsync_migrations');
  const lines: string[] = [];
  let retried = (): void => undefined;
  const firstRetry = new Promise<void>((resolve) => {
    retried = resolve;
  });
  const report = (line: string): void => {
    lines.push(line);
    retried();
  };
  let migration: Promise<unknown> = Promise.resolve();
  await reader.transaction(async (holder) => {
    await holder.query('select count(*) from integration_products');
    migration = migrate(database, { migrationsDir: folder, report, tableLock: { lockTimeout: 50, tries: 200 } });
    await firstRetry;
    // The waiting ALTER has given up its place in the queue: another reader is not stuck behind it.
    await reader.query('select count(*) from integration_products');
  });
  await migration;
  expect(lines[0]).toBe('29990101000000_add.sql waits for a table that another session uses (try 2)');
  expect(lines.at(-1)).toBe('applied 29990101000000_add.sql');
});

test('F47: a table that stays in use ends the migration with a sentence, and nothing is half done', async () => {
  const { database, url } = await freshDatabase();
  const reader = await openAgain(url);
  const folder = await folderOf('stuck', {
    '29990101000000_add.sql': 'alter table integration_products add extra int;',
  });
  await database.query('delete from tillsync_migrations');
  await reader.transaction(async (holder) => {
    await holder.query('select count(*) from integration_products');
    const migration = migrate(database, { migrationsDir: folder, tableLock: { lockTimeout: 20, tries: 2 } });
    await expect(migration).rejects.toMatchObject({ code: 'lock_timeout', retry: 'later' });
  });
  expect((await database.query('select from tillsync_migrations')).rowCount).toBe(0);
});

test('F53: a read-only database is refused in one sentence', async () => {
  const { database, url } = await freshDatabase({ migrated: false });
  const { rows } = await database.query<{ name: string }>('select current_database() as name');
  await database.query(`alter database ${rows[0]?.name} set default_transaction_read_only = on`);
  await expect(migrate(await openAgain(url))).rejects.toMatchObject({ code: 'database_read_only' });
});

test('O5: with duplicates in the table the migration fails and says so; it never reports a key that is not there', async () => {
  const { database } = await freshDatabase();
  const key = 'integration_products_wand_source_external_unique';
  await database.query(
    `alter table integration_products drop constraint ${key}, drop constraint integration_products_source_external_unique`,
  );
  await database.query(
    `insert into integration_products (wand_source_id, external_id) select '11111111-1111-4111-8111-111111111111', 'a' from generate_series(1, 2)`,
  );
  await database.query('delete from tillsync_migrations');
  await expect(migrate(database)).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringContaining(`cannot make ${key}: several rows share its key`),
  });
  const landed = await database.query<{ name: string }>('select name from tillsync_migrations order by name');
  expect(landed.rows.map(({ name }) => name)).toEqual(names.slice(0, 2));
});

test('O5: a key that has the name but not the shape stops the migration by name', async () => {
  const { database } = await freshDatabase();
  const key = 'integration_discounts_source_external_unique';
  await database.query(`alter table integration_discounts drop constraint ${key}`);
  await database.query(`alter table integration_discounts add constraint ${key} unique (external_id)`);
  await database.query('delete from tillsync_migrations');
  await expect(migrate(database)).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringContaining(key),
  });
});

test('plain SQL stops on tables that were never adopted, whoever runs it', async () => {
  const { database } = await freshDatabase({ migrated: false });
  await database.query('create table integration_products (id uuid primary key, source_id uuid, external_id text)');
  const first = database.transaction((connection) => connection.query(files[0]?.sql ?? ''));
  await expect(first).rejects.toThrow('not adopted yet (integration_products): run "tillsync migrate"');
});

test('F78: no error is swallowed in SQL: neither migrations nor the SQL in db/ catch all', async () => {
  const folder = join(import.meta.dirname, '..');
  const sources = (await readdir(folder, { recursive: true })).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const texts = await Promise.all([
    ...names.map((name) => readFile(join(migrationsFolder, name), 'utf8')),
    ...sources.map((name) => readFile(join(folder, name), 'utf8')),
  ]);
  const catchAll = /\bwhen\s+others\s+then\b/i;
  expect('exception when others then null'.match(catchAll)).not.toBeNull();
  const code = texts.map((text) => text.replaceAll(/^\s*(--|\/\/|\*).*$/gm, ''));
  expect(code.filter((text) => catchAll.test(text))).toEqual([]);
});
