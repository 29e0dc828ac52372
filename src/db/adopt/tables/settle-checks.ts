// The sixth step: CHECKs and NOT NULLs as in a fresh database, proven by a scan that stops no writer.

import type { Queryable } from '../../database.ts';
import { quoteName } from '../../keys/key-definitions.ts';
import { withShortLock } from '../../keys/retry-lock.ts';
import { runPatiently } from '../../run-patiently.ts';
import { type Adoption, notAsPromised, runLongStep } from '../adoption.ts';
import { noFacts, type StepFacts } from '../adoption-report.ts';
import { readShape, readShapes, type TableShape } from './read-shape.ts';
import { adoptedTables, modelOf } from './shape-tables.ts';

const hierarchy: readonly string[] = ['concepts', 'companies', 'stores'];
const ours = adoptedTables.filter((name) => !hierarchy.includes(name));

/** CHECKs and NOT NULLs of every table that tillsync writes. */
export async function settleChecks(adoption: Adoption): Promise<void> {
  for (const table of ours) {
    await runLongStep(adoption, `checks ${table}`, () => settleTableChecks(adoption, table));
  }
}

async function settleTableChecks(adoption: Adoption, table: string): Promise<StepFacts> {
  const { database } = adoption;
  const model = modelOf(adoption, table);
  const actual = await readShape(database, table);
  if (checkProblems(model, actual).length === 0) return noFacts();
  for (const { name, definition } of missingChecks(model, actual)) {
    // NOT VALID takes a short lock and binds new rows; VALIDATE reads the old ones beside writers.
    await replaceCheck(adoption, { table, name, definition });
    await runPatiently(database, `alter table ${table} validate constraint ${quoteName(name)}`);
  }
  for (const column of missingNotNulls(model, actual)) {
    const name = `${table}_${column}_present`;
    await replaceCheck(adoption, { table, name, definition: `CHECK (${quoteName(column)} is not null)` });
    await runPatiently(database, `alter table ${table} validate constraint ${quoteName(name)}`);
    // A valid CHECK spares SET NOT NULL its own scan under the exclusive lock.
    await withShortLock(database, async (connection) => {
      await connection.query(`alter table ${table} alter column ${quoteName(column)} set not null`);
      await connection.query(`alter table ${table} drop constraint ${quoteName(name)}`);
    });
  }
  const problems = checkProblems(model, await readShape(database, table));
  if (problems.length > 0) throw notAsPromised(`checks ${table}`, problems);
  return noFacts();
}

async function replaceCheck(adoption: Adoption, check: { table: string; name: string; definition: string }) {
  const { table, name, definition } = check;
  await withShortLock(adoption.database, async (connection) => {
    await connection.query(`alter table ${table} drop constraint if exists ${quoteName(name)}`);
    await connection.query(`alter table ${table} add constraint ${quoteName(name)} ${definition} not valid`);
  });
}

function missingChecks(model: TableShape, actual: TableShape) {
  return model.constraints.filter(
    ({ name, kind, definition }) =>
      kind === 'c' &&
      !actual.constraints.some((found) => found.name === name && found.definition === definition && found.valid),
  );
}

function missingNotNulls(model: TableShape, actual: TableShape): string[] {
  const open = new Set(actual.columns.filter((column) => !column.not_null).map(({ name }) => name));
  return model.columns.filter((column) => column.not_null && open.has(column.name)).map(({ name }) => name);
}

function checkProblems(model: TableShape, actual: TableShape): string[] {
  return [
    ...missingChecks(model, actual).map(({ name }) => `${name} is not in force`),
    ...missingNotNulls(model, actual).map((column) => `${model.name}.${column} may be NULL`),
  ];
}

/** What of a table's CHECKs and NOT NULLs is not as in a fresh database; for the last look. */
export async function readCheckProblems(queryable: Queryable, adoption: Adoption): Promise<string[]> {
  const shapes = await readShapes(queryable, ours);
  return ours.flatMap((table) => {
    const shape = shapes.get(table);
    return shape === undefined ? [`the table ${table} is gone`] : checkProblems(modelOf(adoption, table), shape);
  });
}
