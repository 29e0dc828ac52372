// A test of a connection for a person: one line per step, the fix below the one that failed, then what the items look like.
import type { CheckedStep, CheckReport } from '../../../sync/check/check-step.ts';
import { type Colour, paint } from '../../print/paint.ts';
import { printable } from '../../print/printable.ts';
import { table } from '../../print/table.ts';

/** The line of one step, with its fix where it failed; each line ended by a newline. */
export function checkStepText({ step, ok, skipped, message, hint }: CheckedStep): string {
  const [mark, colour]: [string, Colour] = ok ? ['✓', 'green'] : skipped ? ['–', 'gray'] : ['✗', 'red'];
  const line = `${paint(colour, mark)} ${step.padEnd(10)}  ${printable(message)}\n`;
  return hint === null || ok ? line : `${line}  ${''.padEnd(10)}  Fix: ${printable(hint)}\n`;
}

/** What stands below the steps: what was not tried, and up to three items; '' when there is neither. */
export function checkEndText({ steps, items }: Pick<CheckReport, 'steps' | 'items'>): string {
  const skipped = steps.filter((step) => step.skipped).map(checkStepText);
  if (items.length === 0) return skipped.join('');
  const columns = ['KIND', 'ID', 'NAME', 'PRICE', 'AVAILABLE'].map((title) => ({ title }));
  const rows = items.map(({ kind, external_id, name, price, currency, is_available }) => [
    kind,
    external_id,
    name ?? '–',
    price === null ? '–' : `${price}${currency === null ? '' : ` ${currency}`}`,
    is_available === null ? '–' : is_available ? 'yes' : 'no',
  ]);
  return `${skipped.join('')}\n${table(columns, rows)}`;
}
