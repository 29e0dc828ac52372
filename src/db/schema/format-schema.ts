// The schema as SQL text: deterministic, readable, and loadable into an empty database.
import type { Column, Constraint, Routine, Schema, Table, View } from './read-schema.ts';

const head = `-- The whole schema, written by scripts/write-schema.ts from the system catalogs of a migrated database. Do not edit:
-- change it by a migration, then run \`npm run schema\`. Equal on PostgreSQL 15 and 18, but for two things that the
-- migrations decide by server: tillsync_new_id() uses uuidv7() where there is one, and on 15
-- idx_integration_products_last_synced covers updated_at.

-- Some functions name tables that come after them.
set check_function_bodies = off;
`;

/** Writes the schema: functions, tables with their indexes and triggers, then views, each in order of name (views over views last). */
export function formatSchema(schema: Schema): string {
  const parts = [
    ...schema.functions.map(formatFunction),
    ...schema.tables.map(formatTable),
    ...schema.tables.flatMap(foreignKeys),
    ...schema.views.map(formatView),
    ...formatOwners(schema),
  ];
  return [head, ...parts].join('\n');
}

function formatFunction({ definition, grants }: Routine): string {
  return [`${definition.trimEnd()};`, ...grants.map((grant) => `${grant};`), ''].join('\n');
}

// A new owner must be able to create in the schema for that moment.
function formatOwners({ functions, tables }: Schema): string[] {
  const statements = [
    ...functions.map(({ signature, owner }) => ({ on: `function ${signature}`, owner })),
    ...tables.map(({ name, owner }) => ({ on: `table ${name}`, owner })),
  ].filter((each): each is { on: string; owner: string } => each.owner !== null);
  const owners = [...new Set(statements.map(({ owner }) => owner))];
  if (owners.length === 0) return [];
  return [
    [
      ...owners.map((owner) => `grant create on schema public to ${owner};`),
      ...statements.map(({ on, owner }) => `alter ${on} owner to ${owner};`),
      ...owners.map((owner) => `revoke create on schema public from ${owner};`),
      '',
    ].join('\n'),
  ];
}

function formatTable(table: Table): string {
  const lines = [
    ...table.columns.map(formatColumn),
    ...table.constraints.filter(({ kind }) => kind !== 'f').map(formatConstraint),
  ];
  const options = table.options.length > 0 ? ` with (${[...table.options].sort().join(', ')})` : '';
  return [
    `create table ${table.name} (\n  ${lines.join(',\n  ')}\n)${options};`,
    ...table.columns
      .filter(({ storage }) => storage)
      .map(({ name, storage }) => `alter table ${table.name} alter column ${name} set storage ${storage};`),
    ...table.indexes.map((definition) => `${definition};`),
    ...table.triggers.map((definition) => `${definition};`),
    ...(table.row_security ? [`alter table ${table.name} enable row level security;`] : []),
    ...(table.forced ? [`alter table ${table.name} force row level security;`] : []),
    ...table.policies.map((definition) => `${definition};`),
    ...table.grants.map((grant) => `${grant};`),
    ...comment('table', table.name, table.comment),
    ...table.columns.flatMap((column) => comment('column', `${table.name}.${column.name}`, column.comment)),
    ...table.constraints.flatMap((key) => comment('constraint', `${key.name} on ${table.name}`, key.comment)),
    '',
  ].join('\n');
}

function formatColumn(column: Column): string {
  const identity = column.filled?.startsWith('generated') && column.filled.endsWith('identity');
  return [column.name, column.type, column.filled, column.not_null && !identity ? 'not null' : null]
    .filter((part) => part !== null)
    .join(' ');
}

function formatConstraint(constraint: Constraint): string {
  return `constraint ${constraint.name} ${constraint.definition}`;
}

function foreignKeys(table: Table): string[] {
  return table.constraints
    .filter(({ kind }) => kind === 'f')
    .map((constraint) => `alter table ${table.name} add ${formatConstraint(constraint)};\n`);
}

function formatView(view: View): string {
  const options = view.options.length > 0 ? ` with (${[...view.options].sort().join(', ')})` : '';
  return [
    `create view ${view.name}${options} as\n${view.definition.trimEnd()}`,
    ...view.grants.map((grant) => `${grant};`),
    ...comment('view', view.name, view.comment),
    '',
  ].join('\n');
}

function comment(kind: string, name: string, text: string | null): string[] {
  return text === null ? [] : [`comment on ${kind} ${name} is '${text.replaceAll("'", "''")}';`];
}
