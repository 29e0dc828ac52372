// What the other tests rely on: every test database is fresh, migrated and owned by a role without superuser rights.
import { expect, test } from 'vitest';
import { freshDatabase, testMajor } from './database.ts';

test('a fresh database has the tables, and the role that owns it is no superuser', async () => {
  const { database } = await freshDatabase();
  const { rows } = await database.query<{ tables: string; superuser: string; major: string }>(
    `select (select count(*)::text from pg_tables where tablename like 'integration_%') as tables,
            current_setting('is_superuser') as superuser, current_setting('server_version') as major`,
  );
  expect(Number(rows[0]?.tables)).toBeGreaterThan(5);
  expect(rows[0]?.superuser).toBe('off');
  expect(rows[0]?.major.split('.')[0]).toBe(String(testMajor));
});

test('two fresh databases know nothing of each other', async () => {
  const [one, two] = await Promise.all([freshDatabase(), freshDatabase({ migrated: false })]);
  await one.database.query('create table mine (id int)');
  const { rows } = await two.database.query(`select from pg_tables where schemaname = 'public'`);
  expect(rows).toHaveLength(0);
});
