// The committed schema is what the migrations make, on every supported major.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freshDatabase } from '../../../test/support/database.ts';
import { describeColumns } from './describe-columns.ts';
import expectedColumns from './expected-columns.json' with { type: 'json' };
import { formatSchema } from './format-schema.ts';
import { readSchema } from './read-schema.ts';

const committed = await readFile(fileURLToPath(new URL('../../../schema.sql', import.meta.url)), 'utf8');

test('schema.sql is what the migrations make on this PostgreSQL (else: npm run schema)', async () => {
  const { database } = await freshDatabase();
  expect(formatSchema(await readSchema(database))).toBe(committed);
});

test('the expected columns are the columns that the migrations make', async () => {
  const { database } = await freshDatabase();
  expect(describeColumns(await readSchema(database))).toEqual(expectedColumns);
});

test('schema.sql loads into an empty database and reads back the same', async () => {
  const { database } = await freshDatabase({ migrated: false });
  await database.query(committed);
  expect(formatSchema(await readSchema(database))).toBe(committed);
});

test('comments, foreign keys, policies and generated columns are part of the schema', async () => {
  const { database } = await freshDatabase({ migrated: false });
  await database.query(`
    create table parent (id int primary key, twice int generated always as (id * 2) stored);
    create table child (parent_id int references parent (id), note text);
    comment on table child is 'it''s small';
    comment on column child.note is 'free text';
    alter table child enable row level security;
    create policy see on child for select using (true);`);
  const text = formatSchema(await readSchema(database));
  expect(text).toContain('twice integer generated always as ((id * 2)) stored');
  expect(text).toContain('FOREIGN KEY (parent_id) REFERENCES parent(id)');
  expect(text).toContain("comment on table child is 'it''s small';");
  expect(text).toContain("comment on column child.note is 'free text';");
  expect(text).toContain('create policy see on child as permissive for select to public using (true);');
  const { database: again } = await freshDatabase({ migrated: false });
  await again.query(text);
  expect(formatSchema(await readSchema(again))).toBe(text);
});
