// An error for a person: what happened, what it did to the data, the fix, and where to read on.
import type { ErrorRecord } from '../../errors.ts';
import { printable } from './printable.ts';

/** The lines of an error, each ended by a newline; never a stack. */
export function errorText(
  error: Pick<ErrorRecord, 'message' | 'effect' | 'hint' | 'doc'> & { sql?: string | undefined },
): string {
  const lines = [printable(error.message), `  ${printable(error.effect)}`, `  Fix: ${printable(error.hint)}`];
  // SQL keeps its line breaks: it is there to be copied.
  if (error.sql !== undefined) lines.push(...error.sql.split('\n').map((line) => `  SQL: ${printable(line)}`));
  lines.push(`  More: ${error.doc}`);
  return `${lines.join('\n')}\n`;
}
