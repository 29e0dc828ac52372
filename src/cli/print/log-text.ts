// One line of a run's log for a terminal: time, phase, message; waits and what went wrong stand out.
import type { LogLine } from '../../records/run-log/log-line.ts';
import { paint } from './paint.ts';
import { printable } from './printable.ts';

/** '2026-11-22 08:31:07.123  fetch   page 1: 70 bytes in 12 ms', ended by a newline. */
export function logText(line: LogLine): string {
  const time = paint('gray', `${line.at.slice(0, 10)} ${line.at.slice(11, 23)}`);
  const message = printable(line.message);
  const shown =
    line.level === 'error' ? paint('red', message) : line.level === 'warn' ? paint('yellow', message) : message;
  return `${time}  ${paint('cyan', (line.phase ?? '').padEnd(6))}  ${shown}\n`;
}
