// The log of whoever keeps none, as most verbs of the command: pino is thirty files that nobody has to load for that.
import type { Logger } from './log.ts';

function nothing(): void {
  // Nobody reads it.
}

/** Takes everything and writes nothing. */
export const silentLog = {
  info: nothing,
  warn: nothing,
  error: nothing,
  debug: nothing,
  child: () => silentLog,
} as unknown as Logger;
