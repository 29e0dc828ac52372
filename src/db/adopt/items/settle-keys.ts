// The fifth step: the keys, built without stopping writers and swapped in; then every other unique key goes, and the indexes come.

import type { Queryable } from '../../database.ts';
import { buildIndex, buildKey } from '../../keys/build-key.ts';
import {
  type ItemTable,
  indexDefinitions,
  itemTables,
  type KeyDefinition,
  keyDefinitions,
  legacyTwinKeys,
  quoteName,
  temporaryIndexName,
} from '../../keys/key-definitions.ts';
import { keyFault } from '../../keys/key-fault.ts';
import { type IndexFacts, readIndexes } from '../../keys/read-indexes.ts';
import { withShortLock } from '../../keys/retry-lock.ts';
import { runPatiently } from '../../run-patiently.ts';
import { type Adoption, notAsPromised, runLongStep } from '../adoption.ts';
import { noFacts, type StepFacts } from '../adoption-report.ts';
import { readShape } from '../tables/read-shape.ts';
import { modelOf } from '../tables/shape-tables.ts';
import { settleAgain } from './settle-items.ts';

/** Keys and indexes of the three item tables. */
export async function settleKeys(adoption: Adoption): Promise<void> {
  for (const table of itemTables) {
    await runLongStep(adoption, `keys ${table}`, () => settleTableKeys(adoption, table));
    await runLongStep(adoption, `indexes ${table}`, () => settleIndexes(adoption, table));
  }
}

/**
 * The keys an adopted table ends with, in the order in which they are made: twins on source_id first, because a key of
 * the original may have to give up its name to one of ours, and old writers need an arbiter at every moment.
 */
function keysOf(table: ItemTable): KeyDefinition[] {
  return [...legacyTwinKeys, ...keyDefinitions].filter((key) => key.table === table);
}

/** Unique indexes of a table that adoption takes away: another one could fire in the middle of a save. */
export function extraKeys(indexes: readonly IndexFacts[], table: ItemTable): IndexFacts[] {
  const ours = new Set(keysOf(table).map(({ name }) => name));
  return indexes.filter(
    (index) => index.table === table && (index.unique || index.exclusion) && !index.primary && !ours.has(index.name),
  );
}

async function settleTableKeys(adoption: Adoption, table: ItemTable): Promise<StepFacts> {
  const { database, options } = adoption;
  const facts = noFacts();
  // A killed adoption's backend may still be building here; LOCK waits for it without the snapshot that it waits for.
  await withShortLock(
    database,
    (connection) => connection.query(`lock table ${table} in share update exclusive mode`),
    {
      lockTimeout: 60_000,
    },
  );
  for (const index of await readIndexes(database)) {
    const isOurs = keysOf(table).some((key) => temporaryIndexName(key) === index.name);
    if (index.table !== table || index.valid || isOurs) continue;
    await runPatiently(database, `drop index concurrently if exists ${quoteName(index.name)}`);
    facts.lines.push(`${table}: invalid index ${index.name} dropped`);
  }
  for (const key of keysOf(table)) {
    await buildKey(database, key, {
      report: (line) => options.report?.(line),
      onDuplicates: async () => {
        const again = await settleAgain(adoption, table);
        facts.lines.push(...again.lines);
        facts.warnings.push(...again.warnings);
      },
    });
  }
  facts.lines.push(...(await dropExtraKeys(adoption, table)));
  const problems = await keyProblems(database, table);
  if (problems.length > 0) throw notAsPromised(`keys ${table}`, problems);
  return facts;
}

async function dropExtraKeys(adoption: Adoption, table: ItemTable): Promise<string[]> {
  return await withShortLock(adoption.database, async (connection) => {
    const lines: string[] = [];
    for (const index of extraKeys(await readIndexes(connection), table)) {
      await connection.query(
        index.constraint === null
          ? `drop index ${quoteName(index.name)}`
          : `alter table ${table} drop constraint ${quoteName(index.constraint)}`,
      );
      lines.push(`${table}: old key ${index.name} (${index.columns.join(', ')}) dropped`);
    }
    return lines;
  });
}

async function keyProblems(queryable: Queryable, table: ItemTable): Promise<string[]> {
  const indexes = await readIndexes(queryable);
  const problems = keysOf(table).flatMap((key) => {
    const index = indexes.find(({ name, constraint }) => name === key.name && constraint === key.name);
    const fault = index ? keyFault(key, index) : 'missing';
    return fault === null ? [] : [`${key.name} is ${fault}`];
  });
  return [...problems, ...extraKeys(indexes, table).map(({ name }) => `${name} is still there`)];
}

async function settleIndexes(adoption: Adoption, table: ItemTable): Promise<StepFacts> {
  const { database } = adoption;
  const facts = noFacts();
  const model = new Map(modelOf(adoption, table).indexes.map((index) => [index.name, index.definition]));
  const before = (await readShape(database, table)).indexes;
  for (const definition of indexDefinitions.filter((index) => index.table === table)) {
    const found = before.find(({ name }) => name === definition.name);
    if (found && found.definition !== model.get(definition.name)) {
      await runPatiently(database, `drop index concurrently if exists ${quoteName(definition.name)}`);
      facts.lines.push(`${table}: index ${definition.name} is made anew (it was ${found.definition})`);
    }
    await buildIndex(database, definition);
  }
  const after = new Map((await readShape(database, table)).indexes.map((index) => [index.name, index]));
  const wrong = [...model].filter(([name, definition]) => {
    const found = after.get(name);
    return name.startsWith('idx_') && !(found?.valid && found.definition === definition);
  });
  if (wrong.length > 0)
    throw notAsPromised(
      `indexes ${table}`,
      wrong.map(([name]) => `${name} is not right`),
    );
  return facts;
}
