// The doctor on healthy and broken databases: every executed check of ON CONFLICT is told before the write.
import { expect, test } from 'vitest';
import { freshDatabase, openAgain, superuserUrlOf } from '../../../test/support/database.ts';
import type { Database, Queryable } from '../database.ts';
import { checkKeys } from './check-keys.ts';
import { fix } from './fix.ts';
import { formatReport } from './format-report.ts';
import { verify } from './verify.ts';

const source = '11111111-1111-4111-8111-111111111111';
const other = '22222222-2222-4222-8222-222222222222';
const wandKey = 'integration_products_wand_source_external_unique';
const sourceKey = 'integration_products_source_external_unique';

async function addProducts(queryable: Queryable, count: number, id = "'p' || n"): Promise<void> {
  await queryable.query(
    `insert into integration_products (source_id, wand_source_id, external_id, name, last_synced_at)
     select $1::uuid, $1::uuid, ${id}, 'item ' || n, now() - n * interval '1 day' from generate_series(1, $2::int) n`,
    [source, count],
  );
}

/** SQLSTATE of a statement, or 'ok'; nothing of it stays. */
async function stateOf(database: Database, statement: string): Promise<string> {
  return await database.withConnection(async (connection) => {
    await connection.query('begin');
    try {
      await connection.query(statement);
      return 'ok';
    } catch (error) {
      const cause = (error as { cause?: { code?: string }; code?: string }).cause ?? (error as { code?: string });
      return cause.code ?? 'unknown';
    } finally {
      await connection.query('rollback');
    }
  });
}

const upsert = (columns = 'wand_source_id, external_id') =>
  `insert into integration_products (source_id, wand_source_id, external_id) values ('${source}', '${source}', 'x')
   on conflict (${columns}) do update set name = 'again'`;

async function rulesOf(database: Database): Promise<string[]> {
  return (await verify(database)).findings.map(({ rule }) => rule).sort();
}

test('a migrated database is ready, and the report says so in the words of the specification', async () => {
  const { database } = await freshDatabase();
  await addProducts(database, 425);
  const report = await verify(database);
  expect(report).toEqual({
    ok: true,
    server_version: expect.stringMatching(/^1[58]\.\d+$/),
    tables: [
      { table: 'integration_products', rows: 425, with_wand_source_id: 425 },
      { table: 'integration_modifiers', rows: 0, with_wand_source_id: 0 },
      { table: 'integration_discounts', rows: 0, with_wand_source_id: 0 },
    ],
    findings: [],
  });
  expect(await checkKeys(database)).toEqual([]);
  const lines = formatReport(report).split('\n');
  expect(lines).toContain('integration_products: 425/425 records have wand_source_id');
  expect(lines).toContain('All unique constraints in place with NULLS NOT DISTINCT');
  expect(lines.filter((line) => line.startsWith('  integration_') && line.endsWith(': ok'))).toHaveLength(4);
  expect(lines.filter((line) => line.startsWith('  idx_integration_') && line.endsWith(': ok'))).toHaveLength(7);
  expect(lines.slice(-2)).toEqual(['Ready for sync operations', '']);
});

test('T1: a missing key is told before it becomes 42P10', async () => {
  const { database } = await freshDatabase();
  await database.query(`alter table integration_products drop constraint ${wandKey}`);
  expect(await stateOf(database, upsert())).toBe('42P10');
  const [finding, ...more] = await checkKeys(database);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    rule: 'key_missing',
    severity: 'error',
    table: 'integration_products',
    examples: [],
  });
  expect(finding?.message).toContain(wandKey);
  expect(finding?.sql).toBe(
    `create unique index concurrently ${wandKey}_new on integration_products (wand_source_id, external_id) include (content_hash, removed_at) nulls not distinct;\nalter table integration_products add constraint ${wandKey} unique using index ${wandKey}_new;`,
  );
  const text = formatReport(await verify(database));
  expect(text).toContain('Unique constraints with NULLS NOT DISTINCT: 3 of 4 in place');
  expect(text).toContain('Not ready for sync operations: 1 problem.');
  expect(text).not.toContain('Ready for sync operations\n');
});

test('T2, T3: a key that takes NULLs as distinct saves a row again with every sync, and the doctor says so', async () => {
  const { database } = await freshDatabase();
  const key = 'integration_modifiers_source_external_path_unique';
  const save = `insert into integration_modifiers (source_id, wand_source_id, external_id, path_id)
    values ('${source}', '${source}', 'm', null) on conflict (wand_source_id, external_id, path_id) do update set name = 'again'`;
  await database.query(`alter table integration_modifiers drop constraint ${key},
    add constraint ${key} unique (wand_source_id, external_id, path_id)`);
  await database.query(save);
  await database.query(save);
  const report = await verify(database);
  expect(report.findings.map(({ rule }) => rule)).toEqual(['key_nulls_distinct', 'key_duplicate']);
  expect(report.findings[1]?.examples).toEqual([`wand_source_id=${source} external_id=m path_id=NULL (2 rows)`]);
  const { after } = await fix(database);
  expect(after.ok).toBe(true);
  await database.query(save);
  expect((await verify(database)).tables[1]?.rows).toBe(1);
});

test('T4: an extra unique key that can fire is found, one that a key covers is not', async () => {
  const { database } = await freshDatabase();
  await database.query(`alter table integration_products
    add constraint by_name unique (name),
    add constraint covered unique (path_id, external_id, source_id),
    add constraint by_id unique (id, name)`);
  await addProducts(database, 1);
  expect(
    await stateOf(
      database,
      upsert().replace("'x')", "'x')").replace('external_id)', 'external_id, name)').replace("'x')", "'x', 'item 1')"),
    ),
  ).toBe('23505');
  const findings = await checkKeys(database);
  expect(findings.map(({ rule, sql }) => [rule, sql])).toEqual([
    ['key_extra', 'alter table integration_products drop constraint by_name;'],
  ]);
  expect((await fix(database)).after.ok).toBe(true);
});

test('T4b: the key on source_id is accepted only with its validated check', async () => {
  const { database } = await freshDatabase();
  const check = 'integration_products_source_is_wand_source';
  await database.query(`alter table integration_products drop constraint ${check}`);
  await database.query('alter table integration_products disable trigger tillsync_foreign_write');
  await database.query(
    `insert into integration_products (source_id, wand_source_id, external_id) values (null, $1, 'a')`,
    [source],
  );
  const second = `insert into integration_products (source_id, wand_source_id, external_id) values (null, '${other}', 'a')
    on conflict (wand_source_id, external_id) do nothing`;
  expect(await stateOf(database, second)).toBe('23505');
  expect((await checkKeys(database)).map(({ rule }) => rule)).toEqual(['twin_check_missing']);
  await database.query(`alter table integration_products add constraint ${check}
    check (source_id is not distinct from wand_source_id) not valid`);
  expect((await checkKeys(database)).map(({ rule }) => rule)).toEqual(['twin_check_missing']);
  const { repairs, after } = await fix(database);
  expect(repairs.map(({ rule, repaired }) => [rule, repaired])).toEqual([
    ['twin_check_missing', true],
    ['trigger_disabled', true],
  ]);
  expect(after.ok).toBe(true);
  expect(await stateOf(database, second)).toBe('ok');
});

test('T5: rows that repeat a key are shown with examples when no key forbids them', async () => {
  const { database } = await freshDatabase();
  await database.query(`alter table integration_products drop constraint ${wandKey}, drop constraint ${sourceKey}`);
  await addProducts(database, 14, "'p' || (n % 7)");
  const duplicates = (await verify(database)).findings.filter(({ rule }) => rule === 'key_duplicate');
  expect(duplicates).toHaveLength(2);
  expect(duplicates[0]?.message).toContain(
    '7 keys of integration_products stand in more than one row (7 rows too many)',
  );
  expect(duplicates[0]?.examples).toHaveLength(5);
  expect(duplicates[0]?.sql).toContain('insert into integration_items_archive');
});

test('T6, T7, T8: partial, expression and deferrable keys are told with what they would cause', async () => {
  const { database } = await freshDatabase();
  const replace = async (definition: string) => {
    await database.query(`alter table integration_products drop constraint if exists ${wandKey}`);
    await database.query(`drop index if exists ${wandKey}`);
    await database.query(definition);
  };
  await replace(
    `create unique index ${wandKey} on integration_products (wand_source_id, external_id) nulls not distinct where removed_at is null`,
  );
  expect(await stateOf(database, upsert())).toBe('42P10');
  expect(await rulesOf(database)).toEqual(['key_partial']);
  await replace(`create unique index ${wandKey} on integration_products (wand_source_id, coalesce(external_id, ''))`);
  expect(await stateOf(database, upsert())).toBe('42P10');
  expect(await rulesOf(database)).toEqual(['key_expression']);
  await replace(
    `alter table integration_products add constraint ${wandKey} unique nulls not distinct (wand_source_id, external_id) deferrable`,
  );
  expect(await stateOf(database, upsert())).toBe('55000');
  expect(await rulesOf(database)).toEqual(['key_deferrable']);
});

test('T9: NULL in a key column is counted, filled where it can be and archived where it cannot', async () => {
  const { database } = await freshDatabase();
  await database.query(`alter table integration_products alter column wand_source_id drop not null,
    drop constraint integration_products_source_is_wand_source, drop constraint ${wandKey}, drop constraint ${sourceKey}`);
  await database.query('alter table integration_products disable trigger all').catch(() => undefined);
  await database.query('alter table integration_products disable trigger tillsync_foreign_write');
  const config = '33333333-3333-4333-8333-333333333333';
  await database.query(
    `insert into integration_source_configs (id, config_name, connector_id, wand_source_id) values ($1, 'c', 'any', $2)`,
    [config, other],
  );
  await database.query(
    `insert into integration_products (source_id, wand_source_id, source_config_id, external_id, last_synced_at) values
      ($1, null, null, 'a', '2025-01-01'), ($1, $1, null, 'a', '2025-01-02'), (null, null, $2, 'b', null),
      (null, null, null, 'lost', null), (null, null, null, 'lost', null)`,
    [source, config],
  );
  const found = await verify(database);
  expect(found.tables[0]).toEqual({ table: 'integration_products', rows: 5, with_wand_source_id: 1 });
  expect(formatReport(found)).toContain('integration_products: 1/5 records have wand_source_id');
  const nulls = found.findings.find(({ rule }) => rule === 'key_null');
  expect(nulls?.message).toContain('4 rows of integration_products have NULL in wand_source_id');
  expect(nulls?.examples).toHaveLength(4);
  const { after, repairs } = await fix(database);
  expect(repairs.filter(({ repaired }) => !repaired)).toEqual([]);
  expect(after).toMatchObject({ ok: true, findings: [] });
  const rows = await database.query(
    'select source_id, wand_source_id, external_id, last_synced_at::date::text as seen from integration_products order by external_id',
  );
  expect(rows.rows).toEqual([
    { source_id: source, wand_source_id: source, external_id: 'a', seen: '2025-01-02' },
    { source_id: other, wand_source_id: other, external_id: 'b', seen: null },
  ]);
  const archive = await database.query<{ reason: string }>(
    'select reason from integration_items_archive order by reason',
  );
  expect(archive.rows.map(({ reason }) => reason.replace(/of .*/, 'of it'))).toEqual([
    'duplicate of it',
    'unattributable',
    'unattributable',
  ]);
});

test('T10, T11: an unchanged database is found ready again and again, and looking writes nothing', async () => {
  const statements: string[] = [];
  const { database } = await freshDatabase({ onStatement: (statement) => void statements.push(statement) });
  statements.length = 0;
  expect(await verify(database)).toEqual(await verify(database));
  expect(statements.filter((statement) => !/^\s*select\b/i.test(statement))).toEqual([]);
});

test('T12: duplicates under a missing key are archived by the stated rule, then the key is made', async () => {
  const { database } = await freshDatabase();
  await database.query(`alter table integration_products drop constraint ${wandKey}, drop constraint ${sourceKey}`);
  await addProducts(database, 300, "'p' || (n % 3)");
  await database.query(
    `create table menu_rows (id int primary key, product_id uuid references integration_products (id) on delete cascade)`,
  );
  await database.query('insert into menu_rows select row_number() over (), id from integration_products');
  const { after } = await fix(database);
  expect(after).toMatchObject({ ok: true, findings: [], tables: [{ rows: 3 }, { rows: 0 }, { rows: 0 }] });
  const kept = await database.query<{ name: string }>('select name from integration_products order by name');
  expect(kept.rows.map(({ name }) => name)).toEqual(['item 1', 'item 2', 'item 3']);
  const archived = await database.query(
    `select count(*)::int as rows, count(distinct reason)::int as winners, min(item ->> 'external_id') as first from integration_items_archive`,
  );
  expect(archived.rows).toEqual([{ rows: 297, winners: 3, first: 'p0' }]);
  const pointing = await database.query(
    'select count(*)::int as rows, count(distinct product_id)::int as kept from menu_rows',
  );
  expect(pointing.rows).toEqual([{ rows: 300, kept: 3 }]);
});

test('T13: the check before a save is one statement that reads catalogs only', async () => {
  const statements: string[] = [];
  const { database } = await freshDatabase({ onStatement: (statement) => void statements.push(statement) });
  statements.length = 0;
  await checkKeys(database);
  expect(statements).toHaveLength(1);
  expect(statements[0]).not.toMatch(/from\s+integration_/);
});

test('O6: a key that has the name but not the columns is told, and old upserts on source_id still find theirs', async () => {
  const { database } = await freshDatabase();
  const key = 'integration_modifiers_source_external_path_unique';
  await database.query(`alter table integration_modifiers drop constraint ${key},
    add constraint ${key} unique nulls not distinct (source_id, external_id, path_id)`);
  const [finding] = await checkKeys(database);
  expect(finding?.rule).toBe('key_columns');
  expect(finding?.message).toContain(
    '(source_id, external_id, path_id) and not on (wand_source_id, external_id, path_id)',
  );
  expect((await fix(database)).after.ok).toBe(true);
  await database.query(upsert('source_id, external_id'));
  await database.query(upsert());
  const rows = await database.query('select wand_source_id, source_id from integration_products');
  expect(rows.rows).toEqual([{ wand_source_id: source, source_id: source }]);
});

test('O8, F04: of two unique keys on a table only one can ever decide: the other is a twin that cannot fire', async () => {
  const { database } = await freshDatabase();
  await addProducts(database, 1, "'a'");
  // A legacy writer that fills source_id only, then one that fills wand_source_id only: one row, no 23505.
  for (const column of ['source_id', 'wand_source_id']) {
    await database.query(
      `insert into integration_products (${column}, external_id, name) values ($1, 'a', $2)
       on conflict (${column}, external_id) do update set name = excluded.name`,
      [source, column],
    );
  }
  const rows = await database.query('select source_id, wand_source_id, name from integration_products');
  expect(rows.rows).toEqual([{ source_id: source, wand_source_id: source, name: 'wand_source_id' }]);
});

test('missing columns of items and of the run tables are named with their SQL and come back', async () => {
  const { database } = await freshDatabase();
  await database.query('alter table integration_discounts drop column discount_percent cascade');
  await database.query('alter table integration_item_changes drop column fields');
  await database.query('alter table integration_products drop column removed_at cascade');
  const found = (await checkKeys(database)).filter(({ rule }) => rule === 'column_missing');
  expect(found.map(({ sql }) => sql).sort()).toEqual([
    // The rows are compared again, so that the next sync fills the column.
    `alter table integration_discounts add column discount_percent numeric;
with own as materialized (select set_config('tillsync.sync', '1', true))
update integration_discounts set content_hash = null from own where content_hash is not null;`,
    `alter table integration_item_changes add column fields jsonb default '{}'::jsonb not null;`,
    'alter table integration_products add column removed_at timestamp with time zone;',
  ]);
  const { after } = await fix(database);
  expect(after.findings).toEqual([]);
});

test('a column of another type is an error in a key and a warning elsewhere', async () => {
  const { database } = await freshDatabase();
  await database.query('drop view integration_discounts_by_site');
  expect(await rulesOf(database)).toEqual(['view_missing']);
  await database.query('drop view integration_discounts_current');
  await database.query('alter table integration_discounts alter column external_id type varchar(80)');
  expect(await rulesOf(database)).toEqual(['view_missing']);
  await database.query(
    `alter table integration_discounts alter column external_id type integer using external_id::integer`,
  );
  await database.query(`alter table integration_discounts alter column price type double precision`);
  const { findings } = await verify(database);
  expect(findings.map(({ rule, severity, sql }) => [rule, severity, sql?.split('\n').at(1)])).toEqual([
    [
      'column_type',
      'error',
      'alter table integration_discounts alter column external_id type text using external_id::text;',
    ],
    ['view_missing', 'error', undefined],
    [
      'column_type',
      'warning',
      'alter table integration_discounts alter column price type numeric using price::numeric;',
    ],
  ]);
  expect((await fix(database)).after.findings.map(({ rule }) => rule)).toEqual(['column_type']);
});

test('missing rights are told with their GRANT', async () => {
  const { database, url } = await freshDatabase();
  const reader = await openAgain(superuserUrlOf(url));
  await reader.query(
    `do $$ begin if not exists (select from pg_roles where rolname = 'verify_reader') then create role verify_reader; end if; end $$`,
  );
  await database.query('grant select on integration_products to verify_reader');
  const findings = await reader.withConnection(async (connection) => {
    await connection.query('set role verify_reader');
    try {
      return (await verify(connection)).findings;
    } finally {
      await connection.query('reset role');
    }
  });
  expect(findings).toContainEqual(
    expect.objectContaining({
      rule: 'privilege_missing',
      message: 'The database user verify_reader lacks INSERT, UPDATE on integration_products.',
      sql: 'grant insert, update on integration_products to verify_reader;',
    }),
  );
});

test('missing and invalid indexes, missing and disabled triggers and dropped tables are named and mended', async () => {
  const { database, url } = await freshDatabase();
  const admin = await openAgain(superuserUrlOf(url));
  await database.query('drop index idx_integration_products_last_synced');
  await admin.query(
    `update pg_index set indisvalid = false where indexrelid = 'idx_integration_modifiers_external_id'::regclass`,
  );
  await database.query('drop trigger tillsync_foreign_write on integration_modifiers');
  await database.query('alter table integration_products disable trigger tillsync_foreign_write');
  await database.query('drop table integration_discounts cascade');
  await database.query('drop table integration_item_changes');
  expect(await rulesOf(database)).toEqual([
    'index_invalid',
    'index_missing',
    'table_missing',
    'table_missing',
    'trigger_disabled',
    'trigger_missing',
  ]);
  expect((await checkKeys(database)).map(({ rule }) => rule)).toEqual(['table_missing', 'table_missing']);
  const { after, repairs } = await fix(database);
  expect(repairs.filter(({ repaired }) => !repaired)).toEqual([]);
  expect(after.findings).toEqual([]);
});

test('warnings do not fail it: plaintext credentials, policies for everybody, unknown identity', async () => {
  const { database } = await freshDatabase();
  await database.query(
    `insert into integration_source_configs (config_name, connector_id, credentials) values ('Old', 'any', '{"api_key": "s3cret"}')`,
  );
  await database.query(`insert into wand_integration_sources (name, integration_type) values ('Vendor', 'any')`);
  await database.query(`create policy "Anyone can view" on integration_products for select using (true)`);
  const report = await verify(database);
  expect(report.ok).toBe(true);
  expect(report.findings.map(({ rule, severity }) => [rule, severity])).toEqual([
    ['policy_open', 'warning'],
    ['credentials_plaintext', 'warning'],
    ['identity_unknown', 'warning'],
  ]);
  expect(report.findings[0]?.sql).toBe('drop policy "Anyone can view" on integration_products;');
  const text = formatReport(report);
  expect(text.endsWith('Ready for sync operations\n')).toBe(true);
  expect(text).not.toContain('s3cret');
});

test('F53: a read-only database is told, and nothing is half done', async () => {
  const { database, url } = await freshDatabase();
  await database.query('drop index idx_integration_products_external_id');
  await database.query(
    `alter database ${new URL(url.replace(/@\//, '@localhost/')).pathname.slice(1)} set default_transaction_read_only = on`,
  );
  const standby = await openAgain(url);
  expect((await checkKeys(standby)).map(({ rule }) => rule)).toEqual(['server_read_only']);
  const { repairs, after } = await fix(standby);
  expect(repairs).toEqual([expect.objectContaining({ rule: 'index_missing', repaired: false })]);
  expect(repairs[0]?.error).toContain('read-only');
  expect(after.ok).toBe(false);
});
