// Tests of the sentences for PostgreSQL's errors: the object is named, and nothing else of its own words is told.
import { expect, test } from 'vitest';
import { databaseError } from './database-error.ts';

const sentence = (code: string, message: string) =>
  (databaseError(Object.assign(new Error(message), { code })) as Error).message;

test.each([
  ['42P01', 'relation "public.stores" does not exist', 'A table is missing (public.stores).'],
  ['42703', 'column "removed_at" does not exist', 'A column is missing (removed_at).'],
  ['42703', 'column p.removed_at does not exist', 'A column is missing (p.removed_at).'],
  ['42703', 'column "a" of relation "stores" does not exist', 'A column is missing (a).'],
  ['42501', 'permission denied for table stores', 'The database user may not do this (stores).'],
  ['42501', 'must be owner of table stores', 'The database user may not do this (stores).'],
  [
    '42501',
    'new row violates row-level security policy for table "stores"',
    'The database user may not do this (stores).',
  ],
  ['42501', 'permission denied to create role', 'The database user may not do this.'],
  ['3D000', 'database "till" does not exist', 'The database does not exist (till).'],
])('%s %s', (code, message, told) => {
  expect(sentence(code, message)).toBe(told);
});

test('S43: words that are not of such a form are not told', () => {
  for (const code of ['42P01', '42703', '42501', '3D000']) {
    for (const words of [
      'select a from b',
      'relation "x" does not exist at /var/lib/a.c:12',
      'Relation »x« existiert nicht',
    ]) {
      expect(sentence(code, words)).not.toContain(words);
      expect(sentence(code, words)).not.toMatch(/\(/);
    }
  }
});
