// The key doctor: predicts every ON CONFLICT failure from the catalogs and the rows, before a write.
import type { Queryable } from '../database.ts';
import { countRows, findDataProblems, type TableCount } from './find-data-problems.ts';
import { findKeyProblems } from './find-key-problems.ts';
import { findTableProblems, isUnadoptedTable } from './find-table-problems.ts';
import type { Finding } from './finding.ts';
import { type Catalog, readCatalog } from './read-catalog.ts';

/** What `tillsync verify --json` prints. */
export interface VerifyReport {
  /** No finding is an error. */
  ok: boolean;
  /** E.g. `18.4`. */
  server_version: string;
  tables: TableCount[];
  findings: Finding[];
}

/** Reads catalogs and rows and changes nothing; also works on a server that tillsync refuses (open it with allowOldServer). */
export async function verify(queryable: Queryable): Promise<VerifyReport> {
  const catalog = await readCatalog(queryable);
  const tables = await countRows(queryable, catalog);
  const findings = [
    ...findTableProblems(catalog),
    ...findKeyProblems(catalog),
    ...(await findDataProblems(queryable, catalog)),
  ];
  const ordered = [
    ...findings.filter(({ severity }) => severity === 'error'),
    ...findings.filter(({ severity }) => severity === 'warning'),
  ].map((finding) => withoutSqlBeforeAdoption(finding, catalog));
  return {
    ok: findings.every(({ severity }) => severity !== 'error'),
    server_version: catalog.server_version,
    tables,
    findings: ordered,
  };
}

/** On the original's tables the SQL would not run (no archive, duplicates, old columns): adoption does all of it. */
function withoutSqlBeforeAdoption(finding: Finding, catalog: Catalog): Finding {
  const facts = finding.table === null ? undefined : catalog.tables[finding.table];
  return finding.table !== null && facts && isUnadoptedTable(finding.table, facts)
    ? { ...finding, sql: null }
    : finding;
}
