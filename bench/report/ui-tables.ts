// The tables of --ui: the slowest lists of each page, the viewers, and the click.
import { quantile } from '../measure/statistics.ts';
import type { FirstChangeResult } from '../ui/first-change.ts';
import type { PageLatency } from '../ui/measure-pages.ts';
import type { UiResult } from '../ui/run-ui.ts';
import { formatTable } from './format-table.ts';
import { figure } from './matrix-table.ts';

/** Per page and caller: lists that were asked for, their middle, the worst p95 and whose it is; then the rest. */
export function uiTables({ size, pages, viewers, firstChange }: UiResult): string {
  const groups = Map.groupBy(pages, ({ page, caller }) => `${page}, ${caller}`);
  const rows = [...groups].map(([name, lists]) => {
    const worst = lists.reduce((most, each) => (each.p95 > most.p95 ? each : most));
    const middle = quantile(
      lists.map(({ p50 }) => p50),
      0.5,
    );
    return [name, String(lists.length), figure(middle), figure(worst.p95), worst.filters];
  });
  const share = (of: number) => `${(of * 100).toFixed(0)} %`;
  const live = [
    ['server process', share(viewers.server), share(viewers.serverAlone)],
    ['PostgreSQL', share(viewers.postgres), share(viewers.postgresAlone)],
  ];
  const count = (n: number) => n.toLocaleString('en-US');
  return [
    `${count(size.runs)} runs, ${count(size.items)} items, ${count(size.auditEntries)} entries of the audit log, ${count(size.sites)} sites`,
    ...(rows.length === 0 ? [] : [formatTable(['page, caller', 'lists', 'p50 ms', 'worst p95 ms', 'of'], rows)]),
    formatTable([`${viewers.viewers} viewers`, 'share of a core', 'without them'], live),
    `${figure(viewers.answersPerSecond)} answers and events per second`,
    ...(firstChange === null ? [] : [clickTable(firstChange)]),
  ].join('\n\n');
}

function clickTable({ clicks, change, changeP95, step, receipt }: FirstChangeResult): string {
  return formatTable(
    [`Sync now, median of ${clicks}`, 'ms'],
    [
      ['first visible change', figure(change)],
      ['first visible change, p95', figure(changeP95)],
      ['first live step', figure(step)],
      ['receipt of 1,120 items', figure(receipt)],
    ],
  );
}

/** The slowest list over all callers; NaN of none. */
export function worstP95(pages: readonly PageLatency[]): number {
  return pages.length === 0 ? Number.NaN : Math.max(...pages.map(({ p95 }) => p95));
}
