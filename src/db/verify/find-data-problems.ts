// The doctor's look into the rows: how many have their key, which keys are NULL or shared, which secrets lie open.
import type { Queryable } from '../database.ts';
import { archiveDuplicatesSql } from '../keys/archive-duplicates.ts';
import { type ItemTable, itemTables, type KeyDefinition, keyDefinitions } from '../keys/key-definitions.ts';
import { keyFault } from '../keys/key-fault.ts';
import { backfillKeysSql } from './backfill-keys.ts';
import { type Finding, problem } from './finding.ts';
import type { Catalog } from './read-catalog.ts';

export interface TableCount {
  table: ItemTable;
  rows: number;
  with_wand_source_id: number;
}

/** Rows of each item table that exists, and how many of them say which catalog they belong to. One scan per table. */
export async function countRows(queryable: Queryable, catalog: Catalog): Promise<TableCount[]> {
  const counts: TableCount[] = [];
  for (const table of readable(catalog)) {
    const filled = has(catalog, table, ['wand_source_id']) ? 'count(wand_source_id)' : '0';
    const { rows } = await queryable.query<{ rows: string; filled: string }>(
      `select count(*) as rows, ${filled} as filled from ${table}`,
    );
    counts.push({ table, rows: Number(rows[0]?.rows), with_wand_source_id: Number(rows[0]?.filled) });
  }
  return counts;
}

/** Findings that need the rows. Groups are counted only where no sound key forbids them already. */
export async function findDataProblems(queryable: Queryable, catalog: Catalog): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const table of readable(catalog)) findings.push(...(await findNullKeys(queryable, catalog, table)));
  for (const key of keyDefinitions.filter(({ table }) => readable(catalog).includes(table))) {
    const sound = catalog.indexes.some((index) => index.table === key.table && keyFault(key, index) === null);
    if (!sound && has(catalog, key.table, key.columns)) findings.push(...(await findDuplicates(queryable, key)));
  }
  return [...findings, ...(await findPlaintext(queryable, catalog)), ...(await findUnknown(queryable, catalog))];
}

function readable(catalog: Catalog): ItemTable[] {
  return itemTables.filter((table) => has(catalog, table, []));
}

function has(catalog: Catalog, table: string, columns: readonly string[]): boolean {
  const facts = catalog.tables[table];
  const readable = facts?.exists && !facts.missing_privileges.includes('SELECT');
  return readable === true && columns.every((column) => facts.columns[column] !== undefined);
}

async function findNullKeys(queryable: Queryable, catalog: Catalog, table: ItemTable): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const column of ['wand_source_id', 'external_id']) {
    const facts = catalog.tables[table]?.columns[column];
    if (!facts || facts.not_null) continue;
    const { rows } = await queryable.query<{ nulls: string; examples: string[] | null }>(
      `select count(*) as nulls, (array_agg('id ' || id) filter (where true))[1:5] as examples
         from ${table} where ${column} is null`,
    );
    const nulls = Number(rows[0]?.nulls);
    if (nulls === 0) continue;
    const meaning =
      column === 'wand_source_id' ? 'nothing says which catalog they belong to' : 'no sync can ever find them again';
    findings.push(
      problem('key_null', table, {
        message: `${nulls} rows of ${table} have NULL in ${column}; ${meaning}.`,
        sql: backfillKeysSql(table),
        examples: rows[0]?.examples ?? [],
      }),
    );
  }
  return findings;
}

async function findDuplicates(queryable: Queryable, key: KeyDefinition): Promise<Finding[]> {
  const columns = key.columns.join(', ');
  const { rows } = await queryable.query<{ groups: string; losers: string; example: string }>(
    `select count(*) over () as groups, sum(count(*) - 1) over () as losers,
            ${key.columns.map((column) => `'${column}=' || coalesce(${column}::text, 'NULL')`).join(` || ' ' || `)} || ' (' || count(*) || ' rows)' as example
       from ${key.table} group by ${columns} having count(*) > 1 order by count(*) desc, ${columns} limit 5`,
  );
  const [first] = rows;
  if (!first) return [];
  return [
    problem('key_duplicate', key.table, {
      message: `${first.groups} keys of ${key.table} stand in more than one row (${first.losers} rows too many), so ${key.name} cannot be made.`,
      sql: `${archiveDuplicatesSql(key.table, key.columns)};`,
      examples: rows.map(({ example }) => example),
    }),
  ];
}

async function findPlaintext(queryable: Queryable, catalog: Catalog): Promise<Finding[]> {
  const table = 'integration_source_configs';
  if (!has(catalog, table, ['credentials', 'config_name'])) return [];
  const { rows } = await queryable.query<{ name: string; total: string }>(
    `select config_name as name, count(*) over () as total from ${table}
      where credentials is not null and credentials::text not in ('{}', 'null', '') order by config_name limit 5`,
  );
  if (rows.length === 0) return [];
  return [
    problem('credentials_plaintext', table, {
      severity: 'warning',
      message: `${rows[0]?.total} configs hold credentials in plain text; run \`tillsync migrate\` without --keep-legacy-credentials to encrypt and blank them.`,
      examples: rows.map(({ name }) => name),
    }),
  ];
}

async function findUnknown(queryable: Queryable, catalog: Catalog): Promise<Finding[]> {
  const table = 'wand_integration_sources';
  if (!has(catalog, table, ['identity_key', 'retired_at', 'name'])) return [];
  const { rows } = await queryable.query<{ example: string; total: string }>(
    `select name || ' ' || id as example, count(*) over () as total from ${table}
      where identity_key is null and retired_at is null order by name, id limit 5`,
  );
  if (rows.length === 0) return [];
  return [
    problem('identity_unknown', table, {
      severity: 'warning',
      message: `${rows[0]?.total} sources have no known identity, so a new config for the same account would get a source of its own; complete the params of their configs with \`tillsync configs set\`.`,
      examples: rows.map(({ example }) => example),
    }),
  ];
}
