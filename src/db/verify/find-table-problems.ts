// The doctor's rules about server, tables, columns, rights, indexes and triggers, from catalog facts alone.
import { createIndexSql, indexDefinitions, itemTables, quoteName } from '../keys/key-definitions.ts';
import { findRoleProblems } from '../roles/find-role-problems.ts';
import { expectedColumns, expectedType, markerColumns } from './expected-tables.ts';
import { type Finding, problem } from './finding.ts';
import type { Catalog, TableFacts } from './read-catalog.ts';

/** Every finding that is not about unique keys. */
export function findTableProblems(catalog: Catalog): Finding[] {
  return [
    ...aboutServer(catalog),
    ...findRoleProblems(catalog),
    ...Object.keys(expectedColumns).flatMap((table) => aboutTable(table, catalog)),
    ...aboutIndexes(catalog),
    ...aboutViews(catalog),
  ];
}

/** Whether a table is the original's, without what adoption adds. */
export function isUnadoptedTable(table: string, facts: TableFacts): boolean {
  const marker = markerColumns[table];
  return facts.exists && marker !== undefined && !(marker in facts.columns);
}

function aboutServer(catalog: Catalog): Finding[] {
  const findings: Finding[] = [];
  if (catalog.server_version_num < 150000) {
    findings.push(
      problem('server_version', null, {
        message: `The server is PostgreSQL ${catalog.server_version}; tillsync needs 15 or later, because only UNIQUE NULLS NOT DISTINCT keeps items without a path from being saved twice.`,
      }),
    );
  }
  if (catalog.read_only) {
    findings.push(
      problem('server_read_only', null, {
        message:
          'The database is read-only (a standby, or default_transaction_read_only is on), so nothing can be saved.',
      }),
    );
  }
  return findings;
}

function aboutTable(table: string, catalog: Catalog): Finding[] {
  const facts = catalog.tables[table];
  if (!facts?.exists) {
    const message = `The table ${table} is missing; run \`tillsync migrate\`, or \`tillsync verify --fix\` if it was dropped.`;
    return [problem('table_missing', table, { message })];
  }
  if (isUnadoptedTable(table, facts)) {
    const message = `The table ${table} is there but not adopted by tillsync; run \`tillsync migrate\`.`;
    return [problem('table_unadopted', table, { message })];
  }
  return [
    ...aboutColumns(table, facts),
    ...aboutRights(table, facts, catalog.user),
    ...(isItemTable(table) ? aboutTrigger(table, facts) : []),
  ];
}

function isItemTable(table: string): boolean {
  return itemTables.some((name) => name === table);
}

// What the fingerprint of an item covers.
const contentColumns = new Set([
  'path_id',
  'name',
  'item_type',
  'modifier_group_id',
  'modifier_group_name',
  'discount_amount',
  'discount_percent',
  'price',
  'currency',
  'is_available',
  'data',
]);

function aboutColumns(table: string, facts: TableFacts): Finding[] {
  const findings: Finding[] = [];
  for (const [column, definition] of Object.entries(expectedColumns[table] ?? {})) {
    const found = facts.columns[column];
    const type = expectedType(definition);
    if (!found) {
      // NOT NULL without a default cannot be added to a table with rows; it is asked for once they are filled.
      const added = definition.includes(' default ') ? definition : type;
      const add = `alter table ${table} add column ${column} ${added};`;
      // The next sync compares every row again, and so fills the new column; its fingerprint would say 'unchanged'.
      // Under the flag of our own writes: a foreign write would bring removed rows back.
      const compareAgain = `with own as materialized (select set_config('tillsync.sync', '1', true))
update ${table} set content_hash = null from own where content_hash is not null;`;
      const forgets = isItemTable(table) && contentColumns.has(column) && facts.columns.content_hash !== undefined;
      findings.push(
        problem('column_missing', table, {
          message: `The column ${column} of ${table} is missing.`,
          sql: forgets ? `${add}\n${compareAgain}` : add,
        }),
      );
    } else if (isItemTable(table)) {
      findings.push(...aboutType({ table, column, found: found.type ?? '', wanted: type }));
      if (definition.endsWith('not null') && !found.not_null) findings.push(nullable(table, column));
    }
  }
  return findings;
}

const keyColumns = new Set(['wand_source_id', 'source_id', 'external_id', 'path_id']);

function aboutType(at: { table: string; column: string; found: string; wanted: string }): Finding[] {
  const { table, column, found, wanted } = at;
  const alike = found === wanted || (wanted === 'text' && found.startsWith('character varying'));
  if (alike || column === 'id') return [];
  const wrong = keyColumns.has(column);
  return [
    problem('column_type', table, {
      severity: wrong ? 'error' : 'warning',
      message: `The column ${column} of ${table} is ${found} and not ${wanted}${wrong ? ', so keys cannot be compared' : ''}.`,
      // A view holds on to the type of its columns.
      sql: [
        `drop view if exists ${table}_by_site, ${table}_current;`,
        `alter table ${table} alter column ${column} type ${wanted} using ${column}::${wanted};`,
        viewSql(table),
      ].join('\n'),
    }),
  ];
}

function nullable(table: string, column: string): Finding {
  const check = `${table}_${column}_not_null`;
  return problem('column_nullable', table, {
    severity: 'warning',
    message: `The column ${column} of ${table} accepts NULL, so another program can save rows that belong to no key.`,
    sql: [
      `alter table ${table} add constraint ${check} check (${column} is not null) not valid;`,
      `alter table ${table} validate constraint ${check};`,
      `alter table ${table} alter column ${column} set not null;`,
      `alter table ${table} drop constraint ${check};`,
    ].join('\n'),
  });
}

function aboutRights(table: string, facts: TableFacts, user: string): Finding[] {
  const findings: Finding[] = [];
  if (facts.missing_privileges.length > 0) {
    const list = facts.missing_privileges.join(', ');
    findings.push(
      problem('privilege_missing', table, {
        message: `The database user ${user} lacks ${list} on ${table}.`,
        sql: `grant ${list.toLowerCase()} on ${table} to ${quoteName(user)};`,
      }),
    );
  }
  if (facts.row_security) {
    findings.push(
      problem('row_security', table, {
        severity: 'warning',
        message: `Row level security filters what ${user} sees of ${table}; a row that it hides would be taken for a new one.`,
        sql: `alter role ${quoteName(user)} bypassrls;`,
      }),
    );
  }
  if (facts.open_policies.length > 0) {
    findings.push(
      problem('policy_open', table, {
        severity: 'warning',
        message: `Policies of ${table} are true for everybody (${facts.open_policies.join(', ')}), so whoever has the public key may use the table.`,
        sql: facts.open_policies.map((policy) => `drop policy ${quoteName(policy)} on ${table};`).join('\n'),
        examples: facts.open_policies.slice(0, 5),
      }),
    );
  }
  return findings;
}

const triggerName = 'tillsync_foreign_write';

function aboutTrigger(table: string, facts: TableFacts): Finding[] {
  const trigger = facts.triggers.find(({ name }) => name === triggerName);
  if (trigger?.enabled) return [];
  const consequence = 'what another program writes would not be seen by the next sync';
  if (trigger) {
    return [
      problem('trigger_disabled', table, {
        message: `The trigger ${triggerName} of ${table} is disabled, so ${consequence}.`,
        sql: `alter table ${table} enable trigger ${triggerName};`,
      }),
    ];
  }
  return [
    problem('trigger_missing', table, {
      message: `The trigger ${triggerName} of ${table} is missing, so ${consequence}.`,
      sql: `create trigger ${triggerName} before insert or update on ${table} for each row when (current_setting('tillsync.sync', true) is distinct from '1') execute function ${triggerName}();`,
    }),
  ];
}

function aboutIndexes(catalog: Catalog): Finding[] {
  const findings: Finding[] = [];
  for (const definition of indexDefinitions) {
    const { table, name } = definition;
    if (!catalog.tables[table]?.exists) continue;
    const index = catalog.indexes.find((other) => other.table === table && other.name === name);
    const create = `${createIndexSql(definition, catalog.server_version_num)};`;
    if (!index) {
      findings.push(
        problem('index_missing', table, { message: `The index ${name} of ${table} is missing.`, sql: create }),
      );
    } else if (!index.valid) {
      findings.push(
        problem('index_invalid', table, {
          message: `The index ${name} of ${table} is invalid, left behind by a build that failed; no query uses it.`,
          sql: `drop index concurrently ${name};\n${create}`,
        }),
      );
    }
  }
  return findings;
}

function aboutViews({ tables, missing_views }: Catalog): Finding[] {
  return itemTables
    .filter((table) => tables[table]?.exists)
    .flatMap((table) => {
      if (missing_views.includes(`${table}_current`)) {
        const message = `The view ${table}_current is missing; whoever reads the catalog reads it.`;
        return [problem('view_missing', table, { message, sql: viewSql(table) })];
      }
      if (!missing_views.includes(`${table}_by_site`)) return [];
      const message = `The view ${table}_by_site is missing; \`tillsync verify --fix\` makes it again, as schema.sql has it.`;
      return [problem('view_missing', table, { message })];
    });
}

function viewSql(table: string): string {
  return `create or replace view ${table}_current with (security_invoker = true) as select i.*, i.last_synced_at as last_seen_at from ${table} i where i.removed_at is null;`;
}
