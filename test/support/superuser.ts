// What only an administrator can do to a test database, e.g. end the connections of others.
import { openDatabase } from '../../src/db/database.ts';
import { superuserUrlOf } from './database.ts';

/** Runs one statement as the superuser on the database of `url`. */
export async function superuserOf<Row>(url: string, statement: string, parameters: unknown[] = []): Promise<Row[]> {
  const admin = await openDatabase({ url: superuserUrlOf(url), max: 1, applicationName: 'test administrator' });
  try {
    return (await admin.query<Row>(statement, parameters)).rows;
  } finally {
    await admin.close();
  }
}
