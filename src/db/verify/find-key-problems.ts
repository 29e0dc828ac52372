// The doctor's rules about keys: each ON CONFLICT failure told from the facts in pg_index before a row is written.
import {
  createKeyIndexSql,
  type ItemTable,
  itemTables,
  type KeyDefinition,
  keyDefinitions,
  legacyTwinKeys,
  quoteName,
  temporaryIndexName,
  twinCheck,
} from '../keys/key-definitions.ts';
import { includesAll, type KeyFault, keyFault } from '../keys/key-fault.ts';
import type { IndexFacts } from '../keys/read-indexes.ts';
import { type Finding, problem, type Rule } from './finding.ts';
import type { Catalog, TableFacts } from './read-catalog.ts';

/** Every finding about keys of the item tables that exist. */
export function findKeyProblems(catalog: Catalog): Finding[] {
  return itemTables
    .filter((table) => catalog.tables[table]?.exists)
    .flatMap((table) => {
      const indexes = catalog.indexes.filter((index) => index.table === table);
      const facts = catalog.tables[table] as TableFacts;
      const keys = keyDefinitions.filter((key) => key.table === table);
      const twins = legacyTwinKeys.filter((key) => key.table === table);
      const named = new Set<string>();
      const findings = keys.flatMap((key) => aboutKey(key, indexes, named));
      const hasTwin = [...keys, ...twins].some((key) => key.twin && indexes.some(({ name }) => name === key.name));
      const checked = hasTwinCheck(table, facts);
      if (hasTwin && !checked) findings.push(twinCheckMissing(table, facts));
      const others = indexes.filter(({ name }) => !named.has(name));
      return [...findings, ...others.flatMap((index) => aboutExtra(index, keys, checked))];
    });
}

/** Whether the validated CHECK stands that keeps source_id and wand_source_id equal. */
function hasTwinCheck(table: ItemTable, facts: TableFacts): boolean {
  const { name } = twinCheck(table);
  return facts.checks.some((check) => check.name === name && check.valid && isTwinExpression(check.definition));
}

function isTwinExpression(definition: string): boolean {
  const plain = definition.toLowerCase().replaceAll(/[()]/g, '').replaceAll(/\s+/g, ' ').trim();
  return [
    'check not source_id is distinct from wand_source_id',
    'check not wand_source_id is distinct from source_id',
    'check source_id is not distinct from wand_source_id',
  ].includes(plain);
}

/** SQL that makes the twin columns equal and keeps them so. */
function twinCheckSql(table: ItemTable, facts: TableFacts): string {
  const { name, expression } = twinCheck(table);
  const drop = facts.checks.some((check) => check.name === name)
    ? [`alter table ${table} drop constraint ${name};`]
    : [];
  return [
    `update ${table} set source_id = wand_source_id where source_id is distinct from wand_source_id;`,
    ...drop,
    `alter table ${table} add constraint ${name} check (${expression}) not valid;`,
    `alter table ${table} validate constraint ${name};`,
  ].join('\n');
}

function twinCheckMissing(table: ItemTable, facts: TableFacts): Finding {
  const { name } = twinCheck(table);
  return problem('twin_check_missing', table, {
    message: `The unique key on source_id of ${table} can stop a save on its own, because the validated check ${name} that keeps source_id equal to wand_source_id is missing.`,
    sql: twinCheckSql(table, facts),
  });
}

/** SQL that makes a key beside running writers and puts it in the place of whatever has its name. */
function replaceKeySql(key: KeyDefinition, indexes: readonly IndexFacts[]): string {
  const index = indexes.find(({ name }) => name === key.name);
  const attach = `add constraint ${key.name} unique using index ${temporaryIndexName(key)};`;
  const leftover = indexes.some(({ name }) => name === temporaryIndexName(key))
    ? [`drop index concurrently ${temporaryIndexName(key)};`]
    : [];
  const plainDrop = index && !index.constraint ? [`drop index concurrently ${quoteName(index.name)};`] : [];
  return [
    ...leftover,
    `${createKeyIndexSql(key)};`,
    ...plainDrop,
    index?.constraint
      ? `alter table ${key.table} drop constraint ${key.name}, ${attach}`
      : `alter table ${key.table} ${attach}`,
  ].join('\n');
}

function aboutKey(key: KeyDefinition, indexes: readonly IndexFacts[], named: Set<string>): Finding[] {
  named.add(key.name);
  const index = indexes.find(({ name }) => name === key.name);
  if (index) {
    const fault = keyFault(key, index);
    if (fault) return [faulty(key, index, { fault, sql: replaceKeySql(key, indexes) })];
    return lesserFaults(key, index, indexes);
  }
  const renamed = indexes.find((other) => !isOurs(other.name) && keyFault(key, other) === null);
  if (renamed) {
    named.add(renamed.name);
    return [renamedKey(key, renamed)];
  }
  const near = indexes.find((other) => other.unique && !isOurs(other.name) && isNear(key, other));
  // A near miss explains why upserts fail; whether it may stay is asked of it as of any other unique index.
  const sql = replaceKeySql(key, indexes);
  if (near) return [faulty(key, near, { fault: keyFault(key, near), sql })];
  return [
    problem('key_missing', key.table, {
      message: `${key.table} has no unique constraint ${key.name} on ${listed(key.columns)}; an upsert on these columns would stop with "no unique or exclusion constraint matching the ON CONFLICT specification".`,
      sql,
    }),
  ];
}

function renamedKey(key: KeyDefinition, index: IndexFacts): Finding {
  const old = quoteName(index.name);
  return problem('key_renamed', key.table, {
    message: `The unique key ${key.name} of ${key.table} has the name ${index.name}; statements and migrations that name it would not find it.`,
    sql: index.constraint
      ? `alter table ${key.table} rename constraint ${old} to ${key.name};`
      : `alter table ${key.table} add constraint ${key.name} unique using index ${old};`,
    examples: [index.name],
  });
}

function lesserFaults(key: KeyDefinition, index: IndexFacts, indexes: readonly IndexFacts[]): Finding[] {
  if (index.constraint === null) {
    return [
      problem('key_not_constraint', key.table, {
        severity: 'warning',
        message: `${key.name} of ${key.table} is a unique index and no constraint; saves work, but ON CONFLICT ON CONSTRAINT would not.`,
        sql: `alter table ${key.table} add constraint ${key.name} unique using index ${key.name};`,
      }),
    ];
  }
  if (includesAll(key, index)) return [];
  return [
    problem('key_include', key.table, {
      severity: 'warning',
      message: `${key.name} of ${key.table} does not include ${listed(key.include)}, so each sync reads the table where the index would do.`,
      sql: replaceKeySql(key, indexes),
    }),
  ];
}

const rules: Readonly<Record<Exclude<KeyFault, null>, Rule>> = {
  not_unique: 'key_missing',
  invalid: 'key_invalid',
  expression: 'key_expression',
  columns: 'key_columns',
  partial: 'key_partial',
  deferrable: 'key_deferrable',
  nulls_distinct: 'key_nulls_distinct',
  column_order: 'key_column_order',
};

function faulty(key: KeyDefinition, index: IndexFacts, found: { fault: KeyFault; sql: string }): Finding {
  const fault = found.fault ?? 'columns';
  const named = index.name === key.name ? key.name : `${key.name} is missing, and ${index.name}`;
  return problem(rules[fault], key.table, {
    message: `${named} of ${key.table} ${reason(fault, key, index)}.`,
    sql: found.sql,
    examples: index.name === key.name ? [] : [index.name],
  });
}

function reason(fault: Exclude<KeyFault, null>, key: KeyDefinition, index: IndexFacts): string {
  const wanted = listed(key.columns);
  switch (fault) {
    case 'not_unique':
      return `is an index that is not unique; an upsert on ${wanted} finds no matching constraint`;
    case 'invalid':
      return `is invalid, left behind by a build that failed; an upsert on ${wanted} finds no matching constraint`;
    case 'expression':
      return `is unique on an expression and not on ${wanted}; an upsert on these columns finds no matching constraint`;
    case 'columns':
      return `is unique on ${listed(index.columns)} and not on ${wanted}; an upsert on these columns finds no matching constraint`;
    case 'partial':
      return `holds only where ${index.predicate}; an upsert on ${wanted} finds no matching constraint`;
    case 'deferrable':
      return 'is deferrable and cannot decide conflicts; an upsert on it stops';
    case 'nulls_distinct':
      return 'takes NULLs as distinct, so a row with a NULL in its key is saved again by every sync';
    case 'column_order':
      return `has its columns in the order ${listed(index.columns)} and not ${wanted}; upserts still match it, but reading the keys of one source reads all of it`;
  }
}

/** Whether an index was probably meant to be this key: the same columns, or the same with an expression for some. */
function isNear(key: KeyDefinition, index: IndexFacts): boolean {
  const plain = index.columns.filter((column) => column !== null);
  const within = plain.every((column) => key.columns.includes(column));
  return index.columns.length === key.columns.length && plain.length > 0 && within && !index.primary;
}

/** Unique indexes that are not ours: harmless only where one of our keys forbids the same rows already. */
function aboutExtra(index: IndexFacts, keys: readonly KeyDefinition[], twinChecked: boolean): Finding[] {
  if (!index.unique && !index.exclusion) return [];
  const temporary = keys.find((key) => temporaryIndexName(key) === index.name);
  if (temporary || !index.valid) return [leftover(index)];
  if (index.exclusion) return [extra(index)];
  const columns = new Set(
    index.columns.map((column) => (twinChecked && column === 'source_id' ? 'wand_source_id' : column)),
  );
  const covers = (wanted: readonly string[]): boolean => wanted.every((column) => columns.has(column));
  // What holds the id, or all columns of a key beside others, refuses nothing that the primary key or the key lets pass.
  const harmless = covers(['id']) || keys.some((key) => !key.twin && covers(key.columns));
  return harmless ? [] : [extra(index)];
}

function extra(index: IndexFacts): Finding {
  const over = index.exclusion ? 'an exclusion constraint' : `unique on ${listed(index.columns)}`;
  return problem('key_extra', index.table, {
    message: `${index.name} of ${index.table} is ${over}, which is not a key of tillsync; it can stop a whole save with a conflict that no upsert handles.`,
    sql: dropSql(index),
    examples: [index.name],
  });
}

function leftover(index: IndexFacts): Finding {
  return problem('key_leftover', index.table, {
    message: `${index.name} of ${index.table} was left behind by a build that did not finish; it serves no query and can still refuse rows.`,
    sql: dropSql(index),
    examples: [index.name],
  });
}

function dropSql(index: IndexFacts): string {
  return index.constraint
    ? `alter table ${index.table} drop constraint ${quoteName(index.constraint)};`
    : `drop index concurrently ${quoteName(index.name)};`;
}

function isOurs(name: string): boolean {
  return [...keyDefinitions, ...legacyTwinKeys].some((key) => key.name === name || temporaryIndexName(key) === name);
}

function listed(columns: readonly (string | null)[]): string {
  return `(${columns.map((column) => column ?? 'an expression').join(', ')})`;
}
