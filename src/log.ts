// The log: JSON lines on stderr, without secrets (by name and by form), control characters escaped by JSON itself.
import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { TillsyncError } from './errors.ts';

export type Logger = Pick<PinoLogger, 'info' | 'warn' | 'error' | 'debug' | 'child'>;

// Names whose text values never reach the log, at any depth. Numbers pass: a run's fencing token is a counter.
const secretName = /^key$|secret|passw|token|authorization|credential|cookie|(api|encryption|admin|private)[-_]?key/i;
// Secrets inside texts: the password of a URL, and what follows Bearer or Basic.
const urlPassword = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:)[^\s@/]+@/gi;
const authorization = /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi;

/**
 * Opens the log. `level` as in TILLSYNC_LOG_LEVEL: 'silent', 'error', 'warn', 'info', 'debug'.
 * `destination` takes whole lines; default stderr. `redact` takes known secrets out of every text.
 */
export function openLog(
  level: string,
  destination: DestinationStream = stderr(),
  redact: (text: string) => string = (text) => text,
): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: loggedError } };
  return pino(options, { write: (line) => destination.write(`${withoutSecrets(line, redact)}\n`) });
}

// A disk that is full, or a terminal that is gone, takes a line of the log and nothing else.
function stderr(): DestinationStream {
  const destination = pino.destination({ dest: 2, sync: true });
  destination.on('error', () => undefined);
  return destination;
}

// An error that is meant for a person is no bug: where in our code it was made helps nobody. Any other keeps its stack.
function loggedError(error: Error): object {
  if (!(error instanceof TillsyncError)) return pino.stdSerializers.err(error);
  const { code, step, message, effect, hint, sql, facts, cause } = error;
  return { code, step, message, effect, hint, sql, facts, cause: cause instanceof Error ? cause.message : undefined };
}

function withoutSecrets(line: string, redact: (text: string) => string): string {
  return JSON.stringify(withoutSecretsIn(JSON.parse(line), redact));
}

/** A value of JSON without secrets, at any depth: by the names of members, by form, and what `redact` takes out of texts. */
export function withoutSecretsIn(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') {
    // Known ones first: a shape may end in the middle of one, and its rest would not be found.
    return redact(value).replace(urlPassword, '$1[redacted]@').replace(authorization, '$1 [redacted]');
  }
  if (Array.isArray(value)) return value.map((member) => withoutSecretsIn(member, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      redact(name),
      isHidden(name, member) ? '[redacted]' : withoutSecretsIn(member, redact),
    ]),
  );
}

function isHidden(name: string, value: unknown): boolean {
  return secretName.test(name) && value !== null && typeof value !== 'number' && typeof value !== 'boolean';
}
