// One line of CSV that a spreadsheet shows as text: quoted by RFC 4180, and no cell begins a formula.

// What a spreadsheet takes for a formula, or skips on the way to one.
const beginsFormula = /^[=+\-@\t\r\n\0]/;

/** A line with its CRLF. null is an empty cell; a cell that would be a formula gets an apostrophe before it. */
export function csvRow(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(cell: string | number | null): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = beginsFormula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
