// The first step: every table gets the columns, types and defaults that it has in a fresh database; rows stay as they are.
import { TillsyncError } from '../../../errors.ts';
import type { Connection, Queryable } from '../../database.ts';
import { itemTables, quoteName } from '../../keys/key-definitions.ts';
import { type Adoption, notAsPromised, runStep } from '../adoption.ts';
import type { StepFacts } from '../adoption-report.ts';
import { type ColumnShape, readShape, type TableShape } from './read-shape.ts';

/** Tables that the original has too, parents first. */
export const adoptedTables = [
  'concepts',
  'companies',
  'stores',
  'wand_integration_sources',
  'integration_source_configs',
  'integration_sync_history',
  ...itemTables,
] as const;

const hierarchy: readonly string[] = ['concepts', 'companies', 'stores'];
// Foreign keys of these to retired tables go. So do those to configs: a config may be deleted and its rows stay.
const ownerColumns = [
  'source_id',
  'wand_source_id',
  'source_config_id',
  'integration_source_id',
  'wand_integration_source_id',
];

/** Makes missing tables, then brings each table that was there to the columns of a fresh one. */
export async function shapeTables(adoption: Adoption): Promise<void> {
  await runStep(adoption, 'tables', async (connection) => {
    await connection.query('set local client_min_messages = warning');
    await connection.query(adoption.model.createTables);
    return { lines: [], warnings: [] };
  });
  for (const table of adoptedTables) {
    await runStep(adoption, `columns ${table}`, (connection) => shapeTable(adoption, connection, table));
  }
}

async function shapeTable(adoption: Adoption, connection: Connection, table: string): Promise<StepFacts> {
  const model = modelOf(adoption, table);
  const before = await readShape(connection, table);
  const plan = planShape(model, before);
  if (plan.retyped.length > 0) await refuseViews(connection, table, plan.retyped);
  const statements = statementsOf(table, plan);
  for (const statement of statements) await connection.query(statement);
  const problems = columnProblems(model, statements.length === 0 ? before : await readShape(connection, table));
  if (problems.length > 0) throw notAsPromised(`columns ${table}`, problems);
  return { lines: plan.lines, warnings: [], retired: plan.retired };
}

/** The shape of one of our tables in a fresh database. */
export function modelOf(adoption: Adoption, table: string): TableShape {
  const model = adoption.model.tables.get(table);
  if (!model) throw new Error(`the migrations make no table ${table}`);
  return model;
}

/** What brings a table's columns to the model's, and one line per change that a person should know of. */
export interface ShapePlan {
  /** Statements before and after the one ALTER TABLE. */
  before: string[];
  after: string[];
  /** Parts of one ALTER TABLE, so that several changes of type rewrite the table once. */
  changes: string[];
  lines: string[];
  /** Columns that change their type. */
  retyped: string[];
  /** Tables that foreign keys of source columns point to, other than wand_integration_sources. */
  retired: string[];
}

/** Plans the changes of one table; pure. */
export function planShape(model: TableShape, actual: TableShape): ShapePlan {
  const plan: ShapePlan = { before: [], changes: [], after: [], lines: [], retyped: [], retired: [] };
  // A failed build's index goes first: a change of type would build it again, and fail as the build did.
  for (const { name } of actual.indexes.filter(({ valid }) => !valid)) {
    plan.before.push(`drop index ${quoteName(name)}`);
    plan.lines.push(`${model.name}: invalid index ${name} dropped`);
  }
  planConstraints(plan, model, actual);
  const existing = new Map(actual.columns.map((column) => [column.name, column]));
  for (const column of model.columns) {
    const found = existing.get(column.name);
    if (found) planColumn(plan, { table: model.name, column, found });
    else planNewColumn(plan, model.name, column);
  }
  const known = new Set(model.columns.map(({ name }) => name));
  for (const column of actual.columns) {
    if (known.has(column.name) || !column.not_null || column.default !== null || column.generated) continue;
    plan.changes.push(`alter column ${quoteName(column.name)} drop not null`);
    plan.lines.push(`${model.name}.${column.name} may be NULL now, since tillsync does not fill it`);
  }
  if (model.options.length > 0 && model.options.join() !== actual.options.join()) {
    plan.changes.push(`set (${model.options.join(', ')})`);
  }
  return plan;
}

function statementsOf(table: string, plan: ShapePlan): string[] {
  const altered = plan.changes.length > 0 ? [`alter table ${table} ${plan.changes.join(', ')}`] : [];
  return [...plan.before, ...altered, ...plan.after];
}

function planConstraints(plan: ShapePlan, model: TableShape, actual: TableShape): void {
  const known = new Set(model.columns.map(({ name }) => name));
  const isItems = (itemTables as readonly string[]).includes(model.name);
  const isHierarchy = hierarchy.includes(model.name);
  for (const constraint of actual.constraints) {
    const { name, kind, columns, definition, target } = constraint;
    const owned = model.constraints.some((ours) => ours.name === name && ours.definition === definition);
    const drop = () => plan.changes.push(`drop constraint ${quoteName(name)}`);
    if (kind === 'f' && columns.some((column) => ownerColumns.includes(column))) {
      // The original's screens join through this one, and it holds after adoption.
      if (target === 'wand_integration_sources') continue;
      drop();
      plan.lines.push(`${model.name}: foreign key ${name} (${columns.join(', ')} to ${target}) dropped`);
      if (target !== null && target !== 'integration_source_configs') plan.retired.push(target);
    } else if (kind === 'c' && !owned && !isItems && !isHierarchy && columns.some((column) => known.has(column))) {
      drop();
      plan.lines.push(`${model.name}: ${name} ${definition} dropped: tillsync has its own rules there`);
    } else if ((kind === 'u' || kind === 'x') && !owned && !isItems && !isHierarchy) {
      drop();
      plan.lines.push(`${model.name}: unique key ${name} (${columns.join(', ')}) given up`);
    }
  }
  if (isItems || isHierarchy) return;
  for (const index of actual.indexes) {
    if (!index.unique || !index.valid || index.primary || index.constraint !== null) continue;
    if (model.indexes.some((ours) => ours.name === index.name && ours.definition === index.definition)) continue;
    plan.before.push(`drop index ${quoteName(index.name)}`);
    plan.lines.push(`${model.name}: unique index ${index.name} given up`);
  }
}

function planNewColumn(plan: ShapePlan, table: string, column: ColumnShape): void {
  const name = quoteName(column.name);
  if (column.default === 'now()' && (itemTables as readonly string[]).includes(table)) {
    // Now is no time of the items that are there already; the backfill gives them the best that their row knows.
    plan.changes.push(`add column ${name} ${column.type}`, `alter column ${name} set default now()`);
    return;
  }
  const value = column.default === null ? '' : ` default ${column.default}`;
  // NOT NULL without a default is set by later steps, when every row has a value.
  const notNull = column.not_null && column.default !== null ? ' not null' : '';
  plan.changes.push(`add column ${name} ${column.type}${value}${notNull}`);
}

function planColumn(plan: ShapePlan, of: { table: string; column: ColumnShape; found: ColumnShape }): void {
  const { table, column, found } = of;
  const name = quoteName(column.name);
  if (found.not_null && !column.not_null) plan.changes.push(`alter column ${name} drop not null`);
  if (column.name === 'id' && hierarchy.includes(table)) {
    planHierarchyId(plan, table, found);
    return;
  }
  if (found.type !== column.type && !hierarchy.includes(table)) {
    if (found.default !== null) plan.changes.push(`alter column ${name} drop default`);
    // The original's clock was UTC; without a zone the session's would be assumed.
    const value =
      found.type === 'timestamp without time zone' ? `${name} at time zone 'UTC'` : `${name}::${column.type}`;
    plan.changes.push(`alter column ${name} type ${column.type} using ${value}`);
    plan.retyped.push(column.name);
    plan.lines.push(`${table}.${column.name} is ${column.type} now (was ${found.type})`);
    if (column.default === null && found.default !== null) {
      plan.lines.push(`${table}.${column.name} has no default any more (was ${found.default})`);
    }
  }
  if (column.default === null || column.default === found.default) return;
  plan.changes.push(`alter column ${name} set default ${column.default}`);
  if (column.not_null && !found.not_null && !(itemTables as readonly string[]).includes(table)) {
    plan.after.push(`update ${table} set ${name} = default where ${name} is null`);
  }
}

/** Hierarchy rows keep their ids, whatever integer type they have; new rows get the next ones. */
function planHierarchyId(plan: ShapePlan, table: string, found: ColumnShape): void {
  if (found.generated || found.default !== null || !['bigint', 'integer', 'smallint'].includes(found.type)) return;
  plan.changes.push('alter column id add generated by default as identity');
  plan.after.push(
    `select setval(pg_get_serial_sequence('${table}', 'id'), greatest((select max(id) from ${table}), 0) + 1, false)`,
  );
}

/** What is still missing of a table's columns; NOT NULL comes later. */
function columnProblems(model: TableShape, actual: TableShape): string[] {
  const existing = new Map(actual.columns.map((column) => [column.name, column]));
  return model.columns.flatMap((column) => {
    const found = existing.get(column.name);
    if (!found) return [`${model.name}.${column.name} is missing`];
    if (found.type !== column.type && !hierarchy.includes(model.name)) {
      return [`${model.name}.${column.name} is ${found.type}, not ${column.type}`];
    }
    return [];
  });
}

/** A view holds the type of a column; PostgreSQL would refuse with a text that names neither fix nor view. */
async function refuseViews(queryable: Queryable, table: string, columns: readonly string[]): Promise<void> {
  const { rows } = await queryable.query<{ view: string; column: string; definition: string }>(
    `select distinct v.oid::regclass::text as view, a.attname as column, pg_get_viewdef(v.oid) as definition
       from pg_depend d
       join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
       join pg_class v on v.oid = r.ev_class and v.oid <> d.refobjid
       join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
      where d.refobjid = $1::regclass and a.attname = any ($2) order by 1`,
    [table, columns],
  );
  const first = rows[0];
  if (!first) return;
  throw new TillsyncError(
    `The view ${first.view} reads ${table}.${first.column}, whose type has to change, and PostgreSQL allows that only while no view reads it.`,
    {
      code: 'adoption_view_in_the_way',
      step: 'sync',
      effect: 'This table was not changed.',
      hint: `Drop the view, run \`tillsync migrate\`, and create it again.`,
      sql: `drop view ${first.view};\n-- afterwards:\ncreate view ${first.view} as\n${first.definition}`,
      facts: { views: rows.map(({ view }) => view) },
    },
  );
}
