// Aligned columns for a terminal: a header, two spaces between columns, numbers to the right, no lines.
import { shortened } from './printable.ts';

export interface Column {
  title: string;
  /** Numbers go right; default left. */
  align?: 'left' | 'right';
}

// A longer cell is cut; --json has the whole of it.
const widest = 60;

/** The table's lines, each ended by a newline; `empty` instead when there are no rows. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], empty = 'None.'): string {
  if (rows.length === 0) return `${empty}\n`;
  const cells = [columns.map((column) => column.title), ...rows].map((row) =>
    columns.map((_, i) => shortened(row[i] ?? '', widest)),
  );
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => [...(row[i] ?? '')].length)));
  const lines = cells.map((row) =>
    row
      .map((cell, i) => {
        const space = ' '.repeat((widths[i] ?? 0) - [...cell].length);
        return columns[i]?.align === 'right' ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** 'name  value' lines with aligned values; null values are shown as –. */
export function fields(pairs: readonly (readonly [string, string | null])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${shortened(value ?? '–', 200)}\n`).join('');
}
