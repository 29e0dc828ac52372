// A migration that is killed at each of its statements, and begun again each time.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshDatabase, openAgain } from '../../../test/support/database.ts';
import { formatSchema } from '../schema/format-schema.ts';
import { readSchema } from '../schema/read-schema.ts';
import { migrate } from './migrate.ts';
import { migrationsFolder, readMigrationFiles } from './migration-files.ts';
import { readJournal } from './migration-journal.ts';

test('F77: killed at each statement of each file in turn, and run again each time, the end is the same', async () => {
  const { database: watcher, url } = await freshDatabase({ migrated: false });
  const killed = new Set<string>();
  for (let isDone = false; !isDone; ) {
    // Where the attempt is: files in the journal, and how often each text was sent since the last of them.
    let applied = (await readJournal(watcher))?.size ?? 0;
    let sent = new Map<string, number>();
    let armed = false;
    const onStatement = (statement: string): void => {
      if (!armed) return;
      const times = (sent.get(statement) ?? 0) + 1;
      sent.set(statement, times);
      const here = `${applied} ${times} ${statement}`;
      if (!killed.has(here)) {
        killed.add(here);
        throw new Error('killed here');
      }
      if (statement.startsWith('insert into tillsync_migrations')) [applied, sent] = [applied + 1, new Map()];
    };
    const database = await openAgain(url, { onStatement });
    armed = true;
    try {
      await migrate(database);
      isDone = true;
    } catch (error) {
      expect((error as Error).message).toContain('killed here');
    }
    // A killed process takes its sessions, and the lock, with it.
    await database.close();
  }
  // A file is five statements to the runner: begin, its lock, itself, its note, commit.
  expect(killed.size).toBeGreaterThan((await readMigrationFiles()).length * 5);
  const committed = await readFile(join(migrationsFolder, '../schema.sql'), 'utf8');
  expect(formatSchema(await readSchema(watcher))).toBe(committed);
}, 180_000);
