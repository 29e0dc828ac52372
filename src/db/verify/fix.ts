// Repairs what the doctor found, in the order in which one repair needs the other, and looks again at the end.
import { TillsyncError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { archiveDuplicates } from '../keys/archive-duplicates.ts';
import { buildIndex, buildKey } from '../keys/build-key.ts';
import {
  type ItemTable,
  indexDefinitions,
  itemTables,
  keyDefinitions,
  legacyTwinKeys,
} from '../keys/key-definitions.ts';
import { readIndexes } from '../keys/read-indexes.ts';
import { withShortLock } from '../keys/retry-lock.ts';
import { type MigrateOptions, migrate, reapplyMigrations } from '../migrate/migrate.ts';
import { secureTables } from '../roles/secure-tables.ts';
import { backfillKeys } from './backfill-keys.ts';
import type { Finding, Rule } from './finding.ts';
import { runStatements } from './run-statements.ts';
import { type VerifyReport, verify } from './verify.ts';

/** One finding and what became of it. */
export interface Repair {
  rule: Rule;
  table: string | null;
  /** The finding's sentence. */
  message: string;
  repaired: boolean;
  /** Why not; null where it was repaired. */
  error: string | null;
}

/** What was done, and how it stands now. */
export interface FixReport {
  repairs: Repair[];
  /** The doctor's report after the repairs. */
  after: VerifyReport;
}

type Repairer = (database: Database, finding: Finding, report: (line: string) => void) => Promise<void>;

const bySql: Repairer = (database, finding) => runStatements(database, finding.sql ?? '');

const byKeys: Repairer = async (database, finding, report) => {
  for (const key of keyDefinitions.filter(({ table }) => table === finding.table)) {
    await buildKey(database, key, { report });
  }
};

const byIndexes: Repairer = async (database, finding) => {
  for (const index of indexDefinitions.filter(({ table }) => table === finding.table))
    await buildIndex(database, index);
};

const byMigrations: Repairer = (database) => reapplyMigrations(database);

// In order: tables, columns and rights first, then rows, then the keys over them, then the rest.
const repairers: readonly (readonly [readonly Rule[], Repairer])[] = [
  [['table_missing'], byMigrations],
  [['column_missing', 'privilege_missing', 'column_type'], bySql],
  [['key_null'], (database, finding) => backfillKeys(database, itemTable(finding))],
  [['twin_check_missing'], repairTwins],
  [['key_duplicate'], repairDuplicates],
  [['key_renamed'], bySql],
  [
    [
      'key_missing',
      'key_invalid',
      'key_expression',
      'key_columns',
      'key_partial',
      'key_deferrable',
      'key_nulls_distinct',
      'key_column_order',
      'key_not_constraint',
      'key_include',
    ],
    byKeys,
  ],
  [['key_extra', 'key_leftover', 'column_nullable'], bySql],
  [['index_missing', 'index_invalid'], byIndexes],
  [['trigger_disabled'], bySql],
  [['trigger_missing', 'view_missing'], byMigrations],
];

// One repair can uncover the next finding (a column that is back has NULLs), so it looks again, a bounded number of times.
const rounds = 4;

/**
 * Migrates, then repairs what `verify` finds; policies, row security and identities are left to people. Safe to run again.
 * A repair that fails is reported with its reason and stops none of the others.
 */
export async function fix(database: Database, options: MigrateOptions = {}): Promise<FixReport> {
  const report = options.report ?? (() => undefined);
  await migrateAsFarAsItGoes(database, options);
  const repairs = new Map<string, Repair>();
  let after = await database.withConnection((connection) => verify(connection));
  for (let round = 0; round < rounds; round++) {
    const open = after.findings.filter((finding) => isRepairable(finding) && !hasFailed(repairs, finding));
    if (open.length === 0) break;
    for (const [rules, repair] of repairers) {
      for (const finding of open.filter(({ rule }) => rules.includes(rule))) {
        repairs.set(finding.message, await attempt(finding, () => repair(database, finding, report)));
        report(`${repairs.get(finding.message)?.repaired ? 'repaired' : 'could not repair'}: ${finding.message}`);
      }
    }
    after = await database.withConnection((connection) => verify(connection));
  }
  await migrateAsFarAsItGoes(database, options);
  await secureTables(database);
  const left = new Set(after.findings.map(({ message }) => message));
  for (const repair of repairs.values()) {
    if (left.has(repair.message) && repair.repaired) {
      repair.repaired = false;
      repair.error = 'The repair ran, but the doctor still finds it.';
    }
  }
  return { repairs: [...repairs.values()], after };
}

/** A file that fails on broken keys is what the repairs are for; anything else (a newer database, no rights) goes up. */
async function migrateAsFarAsItGoes(database: Database, options: MigrateOptions): Promise<void> {
  try {
    await migrate(database, options);
  } catch (error) {
    if (!(error instanceof TillsyncError) || error.code !== 'migration_failed') throw error;
    options.report?.(error.message);
  }
}

function isRepairable({ rule, severity }: Finding): boolean {
  // Another type of a price column is a choice of whoever owns the database; of a key column it is not.
  if (rule === 'column_type' && severity === 'warning') return false;
  return repairers.some(([rules]) => rules.includes(rule));
}

function hasFailed(repairs: ReadonlyMap<string, Repair>, finding: Finding): boolean {
  return repairs.get(finding.message)?.repaired === false;
}

async function attempt(finding: Finding, work: () => Promise<void>): Promise<Repair> {
  const { rule, table, message } = finding;
  try {
    await work();
    return { rule, table, message, repaired: true, error: null };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // A lost connection fails every further repair alike.
    if (error instanceof TillsyncError && error.facts.connection === 'broken') throw error;
    return { rule, table, message, repaired: false, error: error.message };
  }
}

async function repairTwins(database: Database, finding: Finding): Promise<void> {
  const table = itemTable(finding);
  const twins = [...keyDefinitions, ...legacyTwinKeys].filter((key) => key.table === table && key.twin);
  const present = (await readIndexes(database)).filter(({ constraint }) =>
    twins.some(({ name }) => name === constraint),
  );
  await withShortLock(database, async (connection) => {
    // Rows that trade their source_id would collide on the way.
    for (const { name } of present) await connection.query(`alter table ${table} drop constraint ${name}`);
    await connection.query(
      `update ${table} set source_id = wand_source_id where source_id is distinct from wand_source_id`,
    );
  });
  await runStatements(database, finding.sql ?? '');
  for (const key of twins.filter(({ name }) => present.some((index) => index.name === name))) {
    await buildKey(database, key);
  }
}

async function repairDuplicates(database: Database, finding: Finding): Promise<void> {
  const table = itemTable(finding);
  for (const key of keyDefinitions.filter((definition) => definition.table === table)) {
    if (!finding.message.includes(key.name)) continue;
    await withShortLock(database, (connection) => archiveDuplicates(connection, table, key.columns));
  }
}

function itemTable(finding: Finding): ItemTable {
  const table = itemTables.find((name) => name === finding.table);
  if (!table) throw new Error(`a finding about keys names no item table: ${finding.table}`);
  return table;
}
