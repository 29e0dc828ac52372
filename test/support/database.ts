// Databases for tests: each a fresh clone of the migrated template, owned by the non-superuser role as in production.
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { type Database, type DatabaseOptions, openDatabase } from '../../src/db/database.ts';

import { afterFile } from './after-file.ts';

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
const made: string[] = [];
let administrator: Promise<Database> | undefined;

afterFile(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
  const admin = await administrator;
  administrator = undefined;
  // The cluster may lie in memory. What somebody still holds open goes with the cluster.
  for (const name of made.splice(0)) await admin?.query(`drop database if exists ${name}`).catch(() => undefined);
  await admin?.close();
});

/** A new database of its own; its pool is closed after the test file. Dropped after the test file, too. */
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
  administrator ??= openDatabase({ url: clusterSuperuserUrl(), max: 2 });
  const admin = await administrator;
  // Its pages in the log would take twice the time.
  await admin.query(`create database ${name} owner tillsync template ${template} strategy file_copy`);
  made.push(name);
  return inject('clusterUrl').replace('/tillsync?', `/${name}?`);
}
