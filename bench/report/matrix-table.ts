// The matrix as text: one table per size, a line per contender, thousands of rows per second and the ratios.
import type { Contender, Scenario } from '../contender.ts';
import { type Cell, cellIn } from './cells.ts';
import { formatTable } from './format-table.ts';

/** A ratio column: the scenario, and whom its speed is compared with. */
const ratios: readonly { title: string; scenario: Scenario; against: string }[] = [
  { title: 'first xCOPY', scenario: 'first', against: 'limit_copy' },
  { title: 'first xPgREST', scenario: 'first', against: 'postgrest' },
  { title: 'unch xPgREST', scenario: 'unchanged', against: 'postgrest' },
  { title: 'unch xNango', scenario: 'unchanged', against: 'nango_shaped' },
  { title: 'unch xtouch', scenario: 'unchanged', against: 'limit_touch' },
  { title: '1% xPgREST', scenario: 'changed', against: 'postgrest' },
  { title: 'all xPgREST', scenario: 'all changed', against: 'postgrest' },
];
const speeds: readonly { title: string; scenario: Scenario }[] = [
  { title: 'first', scenario: 'first' },
  { title: 'unch', scenario: 'unchanged' },
  { title: 'reord', scenario: 'reordered' },
  { title: '1% chg', scenario: 'changed' },
  { title: 'all chg', scenario: 'all changed' },
  { title: '1% rem', scenario: 'removed' },
];

/** The table of one size. */
export function matrixTable(size: number, cells: readonly Cell[], contenders: readonly Contender[]): string {
  const header = [
    'k rows/s',
    ...speeds.map(({ title }) => title),
    ...ratios.map(({ title }) => title),
    'WAL KB first',
    'WAL KB unch',
    'node ms unch',
    'backend ms unch',
  ];
  const rows = contenders.map((contender) => {
    const cell = (scenario: Scenario) => cellIn(cells, { size, contender: contender.id, scenario });
    const unchanged = cell('unchanged');
    return [
      contender.label,
      ...speeds.map(({ scenario }) => figure(cell(scenario)?.krows)),
      ...ratios.map(({ scenario, against }) =>
        ratio(cell(scenario), cellIn(cells, { size, contender: against, scenario })),
      ),
      figure(cell('first')?.walKb),
      figure(unchanged?.walKb),
      figure(unchanged?.nodeMs),
      figure(unchanged?.backendMs),
    ];
  });
  return formatTable(header, rows);
}

function ratio(cell: Cell | undefined, against: Cell | undefined): string {
  return cell && against ? (against.ms / cell.ms).toFixed(2) : '';
}

/** Three digits that matter; empty for nothing. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '';
  if (value === 0) return '0';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
