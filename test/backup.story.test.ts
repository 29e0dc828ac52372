// Backup and restore: what comes back is what was there, byte for byte, or nothing at all.
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { backup } from '../src/db/backup/backup.ts';
import { restoreBackup } from '../src/db/backup/restore-backup.ts';
import type { Database } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate/migrate.ts';
import { verify } from '../src/db/verify/verify.ts';
import { openVault } from '../src/vault/open-vault.ts';
import { freshDatabase, openAgain } from './support/database.ts';

const source = '11111111-1111-4111-8111-111111111111';
const config = '22222222-2222-4222-8222-222222222222';
const vault = openVault({ active: randomBytes(32).toString('base64') });

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tillsync-backup-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Every table with values that are easily bent: tabs, `\N`, NULL beside '', digits beyond a double, bytes, microseconds. */
async function fill(database: Database): Promise<void> {
  const secret = await vault.encrypt(config, 'token', 'p\\N\tä');
  await database.transaction(
    async (connection) => {
      await connection.query(`insert into concepts (name) values ('Noodles'), ('to be deleted')`);
      await connection.query(`delete from concepts where name = 'to be deleted'`);
      await connection.query(
        `insert into wand_integration_sources (id, integration_type, name) values ($1, 'qu', E'tab\\tline\\nback\\\\slash \\\\N é 🍜')`,
        [source],
      );
      await connection.query(
        `insert into integration_source_configs (id, config_name, connector_id, credentials_encrypted) values ($1, 'QU POS', 'qu', $2)`,
        [config, JSON.stringify({ token: secret })],
      );
      await connection.query(
        `insert into integration_products (source_id, wand_source_id, external_id, path_id, name, price, data, content_hash, last_synced_at)
         select $1, $1, 'p' || n, case when n % 2 = 0 then null else '' end, case when n % 3 = 0 then null else E'\\\\N' end,
                n::numeric / 1000, jsonb_build_object('id', 9007199254740993::numeric, 'v', 1.10::numeric, 'text', repeat('x', 100)),
                decode(md5(n::text), 'hex'), '2026-01-01T00:00:00.123456Z'
           from generate_series(1, 30000) as n`,
        [source],
      );
      await connection.query(
        `insert into integration_payload_chunks (wand_source_id, payload_id, seq, bytes)
         select $1, tillsync_new_id(), 1, decode(string_agg(lpad(to_hex(n % 256), 2, '0'), ''), 'hex') from generate_series(0, 2999) as n`,
        [source],
      );
      await connection.query(
        `insert into integration_sync_history (wand_source_id, source_config_id, status, phase, lease_token, lease_expires_at, worker)
         values ($1, $2, 'in_progress', 'save', tillsync_new_id(), now() + interval '1 hour', 'elsewhere:1'), ($1, $2, 'success', null, null, null, null)`,
        [source, config],
      );
    },
    { ownWrites: true },
  );
}

async function contentsOf(database: Database): Promise<Record<string, string | undefined>> {
  const { rows: tables } = await database.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'tillsync_migrations' order by 1`,
  );
  const contents: Record<string, string | undefined> = {};
  for (const { name } of tables) {
    const finished = name === 'integration_sync_history' ? `where status = 'success'` : '';
    const { rows } = await database.query<{ digest: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') as digest from ${name} t ${finished}`,
    );
    contents[name] = rows[0]?.digest;
  }
  return contents;
}

test('F82: a backup restored into a new database is equal row by row, secrets decrypt, and runs in progress are interrupted', async () => {
  const folder = join(await temporaryFolder(), 'backup');
  const { database } = await freshDatabase();
  await fill(database);
  const written = await backup({ database, out: folder });
  expect(written.tables.find(({ name }) => name === 'integration_products')?.rows).toBe(30000);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder).filter((file) => (statSync(join(folder, file)).mode & 0o077) !== 0)).toEqual([]);

  const { database: restored } = await freshDatabase({ migrated: false });
  const report = await restoreBackup({ database: restored, from: folder });
  expect(report).toMatchObject({ interrupted_runs: 1, added_columns: [], tables: written.tables });
  expect(await contentsOf(restored)).toEqual(await contentsOf(database));

  const { rows: configs } = await restored.query<{ credentials_encrypted: { token: string } }>(
    'select credentials_encrypted from integration_source_configs',
  );
  expect(await vault.decrypt(config, 'token', configs[0]!.credentials_encrypted.token)).toBe('p\\N\tä');
  expect(report.key_ids).toEqual([configs[0]!.credentials_encrypted.token.split('.')[1]]);

  const { rows: runs } = await restored.query(
    `select status, phase, lease_token, error->>'code' as code, completed_at is not null as completed
       from integration_sync_history where worker = 'elsewhere:1'`,
  );
  expect(runs).toEqual([
    { status: 'interrupted', phase: null, lease_token: null, code: 'interrupted', completed: true },
  ]);
  const { rows: next } = await restored.query(`insert into concepts (name) values ('new') returning id::text`);
  expect(next, 'the id of a deleted concept is not given out again').toEqual([{ id: '3' }]);
  expect((await verify(restored)).ok).toBe(true);
});

test('a backup shows one moment, whatever is written meanwhile', async () => {
  const folder = join(await temporaryFolder(), 'backup');
  let writer: Database | undefined;
  const { database, url } = await freshDatabase({
    onStatement: async (statement) => {
      if (!statement.startsWith('copy') || writer === undefined) return;
      await writer.query(`insert into concepts (name) values ('later')`);
      await writer.query(`insert into stores (name) values ('later')`);
    },
  });
  writer = await openAgain(url);
  const written = await backup({ database, out: folder });
  expect(Object.fromEntries(written.tables.map(({ name, rows }) => [name, rows]))).toMatchObject({
    concepts: 0,
    stores: 0,
  });
  const { rows } = await writer.query('select from stores');
  expect(rows.length).toBeGreaterThan(10);
});

test('a backup never overwrites, and one that fails leaves nothing behind', async () => {
  const parent = await temporaryFolder();
  const { database } = await freshDatabase();
  await expect(backup({ database, out: parent })).rejects.toMatchObject({ code: 'backup_exists', exitCode: 2 });
  const { database: failing } = await freshDatabase({
    onStatement: (statement) => {
      if (statement.includes('from integration_products')) throw new Error('injected');
    },
  });
  await expect(backup({ database: failing, out: join(parent, 'a') })).rejects.toThrow('injected');
  expect(readdirSync(parent)).toEqual([]);
  const { database: empty } = await freshDatabase({ migrated: false });
  await expect(backup({ database: empty, out: join(parent, 'a') })).rejects.toMatchObject({ code: 'schema_missing' });
});

test('a database that holds rows is not restored over, and stays as it was', async () => {
  const folder = join(await temporaryFolder(), 'backup');
  const { database } = await freshDatabase();
  await database.query(`insert into stores (name) values ('mine')`);
  await backup({ database, out: folder });
  await expect(restoreBackup({ database, from: folder })).rejects.toMatchObject({
    code: 'restore_not_empty',
    message: 'The table stores holds rows already; nothing was restored.',
  });
  expect((await database.query('select from stores')).rowCount).toBe(1);
});

test('a damaged backup is refused whole: cut off, changed, a row short, or without its manifest', async () => {
  const folder = join(await temporaryFolder(), 'backup');
  const { database } = await freshDatabase();
  await fill(database);
  await backup({ database, out: folder });
  const { database: target } = await freshDatabase();
  const file = join(folder, 'integration_products.copy.gz');
  const good = readFileSync(file);
  const refused = async (message: string) => {
    await expect(restoreBackup({ database: target, from: folder })).rejects.toMatchObject({
      code: 'backup_damaged',
      message: expect.stringContaining(message),
    });
    expect((await target.query('select from concepts')).rowCount).toBe(0);
  };
  truncateSync(file, good.length - 10);
  await refused('integration_products.copy.gz cannot be read to its end');
  const text = gunzipSync(good).toString();
  writeFileSync(file, gzipSync(text.replace('p1\t', 'p1x\t')));
  await refused('integration_products.copy.gz does not match its checksum');
  writeFileSync(file, gzipSync(text.slice(text.indexOf('\n') + 1)));
  await refused('integration_products.copy.gz does not match its checksum');
  writeFileSync(file, good);
  const manifest = join(folder, 'manifest.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').slice(0, -20));
  await refused('manifest.json cannot be read');
  await rm(manifest);
  await expect(restoreBackup({ database: target, from: folder })).rejects.toMatchObject({ code: 'backup_missing' });
});

test('columns of the original that an adopted database carries come along; a column of an unknown type is named', async () => {
  const parent = await temporaryFolder();
  const { database } = await freshDatabase();
  await database.query('alter table stores add column "Till No" varchar(20)');
  await database.query(`insert into stores (name, "Till No") values ('one', '007')`);
  await backup({ database, out: join(parent, 'a') });
  const { database: restored } = await freshDatabase();
  const report = await restoreBackup({ database: restored, from: join(parent, 'a') });
  expect(report.added_columns).toEqual(['stores.Till No']);
  expect((await restored.query('select "Till No" as till from stores')).rows).toEqual([{ till: '007' }]);

  await database.query(`create type mood as enum ('good')`);
  await database.query('alter table stores add column mood mood');
  await backup({ database, out: join(parent, 'b') });
  const { database: other } = await freshDatabase();
  await expect(restoreBackup({ database: other, from: join(parent, 'b') })).rejects.toMatchObject({
    message: 'The column stores.mood has a type that this database lacks.',
  });
});

test('a backup of an older version is migrated with its rows; into a migrated database, or from a newer version, it is refused', async () => {
  const folder = join(await temporaryFolder(), 'backup');
  const { database } = await freshDatabase();
  await database.query(`insert into stores (name) values ('one')`);
  await backup({ database, out: folder });
  const file = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as {
    migrations: string[];
    tables: { rows: number }[];
  };
  const last = manifest.migrations.at(-1)!;
  // An older version had not yet every table; those it had are the ones with rows here.
  const tables = manifest.tables.filter(({ rows }) => rows > 0);
  const rewrite = (migrations: string[]) => writeFileSync(file, JSON.stringify({ ...manifest, migrations, tables }));

  rewrite(manifest.migrations.slice(0, -1));
  const { database: migrated } = await freshDatabase();
  await expect(restoreBackup({ database: migrated, from: folder })).rejects.toMatchObject({
    code: 'backup_older',
    message: expect.stringContaining(last),
  });
  const { database: empty } = await freshDatabase({ migrated: false });
  await restoreBackup({ database: empty, from: folder });
  expect((await empty.query('select from stores')).rowCount).toBe(1);
  expect(await migrate(empty)).toMatchObject({ applied: [] });

  rewrite([...manifest.migrations, '20990101000000_from_the_future.sql']);
  const { database: another } = await freshDatabase({ migrated: false });
  await expect(restoreBackup({ database: another, from: folder })).rejects.toMatchObject({
    code: 'backup_newer',
    message: expect.stringContaining('20990101000000_from_the_future.sql'),
  });
  expect(existsSync(file)).toBe(true);
});
