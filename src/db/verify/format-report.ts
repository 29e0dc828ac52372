// The doctor's report as text for a terminal.
import { indexDefinitions, keyDefinitions } from '../keys/key-definitions.ts';
import type { Finding } from './finding.ts';
import type { VerifyReport } from './verify.ts';

/** The text of `tillsync verify`; its last line is `Ready for sync operations` exactly when the report is ok. */
export function formatReport(report: VerifyReport): string {
  const errors = report.findings.filter(({ severity }) => severity === 'error');
  const warnings = report.findings.filter(({ severity }) => severity === 'warning');
  const lines = [
    `PostgreSQL ${report.server_version}`,
    ...report.tables.map(
      ({ table, rows, with_wand_source_id }) => `${table}: ${with_wand_source_id}/${rows} records have wand_source_id`,
    ),
    ...keyLines(errors),
    ...indexLines(errors),
    ...errors.flatMap(formatFinding),
    ...warnings.flatMap(formatFinding),
    report.ok
      ? 'Ready for sync operations'
      : `Not ready for sync operations: ${errors.length} ${errors.length === 1 ? 'problem' : 'problems'}. Run \`tillsync verify --fix\`.`,
  ];
  return `${lines.join('\n')}\n`;
}

function keyLines(errors: readonly Finding[]): string[] {
  const about = (name: string, table: string): boolean =>
    errors.some((error) => error.message.includes(name) || (error.table === table && isWhole(error)));
  const broken = keyDefinitions.filter(({ name, table }) => about(name, table));
  const others = errors.some(({ rule }) => rule.startsWith('key_') || rule === 'twin_check_missing');
  const title =
    broken.length === 0 && !others
      ? 'All unique constraints in place with NULLS NOT DISTINCT'
      : `Unique constraints with NULLS NOT DISTINCT: ${keyDefinitions.length - broken.length} of ${keyDefinitions.length} in place`;
  return [
    title,
    ...keyDefinitions.map((key) => {
      const mark = broken.includes(key) ? 'problem' : 'ok';
      return `  ${key.name} on ${key.table} (${key.columns.join(', ')}): ${mark}`;
    }),
  ];
}

function indexLines(errors: readonly Finding[]): string[] {
  const broken = indexDefinitions.filter(({ name, table }) =>
    errors.some((error) => error.message.includes(name) || (error.table === table && isWhole(error))),
  );
  return [
    broken.length === 0
      ? 'All indexes in place'
      : `Indexes: ${indexDefinitions.length - broken.length} of ${indexDefinitions.length} in place`,
    ...indexDefinitions.map(
      (index) => `  ${index.name} on ${index.table}: ${broken.includes(index) ? 'problem' : 'ok'}`,
    ),
  ];
}

/** Findings about a table as a whole: nothing of it can be called in place. */
function isWhole({ rule }: Finding): boolean {
  return rule === 'table_missing' || rule === 'table_unadopted';
}

function formatFinding(finding: Finding): string[] {
  return [
    `${finding.severity} ${finding.rule}: ${finding.message}`,
    ...finding.examples.map((example) => `    e.g. ${example}`),
    ...(finding.sql ?? '')
      .split('\n')
      .filter(Boolean)
      .map((line) => `    ${line}`),
  ];
}
