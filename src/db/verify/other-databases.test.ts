// The doctor on databases that are not ours yet: an old server, an empty database, the original's tables.
import { expect, test } from 'vitest';
import { freshDatabase } from '../../../test/support/database.ts';
import { checkKeys } from './check-keys.ts';
import { findTableProblems } from './find-table-problems.ts';
import { fix } from './fix.ts';
import { formatReport } from './format-report.ts';
import { readCatalog } from './read-catalog.ts';
import { verify } from './verify.ts';

test('a server below 15 is told with the reason', async () => {
  const { database } = await freshDatabase();
  const catalog = { ...(await readCatalog(database)), server_version: '14.18', server_version_num: 140018 };
  expect(findTableProblems(catalog)).toEqual([
    expect.objectContaining({
      rule: 'server_version',
      severity: 'error',
      message: expect.stringContaining('PostgreSQL 14.18; tillsync needs 15 or later'),
    }),
  ]);
});

test('an empty database is not ready, and --fix makes everything', async () => {
  const { database } = await freshDatabase({ migrated: false });
  const report = await verify(database);
  expect(report).toMatchObject({ ok: false, tables: [] });
  expect(new Set(report.findings.map(({ rule }) => rule))).toEqual(new Set(['table_missing']));
  const text = formatReport(report);
  expect(text).toContain('Unique constraints with NULLS NOT DISTINCT: 0 of 4 in place');
  expect(text).toContain('Indexes: 0 of 7 in place');
  expect((await fix(database)).after).toMatchObject({ ok: true, findings: [] });
});

test('the state that tillsync was made for: NULL keys, no constraint, 42P10; told before a write', async () => {
  const { database } = await freshDatabase({ migrated: false });
  for (const [table, rows] of [
    ['products', 425],
    ['modifiers', 685],
    ['discounts', 10],
  ] as const) {
    await database.query(`create table integration_${table} (id uuid primary key default gen_random_uuid(),
      source_id uuid, wand_source_id uuid, external_id text, path_id text, name text, last_synced_at timestamptz, updated_at timestamptz)`);
    await database.query(
      `insert into integration_${table} (source_id, external_id) select '11111111-1111-4111-8111-111111111111', n::text from generate_series(1, $1::int) n`,
      [rows],
    );
  }
  const report = await verify(database);
  expect(report.ok).toBe(false);
  const unadopted = (await checkKeys(database)).filter(({ rule }) => rule === 'table_unadopted');
  expect(unadopted.map(({ table }) => table)).toEqual([
    'integration_discounts',
    'integration_modifiers',
    'integration_products',
  ]);
  const lines = formatReport(report).split('\n');
  expect(lines).toContain('integration_products: 0/425 records have wand_source_id');
  expect(lines).toContain('integration_modifiers: 0/685 records have wand_source_id');
  expect(lines).toContain('integration_discounts: 0/10 records have wand_source_id');
  const keys = report.findings.filter(({ rule }) => rule === 'key_missing');
  // Adoption makes them; SQL that would stop at the first duplicate is not offered.
  expect(keys.map(({ sql }) => sql)).toEqual([null, null, null, null]);

  const { after } = await fix(database);
  expect(after).toMatchObject({ ok: true });
  expect(after.tables.map(({ rows, with_wand_source_id }) => [rows, with_wand_source_id])).toEqual([
    [425, 425],
    [685, 685],
    [10, 10],
  ]);
});
