// The log: JSON lines on stderr, never a secret, control characters escaped by JSON itself.
import { type Logger as PinoLogger, pino } from 'pino';

export type Logger = Pick<PinoLogger, 'info' | 'warn' | 'error' | 'debug' | 'child'>;

// Key names whose values never reach the log, at the top and one level down.
const secretNames = ['credentials', 'secrets', 'authorization', 'password', 'token', 'api_key', 'apiKey', 'key'];

/** Opens the log. `level` as in pino: 'silent', 'error', 'warn', 'info', 'debug'. */
export function openLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
