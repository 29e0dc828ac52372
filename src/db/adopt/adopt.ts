// Adoption: brings a database that has the original's tables to where the migrations run cleanly, step by step.
import type { Database, Queryable } from '../database.ts';
import { itemTables } from '../keys/key-definitions.ts';
import { readIndexes } from '../keys/read-indexes.ts';
import {
  type Adoption,
  type AdoptOptions,
  notAsPromised,
  openJournal,
  readJournal,
  runLongStep,
  runStep,
} from './adoption.ts';
import { type AdoptionReport, noFacts, reportOf, type StepFacts } from './adoption-report.ts';
import { checkEncryption, countPlaintext, encryptCredentials } from './encrypt-credentials.ts';
import { itemSql } from './items/item-sql.ts';
import { settleItems } from './items/settle-items.ts';
import { extraKeys, settleKeys } from './items/settle-keys.ts';
import { surveyItems } from './items/survey-items.ts';
import { countUnfinished } from './sources/settle-history.ts';
import { factsOf, readPlan, settleSources } from './sources/settle-sources.ts';
import { settleTriggers } from './tables/legacy-triggers.ts';
import { readModel, readShapes } from './tables/read-shape.ts';
import { readCheckProblems, settleChecks } from './tables/settle-checks.ts';
import { adoptedTables, modelOf, planShape, shapeTables } from './tables/shape-tables.ts';

/**
 * Adopts the database: safe to kill anywhere and to call again, it goes on after the last finished step. Call it while
 * holding the migration lock, before the SQL files. On an adopted database it only encrypts credentials that came since.
 * Throws TillsyncError: adoption_failed, adoption_incomplete, adoption_view_in_the_way, encryption_key_missing, …
 */
export async function adopt(database: Database, options: AdoptOptions = {}): Promise<AdoptionReport> {
  if (options.dryRun) return await rehearse(database, options);
  const before = await readJournal(database);
  if (before.has('complete')) {
    const late = await encryptCredentials(database, options);
    return reportOf([...before.values(), late], { dryRun: false, complete: true });
  }
  await checkEncryption(database, options);
  const adoption: Adoption = {
    database,
    options,
    model: await readModel(database),
    journal: await openJournal(database),
  };
  await shapeTables(adoption);
  await settleTriggers(adoption);
  await settleSources(adoption);
  await settleItems(adoption);
  await settleKeys(adoption);
  await settleChecks(adoption);
  await runLongStep(adoption, 'credentials', () => encryptCredentials(database, options));
  await runStep(adoption, 'complete', async (connection) => {
    const problems = await readCheckProblems(connection, adoption);
    if (problems.length > 0) throw notAsPromised('complete', problems);
    return noFacts();
  });
  return reportOf([...adoption.journal.values()], { dryRun: false, complete: true });
}

/** The report of what `adopt` would do; reads in a read-only transaction and writes nothing. */
async function rehearse(database: Database, options: AdoptOptions): Promise<AdoptionReport> {
  const journal = await readJournal(database);
  if (journal.has('complete')) return reportOf([...journal.values()], { dryRun: true, complete: true });
  const adoption: Adoption = { database, options, model: await readModel(database), journal };
  const steps = await database.transaction(async (connection) => {
    await connection.query('set transaction read only');
    return await rehearseSteps(connection, adoption);
  });
  return reportOf(steps, { dryRun: true, complete: false });
}

async function rehearseSteps(queryable: Queryable, adoption: Adoption): Promise<StepFacts[]> {
  const steps: StepFacts[] = [];
  const retired = [...adoption.journal.values()].flatMap((facts) => facts.retired ?? []);
  const shapes = await readShapes(queryable, adoptedTables);
  for (const [table, shape] of shapes) {
    const plan = planShape(modelOf(adoption, table), shape);
    steps.push({ lines: plan.lines, warnings: [] });
    retired.push(...plan.retired);
  }
  const settled = adoption.journal.get('sources');
  const sources = settled ?? factsOf(await readPlan(queryable, adoption, retired));
  steps.push(sources);
  const indexes = await readIndexes(queryable);
  for (const table of itemTables) {
    const shape = shapes.get(table);
    if (!shape) continue;
    const extra = extraKeys(indexes, table).map((index) => `${table}: old key ${index.name} would be dropped`);
    steps.push({
      lines: extra,
      warnings: [],
      items: await surveyItems(queryable, itemSql(shape, sources.targets ?? {})),
    });
  }
  const rest = noFacts();
  const unfinished = shapes.has('integration_sync_history') ? await countUnfinished(queryable) : 0;
  if (unfinished > 0) rest.lines.push(`${unfinished} runs that never ended would be shown as interrupted`);
  const plaintext = await countPlaintext(queryable);
  if (plaintext > 0) rest.lines.push(`credentials of ${plaintext} configs would be encrypted`);
  return [...steps, rest];
}
