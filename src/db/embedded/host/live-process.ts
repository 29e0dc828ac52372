// Whether a process lives, told by its id and start time, so that a reused id or a zombie never counts as alive.
import { readFileSync } from 'node:fs';

/** `<pid>-<start time>` of a running process; null when it does not run or is only a zombie. Linux only. */
export function processIdentity(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // No such process (or it ended while we read): it does not live.
    return null;
  }
  // The command name stands in parentheses and may hold anything; state is the 1st field after it, start time the 20th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  return state === 'Z' || state === 'X' || startTime === undefined ? null : `${pid}-${startTime}`;
}

/** The arguments that a process was started with; empty when it does not run. */
export function processArguments(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // As above: it does not run.
    return [];
  }
}
