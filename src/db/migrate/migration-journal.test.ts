// Proves the gate before every command: which database is let in, and the sentence for one that is not.
import { expect, test } from 'vitest';
import { freshDatabase } from '../../../test/support/database.ts';
import { checkSchemaVersion } from './migration-journal.ts';

test('a migrated database is let in', async () => {
  const { database } = await freshDatabase();
  await expect(checkSchemaVersion(database)).resolves.toBeUndefined();
});

test('an empty database is told to migrate', async () => {
  const { database } = await freshDatabase({ migrated: false });
  await expect(checkSchemaVersion(database)).rejects.toMatchObject({ code: 'schema_outdated', exitCode: 2 });
});

test("a database with the original's tables is told that they wait for adoption", async () => {
  const { database } = await freshDatabase({ migrated: false });
  await database.query('create table integration_products (id uuid primary key, external_id text)');
  await expect(checkSchemaVersion(database)).rejects.toMatchObject({ code: 'database_not_adopted', exitCode: 2 });
});
