// Databases for tests: each a fresh clone of the migrated template, owned by the non-superuser role as in production.
import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { type Database, type DatabaseOptions, openDatabase } from '../../src/db/database.ts';

export { testMajor } from './test-major.ts';

export interface FreshDatabase {
  database: Database;
  /** Role tillsync on the new database. */
  url: string;
}

export interface FreshDatabaseOptions extends Pick<DatabaseOptions, 'onStatement' | 'max' | 'applicationName'> {
  /** false = an empty database. Default true: all migrations applied. */
  migrated?: boolean;
}

const opened: Database[] = [];

afterAll(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

/** A new database of its own; its pool is closed after the test file. Databases are never dropped, the cluster is. */
export async function freshDatabase(options: FreshDatabaseOptions = {}): Promise<FreshDatabase> {
  const { migrated = true, ...rest } = options;
  const url = await cloneTemplate(migrated ? 'tillsync_template' : 'template1');
  const database = await openDatabase({ url, max: 10, ...rest });
  // Closing twice would throw, and some tests close it themselves.
  let closing: Promise<void> | undefined;
  const once = { ...database, close: () => (closing ??= database.close()) };
  opened.push(once);
  return { database: once, url };
}

/** A second pool on a database, e.g. another process's view; closed after the test file. */
export async function openAgain(url: string, options: Omit<FreshDatabaseOptions, 'migrated'> = {}): Promise<Database> {
  const database = await openDatabase({ url, max: 5, ...options });
  let closing: Promise<void> | undefined;
  const once = { ...database, close: () => (closing ??= database.close()) };
  opened.push(once);
  return once;
}

/** The superuser on database postgres, for tests that need what an administrator can do. */
export function clusterSuperuserUrl(): string {
  return inject('clusterSuperuserUrl');
}

/** The superuser on the database of `url`. */
export function superuserUrlOf(url: string): string {
  return url.replace('//tillsync@', '//postgres@');
}

async function cloneTemplate(template: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = await openDatabase({ url: clusterSuperuserUrl(), max: 1 });
  try {
    await admin.query(`create database ${name} owner tillsync template ${template} strategy wal_log`);
  } finally {
    await admin.close();
  }
  return inject('clusterUrl').replace('/tillsync?', `/${name}?`);
}
