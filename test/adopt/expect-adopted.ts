// What every adopted database must be: migrated cleanly, shaped like a fresh one, sound to the key doctor.
import { expect } from 'vitest';
import { adopt } from '../../src/db/adopt/adopt.ts';
import { type AdoptionReport, formatAdoptionReport } from '../../src/db/adopt/adoption-report.ts';
import { isUnadopted } from '../../src/db/adopt/is-unadopted.ts';
import { readModel, readShapes } from '../../src/db/adopt/tables/read-shape.ts';
import type { Database } from '../../src/db/database.ts';
import { itemTables, legacyTwinKeys } from '../../src/db/keys/key-definitions.ts';
import { migrate } from '../../src/db/migrate/migrate.ts';
import { verify } from '../../src/db/verify/verify.ts';
import { freshDatabase } from '../support/database.ts';
import { createLegacySchema, type LegacySchemaOptions } from './legacy-schema.ts';
import { ports } from './test-ports.ts';

const hierarchy = ['concepts', 'companies', 'stores'];
const twins = legacyTwinKeys.map(({ name }) => name);
// Of migrations that are younger than the shape that adoption makes.
const younger = ['integration_api_keys_access_check', 'integration_api_keys_level_check'];
const owners = ['source_id', 'wand_source_id', 'source_config_id'];

/** A database with the original's tables and what `fill` puts into them. */
export async function legacyDatabase(
  options: LegacySchemaOptions,
  fill?: (database: Database) => Promise<void>,
): Promise<Database> {
  const { database } = await freshDatabase({ migrated: false });
  await createLegacySchema(database, options);
  await fill?.(database);
  return database;
}

/** Rehearses and adopts; the rehearsal must not have changed anything and must have foretold the counts. */
export async function adoptFully(database: Database): Promise<AdoptionReport> {
  expect(await isUnadopted(database)).toBe(true);
  const before = await fingerprint(database);
  const foretold = await adopt(database, { ...ports, dryRun: true });
  expect(await fingerprint(database)).toEqual(before);
  const report = await adopt(database, ports);
  expect(report.tables).toEqual(expect.arrayContaining(foretold.tables));
  expect(formatAdoptionReport(report)).toMatch(/^Adoption complete\./);
  await expectAdopted(database);
  return report;
}

/** The migrations run, the schema is a fresh one's, every row has its key, and verify has no error. */
export async function expectAdopted(database: Database): Promise<void> {
  expect(await isUnadopted(database)).toBe(false);
  await migrate(database, ports);
  await expectFreshShape(database);
  for (const table of itemTables) {
    const { rows } = await database.query(
      `select id from ${table} where wand_source_id is null or source_id is distinct from wand_source_id
         or not exists (select from wand_integration_sources s where s.id = wand_source_id)`,
    );
    expect(rows, `${table} without a source`).toEqual([]);
  }
  const { findings, ok, tables } = await verify(database);
  expect(ok, JSON.stringify(findings, null, 2)).toBe(true);
  expect(tables.every(({ rows, with_wand_source_id }) => rows === with_wand_source_id)).toBe(true);
}

/** Names, constraints and indexes as in a fresh database; more columns and the twins are allowed. */
async function expectFreshShape(database: Database): Promise<void> {
  const { tables } = await readModel(database);
  const shapes = await readShapes(database, [...tables.keys()]);
  const fresh = await readFreshIndexes();
  for (const [name, model] of tables) {
    const actual = shapes.get(name);
    const isHierarchy = hierarchy.includes(name);
    const facts = (columns: typeof model.columns) =>
      Object.fromEntries(
        columns.map((column) => [column.name, isHierarchy ? '' : `${column.type} ${column.not_null}`]),
      );
    expect(facts(actual?.columns ?? [])).toMatchObject(facts(model.columns));
    const keys = (shape: typeof actual) =>
      (shape?.constraints ?? [])
        .filter(
          ({ kind, name }) => kind !== 'f' && kind !== 'p' && ![...twins, ...younger].includes(name) && !isHierarchy,
        )
        .map((constraint) => `${constraint.name} ${constraint.definition} ${constraint.valid}`);
    expect(keys(actual)).toEqual(keys(model));
    const pointing = actual?.constraints.filter(
      (c) =>
        c.kind === 'f' &&
        c.columns.some((column) => owners.includes(column)) &&
        c.target !== 'wand_integration_sources',
    );
    expect(pointing).toEqual([]);
    const indexes = new Map(actual?.indexes.map((index) => [index.name, `${index.definition} ${index.valid}`]));
    // By their definitions in a fresh database: a later migration may have made one of the model's anew.
    for (const index of model.indexes.filter(({ primary }) => !primary)) {
      expect(indexes.get(index.name)).toBe(`${fresh.get(index.name)} true`);
    }
  }
}

let freshIndexes: Promise<Map<string, string>> | undefined;

/** Each index of a database that was never another's → its definition. */
function readFreshIndexes(): Promise<Map<string, string>> {
  freshIndexes ??= freshDatabase().then(async ({ database }) => {
    const { tables } = await readModel(database);
    const shapes = await readShapes(database, [...tables.keys()]);
    return new Map(
      [...shapes.values()].flatMap(({ indexes }) => indexes.map(({ name, definition }) => [name, definition])),
    );
  });
  return freshIndexes;
}

/** Every row of every table and every catalog entry that a write would change. */
async function fingerprint(database: Database): Promise<unknown> {
  const { rows } = await database.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'i', 'v') order by 1`,
  );
  const contents: Record<string, unknown> = {};
  for (const table of [
    'wand_integration_sources',
    'integration_source_configs',
    'integration_sync_history',
    ...itemTables,
  ]) {
    const found = await database.query<{ rows: string }>(`select to_regclass($1) is not null as found`, [table]);
    if (!(found.rows[0] as unknown as { found: boolean }).found) continue;
    const { rows: hash } = await database.query(
      `select md5(string_agg(t::text, '|' order by t.id)) as hash from ${table} t`,
    );
    contents[table] = hash;
  }
  return { rows, contents };
}
