// Every state in which an install of the original was found, adopted: rows kept or archived with their reason, keys in place.
import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { adopt } from '../../src/db/adopt/adopt.ts';
import type { Database } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate/migrate.ts';
import { openAgain } from '../support/database.ts';
import { oneRow } from './dump-database.ts';
import { adoptFully, expectAdopted, legacyDatabase } from './expect-adopted.ts';
import { addLegacyConfig, addLegacyItems, ids } from './legacy-schema.ts';
import { ports } from './test-ports.ts';

const catalog = { products: 425, modifiers: 685, discounts: 10 };
const oneConfig = (database: Database) =>
  addLegacyConfig(database, { id: ids.config, brand: 'acme', establishment: '17', site: 17 });
const v = `'${ids.vendor}'`;

async function counts(database: Database): Promise<number[]> {
  const row = await oneRow<Record<string, number>>(
    database,
    `select (select count(*)::int from integration_products) as p, (select count(*)::int from integration_modifiers) as m,
       (select count(*)::int from integration_discounts) as d, (select count(*)::int from integration_items_archive) as a`,
  );
  return [row.p, row.m, row.d, row.a] as number[];
}

async function reasons(database: Database): Promise<Record<string, number>> {
  const { rows } = await database.query<{ reason: string; rows: number }>(
    `select split_part(reason, ' of ', 1) as reason, count(*)::int as rows from integration_items_archive group by 1`,
  );
  return Object.fromEntries(rows.map(({ reason, rows }) => [reason, rows]));
}

it.each(['plain', 'nulls_not_distinct', 'none'] as const)(
  'F74: empty tables with keys "%s" are adopted',
  async (keys) => {
    const database = await legacyDatabase({ keys });
    const report = await adoptFully(database);
    expect(report.sources.map(({ outcome }) => outcome)).toEqual(['unused', 'unused']);
    expect(await counts(database)).toEqual([0, 0, 0, 0]);
  },
);

it('F74: tables without duplicates keep every row', async () => {
  const database = await legacyDatabase({}, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, { ...catalog, wand: v });
  });
  await adoptFully(database);
  expect(await counts(database)).toEqual([425, 685, 10, 0]);
});

it('F74: of rows twice the newest stays, the other is archived with its reason, and pointers follow', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, { ...catalog, wand: v, copies: 2 });
    await db.query(`create table products (mrn integer generated always as identity,
      integration_product_id uuid references integration_products (id) on delete cascade)`);
    await db.query('insert into products (integration_product_id) select id from integration_products');
    await db.query(
      `update integration_products set last_synced_at = '2026-01-01Z' where external_id = 'p-1' and last_synced_at < '2025-10-01T00:00:01.5Z'`,
    );
  });
  const report = await adoptFully(database);
  expect(report.tables.map((table) => [table.duplicate_groups, table.duplicate_losers])).toEqual([
    [425, 425],
    [685, 685],
    [10, 10],
  ]);
  expect(await counts(database)).toEqual([425, 685, 10, 1120]);
  expect(await reasons(database)).toEqual({ duplicate: 1120 });
  expect(await oneRow(database, `select last_synced_at from integration_products where external_id = 'p-1'`)).toEqual({
    last_synced_at: new Date('2026-01-01Z'),
  });
  expect(await oneRow(database, `select last_synced_at from integration_products where external_id = 'p-2'`)).toEqual({
    last_synced_at: new Date('2025-10-01T00:00:04Z'),
  });
  expect(
    await oneRow(
      database,
      'select count(*)::int as all, count(distinct integration_product_id)::int as distinct from products',
    ),
  ).toEqual({ all: 850, distinct: 425 });
});

it('F74: a hundred copies of each key become one row and 99 archived ones', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, { products: 8, modifiers: 8, discounts: 2, copies: 100 });
  });
  const report = await adoptFully(database);
  expect(report.tables[0]?.examples[0]?.losers).toHaveLength(10);
  expect(await counts(database)).toEqual([8, 8, 2, 1782]);
});

it('F76: 425, 685 and 10 rows whose wand_source_id is NULL get it, and no updated_at moves', async () => {
  const database = await legacyDatabase({ keys: 'nulls_not_distinct' }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, catalog);
  });
  const stamps = `select sum(extract(epoch from updated_at))::text as sum from integration_products`;
  const before = await oneRow(database, stamps);
  const report = await adoptFully(database);
  expect(report.tables.map(({ without_source }) => without_source)).toEqual([425, 685, 10]);
  expect(await counts(database)).toEqual([425, 685, 10, 0]);
  expect(await oneRow(database, stamps)).toEqual(before);
  expect(await oneRow(database, 'select adopted, generation from integration_sync_state')).toEqual({
    adopted: true,
    generation: '0',
  });
});

it('F75: a row (NULL, S, a) beside (S, S, a) is a duplicate and does not stop the backfill', async () => {
  const database = await legacyDatabase({ keys: 'nulls_not_distinct' }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, { ...catalog, wand: v });
    await addLegacyItems(db, { products: 5, modifiers: 5, discounts: 5 });
  });
  await adoptFully(database);
  expect(await counts(database)).toEqual([425, 685, 10, 15]);
});

it('F75: modifiers that only their data tells apart or together keep or share a key', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, { modifiers: 20, path: `'m-' || n` });
    await addLegacyItems(db, { modifiers: 20 });
    await addLegacyItems(db, { modifiers: 20, path: `'elsewhere'` });
    await db.query(
      `update integration_modifiers set data = '{"path_id": ""}' where external_id = 'm-20' and path_id is null`,
    );
  });
  const report = await adoptFully(database);
  expect(report.tables[1]).toMatchObject({ paths_filled: 19, duplicate_losers: 19 });
  expect(await counts(database)).toEqual([0, 41, 0, 19]);
});

it('F76: rows that nothing attributes, also with equal ids, and rows without an id are archived with the reason', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, catalog);
    await addLegacyItems(db, { products: 3, modifiers: 2, source: 'null', config: 'null' });
    await addLegacyItems(db, { products: 3, source: 'null', config: `'${ids.deletedConfig}'` });
    await db.query(`alter table integration_products add column parent uuid references integration_products (id)`);
    await db.query(
      `update integration_products set parent = (select id from integration_products where source_id is null limit 1) where external_id = 'p-9'`,
    );
    await db.query(`update integration_products set external_id = '' where external_id = 'p-425'`);
  });
  const report = await adoptFully(database);
  expect(report.tables[0]).toMatchObject({ unattributable: 6, without_external_id: 1, duplicate_groups: 0 });
  expect(report.warnings.join()).toContain('sources assign');
  expect(report.warnings.join()).toContain('1 rows of integration_products lost their parent');
  expect(await counts(database)).toEqual([424, 685, 10, 9]);
  expect(await reasons(database)).toEqual({ unattributable: 8, 'without external_id': 1 });
});

it('F76: a row of another table that cannot do without an unattributable row stops with both names, and changes nothing of it', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await addLegacyItems(db, { products: 1, source: 'null', config: 'null' });
    await db.query(
      'create table pinned (product uuid not null references integration_products (id) on delete cascade)',
    );
    await db.query('insert into pinned select id from integration_products');
  });
  await expect(adoptFully(database)).rejects.toMatchObject({ code: 'adoption_row_needed' });
  expect(await oneRow(database, 'select count(*)::int as rows from pinned')).toEqual({ rows: 1 });
  await database.query('delete from pinned');
  await adoptFully(database);
});

it('F76: a source_id with a foreign key to a retired table loses the key and keeps its rows', async () => {
  const database = await legacyDatabase({ keys: 'none', retiredSources: true }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, { ...catalog, source: `'${ids.retired}'` });
    await addLegacyItems(db, { discounts: 4, source: `'${ids.retired}'`, config: 'null' });
  });
  const report = await adoptFully(database);
  expect(report.lines.join('\n')).toContain('(source_id to integration_sources) dropped');
  expect(report.sources).toContainEqual(
    expect.objectContaining({ id: ids.retired, name: 'Old Qu', connector_id: 'qu', outcome: 'recovered' }),
  );
  expect(await counts(database)).toEqual([425, 685, 14, 0]);
  expect(await oneRow(database, 'select count(*)::int as rows from integration_sources')).toEqual({ rows: 1 });
});

it('O8: where source_id and wand_source_id differ the config decides, then wand_source_id', async () => {
  const other = `'${ids.otherVendor}'`;
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, { ...catalog, source: other, wand: other });
    await addLegacyItems(db, { products: 3, source: v, wand: other, config: 'null' });
  });
  const report = await adoptFully(database);
  expect(report.tables[0]).toMatchObject({ disagreeing: 3, moved: 425 });
  const { rows } = await database.query(
    'select wand_source_id as source, count(*)::int as rows from integration_products group by 1 order by 1',
  );
  expect(rows).toEqual([
    { source: ids.vendor, rows: 425 },
    { source: ids.otherVendor, rows: 3 },
  ]);
});

it('O8: rows that exchange their sources pass the old key, which is dropped early and said so', async () => {
  const other = `'${ids.otherVendor}'`;
  const database = await legacyDatabase({ keys: 'plain' }, async (db) => {
    await addLegacyItems(db, { products: 5, source: v, wand: other, config: 'null' });
    await addLegacyItems(db, { products: 5, source: other, wand: v, config: 'null' });
  });
  const report = await adoptFully(database);
  expect(report.lines.join('\n')).toContain('dropped early');
  expect(await counts(database)).toEqual([10, 0, 0, 0]);
});

it('F77: modifiers without a path_id column get it, filled from their data', async () => {
  const database = await legacyDatabase({ keys: 'none', paths: false }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, catalog);
  });
  await adoptFully(database);
  expect(await oneRow(database, `select path_id from integration_modifiers where external_id = 'm-7'`)).toEqual({
    path_id: 'm-7',
  });
});

it('F77: a first version without most columns is brought to all of them', async () => {
  const database = await legacyDatabase(
    { keys: 'none', paths: false, oldColumns: true, triggers: false },
    async (db) => {
      await oneConfig(db);
      await db.query(`insert into integration_products (source_id, external_id, name, price, created_at)
      select ${v}, 'p-' || n, 'product', 1.25, null from generate_series(1, 30) n, generate_series(1, 2)`);
    },
  );
  await adoptFully(database);
  expect(await counts(database)).toEqual([30, 0, 0, 30]);
});

it('F77: a table that the install never had is made', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, { products: 10 });
    await db.query('drop table integration_discounts, integration_sync_history');
  });
  await adoptFully(database);
  expect(await counts(database)).toEqual([10, 0, 0, 0]);
});

it('F06: invalid indexes left behind by a failed build are dropped, named, and built again', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, { products: 10, copies: 2 });
    for (const name of [
      'integration_products_source_external_unique',
      'integration_products_wand_source_external_unique_new',
      'half_done',
    ]) {
      const building = db.query(
        `create unique index concurrently ${name} on integration_products (source_id, external_id)`,
      );
      await expect(building).rejects.toMatchObject({ code: 'key_conflict' });
    }
  });
  const report = await adoptFully(database);
  expect(report.lines.join('\n')).toContain('invalid index half_done dropped');
  expect(await counts(database)).toEqual([10, 0, 0, 10]);
});

it('O5 O6: the state in which every save failed with 42P10 takes the old saves again', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, { ...catalog, copies: 2 });
    await addLegacyItems(db, { products: 20, wand: v });
  });
  const upsert = `insert into integration_modifiers (wand_source_id, external_id, path_id, name) values (${v}, 'm-1', 'm-1', 'x')
    on conflict (wand_source_id, external_id, path_id) do update set name = excluded.name`;
  await expect(database.query(upsert)).rejects.toMatchObject({ code: 'key_missing' });
  await adoptFully(database);
  expect((await database.query(upsert)).rowCount).toBe(1);
  expect(await counts(database)).toEqual([425, 685, 10, 1140]);
});

it.each(['none', 'empty', 'rows'] as const)(
  'F77: a hierarchy that is "%s" keeps its rows and takes new ones',
  async (hierarchy) => {
    const database = await legacyDatabase({ hierarchy }, oneConfig);
    await adoptFully(database);
    const added = await oneRow<{ id: string }>(
      database,
      `insert into stores (company_id, name) values (null, 'New') returning id`,
    );
    expect(Number(added.id)).toBe(hierarchy === 'rows' ? 19 : 1);
    const sites = await database.query('select id from stores');
    expect(sites.rowCount).toBe(hierarchy === 'rows' ? 3 : 1);
  },
);

it('F47: a view that reads a column whose type changes stops with the view and the SQL for both ways', async () => {
  const database = await legacyDatabase({}, (db) =>
    db.query('create view menu as select name, price from integration_products').then(() => undefined),
  );
  await expect(adoptFully(database)).rejects.toMatchObject({
    code: 'adoption_view_in_the_way',
    sql: expect.stringMatching(/drop view menu;[\s\S]*create view menu as/),
  });
  await database.query('drop view menu');
  await adoptFully(database);
});

it('O1: runs that never ended are interrupted, and other words of the original are ours now', async () => {
  const database = await legacyDatabase({}, async (db) => {
    await oneConfig(db);
    await db.query('alter table integration_sync_history drop constraint integration_sync_history_status_check');
    await db.query(`insert into integration_sync_history (source_config_id, status, started_at, error_message) values
      ('${ids.config}', 'in_progress', '2025-09-01Z', null), ('${ids.config}', 'success', '2025-09-02Z', null),
      ('${ids.config}', 'error', '2025-09-03Z', 'boom'), (null, 'odd', '2025-09-04Z', null)`);
  });
  const report = await adoptFully(database);
  expect(report.lines).toContain('2 runs that never ended are shown as interrupted');
  const { rows } = await database.query(
    'select status, error_message as message, wand_source_id as source from integration_sync_history order by created_at',
  );
  expect(rows).toEqual([
    { status: 'interrupted', message: 'This run never ended; the program that ran it is gone.', source: ids.vendor },
    { status: 'success', message: null, source: ids.vendor },
    { status: 'failed', message: 'boom', source: ids.vendor },
    { status: 'interrupted', message: 'Its status was "odd" before adoption.', source: null },
  ]);
});

it('F78: a value that fits no column stops with the step and the reason, and the next call goes on from there', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, { products: 5 });
    await db.query('alter table integration_products alter column price type text');
    await db.query(`update integration_products set price = '$5' where external_id = 'p-3'`);
  });
  await expect(adoptFully(database)).rejects.toMatchObject({
    code: 'adoption_failed',
    message: expect.stringMatching(/columns integration_products: .*"\$5"/),
  });
  await expect(migrate(database, { identify: () => null })).rejects.toMatchObject({ code: 'adoption_failed' });
  await database.query(`update integration_products set price = '5' where external_id = 'p-3'`);
  await adoptFully(database);
});

it('F78: neither the migrations nor adoption catch every error', async () => {
  const root = new URL('../../', import.meta.url);
  const folders = ['migrations', 'src/db/adopt', 'src/db/keys'];
  for (const folder of folders) {
    const files = (await readdir(new URL(folder, root), { recursive: true })).filter((name) =>
      /\.(sql|ts)$/.test(name),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const text = await readFile(new URL(`${folder}/${file}`, root), 'utf8');
      expect(text.replaceAll(/--.*$/gm, ''), file).not.toMatch(/when\s+others/i);
    }
  }
});

it('a rehearsal of an adoption that was stopped half-way tells what is left and writes nothing', async () => {
  const database = await legacyDatabase({ keys: 'none' }, async (db) => {
    await oneConfig(db);
    await addLegacyItems(db, { ...catalog, copies: 2 });
  });
  const stopping = await openAgain(database.url, {
    onStatement: (statement) => {
      if (statement.startsWith('create unique index concurrently')) throw new Error('stopped');
    },
  });
  await expect(adopt(stopping, ports)).rejects.toThrow('stopped');
  const report = await adopt(database, { ...ports, dryRun: true });
  expect(report.tables.map((table) => [table.rows, table.duplicate_groups])).toEqual([
    [425, 0],
    [685, 0],
    [10, 0],
  ]);
  expect(report.sources.map(({ outcome }) => outcome)).toEqual(['kept', 'unused']);
  await adopt(database, ports);
  await expectAdopted(database);
  expect(await counts(database)).toEqual([425, 685, 10, 1120]);
});
