// Copies of a prepared database: each test of a kill begins from the very same state.
import { randomBytes } from 'node:crypto';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { clusterSuperuserUrl, freshDatabase } from '../support/database.ts';

/** Prepares a database once and returns what makes copies of it; each call gives the URL of a new copy. */
export async function prepareCopies(prepare: (database: Database) => Promise<void>): Promise<() => Promise<string>> {
  const { database, url } = await freshDatabase({ migrated: false });
  await prepare(database);
  await database.close();
  const name = new URL(url).pathname.slice(1);
  return async () => {
    const copy = `${name}_${randomBytes(4).toString('hex')}`;
    const admin = await openDatabase({ url: clusterSuperuserUrl(), max: 1 });
    try {
      await admin.query(`create database ${copy} owner tillsync template ${name} strategy wal_log`);
    } finally {
      await admin.close();
    }
    return url.replace(`/${name}?`, `/${copy}?`);
  };
}
