// F02: every key broken in every way: told by name before a save, proven by an upsert, mended by one command.
import { describe, expect, test } from 'vitest';
import { freshDatabase, openAgain, superuserUrlOf } from '../../../test/support/database.ts';
import type { Database } from '../database.ts';
import { type KeyDefinition, keyDefinitions } from '../keys/key-definitions.ts';
import { checkKeys, watchKeys } from './check-keys.ts';
import { fix } from './fix.ts';
import { formatReport } from './format-report.ts';
import { runStatements } from './run-statements.ts';
import { verify } from './verify.ts';

interface Damage {
  name: string;
  rule: string;
  /** SQLSTATE of an upsert on the key's columns; 'ok' where it still works (and why that is no comfort is in the rule). */
  upsert: string;
  break(key: KeyDefinition): string;
  asSuperuser?: true;
}

const again = (key: KeyDefinition, definition: string): string =>
  `alter table ${key.table} drop constraint ${key.name}; ${definition}`;
const reversed = (key: KeyDefinition): string => [...key.columns].reverse().join(', ');

const damages: readonly Damage[] = [
  { name: 'dropped', rule: 'key_missing', upsert: '42P10', break: (key) => again(key, '') },
  {
    name: 'renamed',
    rule: 'key_renamed',
    upsert: 'ok',
    break: (key) => `alter table ${key.table} rename constraint ${key.name} to "Something else"`,
  },
  {
    name: 'reordered',
    rule: 'key_column_order',
    // ON CONFLICT infers by the set of columns, so the order is no 42P10.
    upsert: 'ok',
    break: (key) =>
      again(key, `alter table ${key.table} add constraint ${key.name} unique nulls not distinct (${reversed(key)})`),
  },
  {
    name: 'invalidated',
    rule: 'key_invalid',
    upsert: '42P10',
    break: (key) => `update pg_index set indisvalid = false where indexrelid = '${key.name}'::regclass`,
    asSuperuser: true,
  },
  {
    name: 'partial',
    rule: 'key_partial',
    upsert: '42P10',
    break: (key) =>
      again(
        key,
        `create unique index ${key.name} on ${key.table} (${key.columns.join(', ')}) nulls not distinct where removed_at is null`,
      ),
  },
  {
    name: 'on an expression',
    rule: 'key_expression',
    upsert: '42P10',
    break: (key) =>
      again(key, `create unique index ${key.name} on ${key.table} (${key.columns[0]}, lower(external_id))`),
  },
  {
    name: 'deferrable',
    rule: 'key_deferrable',
    upsert: '55000',
    break: (key) =>
      again(
        key,
        `alter table ${key.table} add constraint ${key.name} unique nulls not distinct (${key.columns.join(', ')}) deferrable`,
      ),
  },
  {
    name: 'with distinct NULLs',
    rule: 'key_nulls_distinct',
    upsert: 'ok',
    break: (key) =>
      again(key, `alter table ${key.table} add constraint ${key.name} unique (${key.columns.join(', ')})`),
  },
  {
    name: 'not unique',
    rule: 'key_missing',
    upsert: '42P10',
    break: (key) => again(key, `create index ${key.name} on ${key.table} (${key.columns.join(', ')})`),
  },
  {
    name: 'a near miss under another name',
    rule: 'key_nulls_distinct',
    upsert: 'ok',
    break: (key) =>
      again(
        key,
        `alter table ${key.table} drop constraint if exists near, add constraint near unique (${key.columns.join(', ')})`,
      ),
  },
];

async function upsertState(database: Database, key: KeyDefinition): Promise<string> {
  const source = '11111111-1111-4111-8111-111111111111';
  try {
    await database.query(
      `insert into ${key.table} (source_id, wand_source_id, external_id) values ('${source}', '${source}', 'x')
       on conflict (${key.columns.join(', ')}) do update set name = 'again'`,
    );
    return 'ok';
  } catch (error) {
    return ((error as Error).cause as { code: string }).code;
  }
}

describe.each(keyDefinitions.map((key) => ({ key, name: key.name })))('F02: $name', ({ key }) => {
  test.each(damages)(
    '$name: told with its name and SQL, mended by that SQL alone, and by the doctor',
    async (damage) => {
      const { database, url } = await freshDatabase();
      const admin = damage.asSuperuser ? await openAgain(superuserUrlOf(url)) : database;
      expect(await watchKeys(database)).toEqual([]);
      await admin.query(damage.break(key));
      expect(await upsertState(database, key)).toBe(damage.upsert);

      const findings = await checkKeys(database);
      expect(findings).toHaveLength(1);
      expect(findings[0]).toMatchObject({ rule: damage.rule, severity: 'error', table: key.table });
      expect(findings[0]?.message).toContain(key.name);
      // All was in order a moment ago, and is not called so any more.
      expect(await watchKeys(database)).toEqual(findings);
      await runStatements(database, findings[0]?.sql ?? '');
      expect((await watchKeys(database)).map(({ message }) => message)).toEqual([]);
      expect((await checkKeys(database)).map(({ message }) => message)).toEqual([]);

      await admin.query(damage.break(key));
      const report = await verify(database);
      expect(report.ok).toBe(false);
      expect(formatReport(report)).toContain(`  ${key.name} on ${key.table} (${key.columns.join(', ')}): problem`);
      const { repairs, after } = await fix(database);
      expect(repairs.filter(({ repaired }) => !repaired)).toEqual([]);
      expect(after).toMatchObject({ ok: true, findings: [] });
      expect(await watchKeys(database)).toEqual([]);
      expect(await upsertState(database, key)).toBe('ok');
    },
  );
});
