// PASS or FAIL per goal, and the gates' findings in words.
import type { Finding } from '../gates/gate.ts';
import type { Verdict } from '../goals.ts';
import { formatTable } from './format-table.ts';
import { figure } from './matrix-table.ts';

/** A line per goal that was measured, and one that counts the others. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const measured = verdicts.filter(({ verdict }) => verdict !== 'not measured');
  const rows = measured.map(({ goal, needed, value, verdict }) => [`${verdict}  ${goal}`, needed, figure(value)]);
  const failed = measured.filter(({ verdict }) => verdict === 'FAIL').length;
  const left = verdicts.length - measured.length;
  const table = rows.length > 0 ? `${formatTable(['goal', 'needed', 'measured'], rows)}\n` : '';
  return `${table}${measured.length - failed} met, ${failed} missed, ${left} not measured by this run`;
}

/** One line. */
export function findingLine({ gate, contender, value, said }: Finding): string {
  return `${contender}, ${gate}: ${figure(value) || 'not measured,'} ${said}`;
}
