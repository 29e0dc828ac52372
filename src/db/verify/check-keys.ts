// The doctor's short visit before every save: catalogs only, only what would make the save fail or lie, and spared while nothing moves.
import type { Queryable } from '../database.ts';
import { itemTables } from '../keys/key-definitions.ts';
import { expectedColumns } from './expected-tables.ts';
import { findKeyProblems } from './find-key-problems.ts';
import { findTableProblems } from './find-table-problems.ts';
import type { Finding, Rule } from './finding.ts';
import { readCatalog } from './read-catalog.ts';

// A save works without these; `tillsync verify` still fails for them.
const harmlessForSaves: ReadonlySet<Rule> = new Set([
  'index_missing',
  'index_invalid',
  'trigger_missing',
  'trigger_disabled',
  'view_missing',
]);

/** The errors that a save must not begin with; empty when it may. Reads no row of data. */
export async function checkKeys(queryable: Queryable): Promise<Finding[]> {
  const catalog = await readCatalog(queryable);
  return [...findTableProblems(catalog), ...findKeyProblems(catalog)].filter(
    ({ severity, rule }) => severity === 'error' && !harmlessForSaves.has(rule),
  );
}

const relations = [...Object.keys(expectedColumns), ...itemTables.map((table) => `${table}_current`)];

/**
 * What catalogs looked like that this process found in order, the last ones asked for at the end. By stamp alone: no two
 * transactions of a cluster have one number, so what has the same stamp elsewhere is a copy of the same catalogs.
 */
const inOrder = new Set<string>();
const mostRemembered = 100;

/**
 * One text that is another one as soon as anything changes on which the verdict of `checkKeys` rests. Each change of a
 * catalog row writes a new version of it (xmin, ctid), be it a key, a column, a check, a trigger, a policy or a grant; what
 * follows from roles and settings is asked; the size of the tables of `$2`, so that it waits for whoever has locked one, as a
 * save would. Of one cluster since its start: another one counts its transactions from the same number.
 * Measured on 18: 0.7 ms of the server, 4.5 the first time on a connection, and the whole visit 3.3 and 14.
 */
const stampSql = `
with ours as materialized (
  select c.oid, c.xmin, c.ctid, coalesce(n = any($2::text[]) and pg_relation_size(c.oid) is null, false) as gone
    from unnest($1::text[]) n join pg_class c on c.oid = to_regclass(n))
select concat_ws(' ', pg_postmaster_start_time(), current_user, current_setting('server_version_num'), current_setting('transaction_read_only'),
  (select count(*) || ':' || bit_xor(hash_record_extended(row(oid, xmin, ctid, gone, row_security_active(oid),
     has_table_privilege(oid, 'SELECT'), has_table_privilege(oid, 'INSERT'), has_table_privilege(oid, 'UPDATE')), 0)) from ours),
  ${stampOf('pg_attribute', 'attrelid', 'and attnum > 0')},
  ${stampOf('pg_constraint', 'conrelid')},
  ${stampOf('pg_trigger', 'tgrelid')},
  ${stampOf('pg_policy', 'polrelid')},
  (select count(*) || ':' || bit_xor(hash_record_extended(row(i.xmin, i.ctid, c.oid, c.xmin, c.ctid), 0))
     from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = any(array(select oid from ours)))) as stamp`;

function stampOf(catalog: string, table: string, more = ''): string {
  return `(select count(*) || ':' || bit_xor(hash_record_extended(row(xmin, ctid), 0))
     from ${catalog} where ${table} = any(array(select oid from ours)) ${more})`;
}

async function readStamp(queryable: Queryable, sized: readonly string[]): Promise<string | undefined> {
  const { rows } = await queryable.query<{ stamp: string }>(stampSql, [relations, sized]);
  return rows[0]?.stamp;
}

/**
 * As checkKeys, whose verdict it repeats while nothing has moved since this process last found all in order. With `waits` it
 * waits for whoever has locked an item table, as a save would.
 */
export async function watchKeys(queryable: Queryable, options: { waits?: boolean } = {}): Promise<Finding[]> {
  const stamp = await readStamp(queryable, options.waits ? itemTables : []);
  if (stamp !== undefined && inOrder.delete(stamp)) {
    inOrder.add(stamp);
    return [];
  }
  const findings = await checkKeys(queryable);
  // Asked again: what changed while the catalogs were read is not what was found in order.
  if (findings.length > 0 || stamp === undefined || stamp !== (await readStamp(queryable, []))) return findings;
  inOrder.add(stamp);
  for (const oldest of inOrder) {
    if (inOrder.size <= mostRemembered) break;
    inOrder.delete(oldest);
  }
  return findings;
}
