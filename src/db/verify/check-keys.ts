// The doctor's short visit before every save: catalogs only, one round trip, only what would make the save fail or lie.
import type { Queryable } from '../database.ts';
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
