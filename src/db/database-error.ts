// PostgreSQL's errors as one sentence each; the raw SQLSTATE stays in `facts` for the log.
import { type ErrorDetails, TillsyncError } from '../errors.ts';
import { isOutdated } from './statement-names.ts';

interface PostgresError extends Error {
  code?: string;
  constraint?: string;
  table?: string;
  column?: string;
}

type Sentence = Pick<ErrorDetails, 'code' | 'hint'> & Partial<ErrorDetails> & { message(error: PostgresError): string };

const later = { retry: 'later' } as const;
const rejectsHint = 'Look at the rejected items of the run.';
const verifyHint = 'Run `tillsync verify` to compare the tables with what tillsync expects.';
const busy: Sentence = {
  code: 'connections_busy',
  message: () =>
    'No connection to the database was free for ten seconds: this process uses all of its own, or none can be opened.',
  hint: 'Try again; if it happens often, look at the database in pg_stat_activity.',
  ...later,
};
const lost: Sentence = {
  code: 'database_unreachable',
  message: () => 'The database cannot be reached.',
  hint: 'Check that it runs and that DATABASE_URL is right.',
  ...later,
};
const outdated: Sentence = {
  code: 'schema_changed',
  message: () => 'The tables were changed while this went on.',
  hint: 'Try again.',
  ...later,
};

/** SQLSTATE or its class (two characters) → what a person reads. */
const sentences: Readonly<Record<string, Sentence>> = {
  '42P10': {
    code: 'key_missing',
    message: () => 'A save found no unique key that matches its conflict columns.',
    hint: 'Run `tillsync verify` to see which key is missing, and `tillsync verify --fix` to make it.',
  },
  '23505': {
    code: 'key_conflict',
    message: (error) => `Another writer saved the same key meanwhile${named(error.constraint)}.`,
    hint: 'Sync again; if it happens again, run `tillsync verify` to look for an extra unique key.',
    ...later,
  },
  '21000': {
    code: 'key_twice_in_statement',
    message: () => 'One statement held the same key twice.',
    hint: 'Report this: tillsync removes repeated keys before it writes.',
  },
  '23502': {
    code: 'key_null',
    message: (error) => `A required value is missing${named(error.column)}.`,
    hint: verifyHint,
  },
  '23514': {
    code: 'check_violated',
    message: (error) => `A row breaks a rule of its table${named(error.constraint)}.`,
    hint: verifyHint,
  },
  '55000': {
    code: 'key_deferrable',
    message: () => 'A unique key is deferrable and cannot decide conflicts.',
    hint: 'Run `tillsync verify --fix` to replace it.',
  },
  '22P05': unstorable('text_unstorable', 'A text holds a character that PostgreSQL cannot store.'),
  '22021': unstorable('text_unstorable', 'A text holds a character that PostgreSQL cannot store.'),
  '22P02': unstorable('value_unstorable', 'A value does not fit the type of its column.'),
  '22003': unstorable('number_out_of_range', 'A number is too large for its column.'),
  '54000': unstorable('value_too_large', 'A value is larger than an index allows.'),
  '54001': unstorable('value_too_deep', 'A value is nested deeper than PostgreSQL allows.'),
  '53100': {
    code: 'disk_full',
    message: () => 'The disk of the database is full.',
    hint: 'Free space on the database server, then sync again.',
    ...later,
  },
  '53300': {
    code: 'too_many_connections',
    message: () => 'The database has no free connection.',
    hint: 'Raise max_connections or stop other clients, then try again.',
    ...later,
  },
  '57014': {
    code: 'statement_timeout',
    message: () => 'A statement took longer than allowed, or was cancelled.',
    hint: 'Try again when the database is less busy.',
    ...later,
  },
  '55P03': {
    code: 'lock_timeout',
    message: () => 'Another session holds a lock on the tables for too long.',
    hint: 'Find it in pg_stat_activity, or try again later.',
    ...later,
  },
  '25006': {
    code: 'database_read_only',
    message: () => 'The database is read-only (a standby, or default_transaction_read_only is on).',
    hint: 'Point tillsync at the primary server.',
  },
  '25P03': {
    code: 'transaction_idle',
    message: () => 'The database ended a transaction that stood idle too long.',
    hint: 'Sync again.',
    ...later,
  },
  '40P01': {
    code: 'deadlock',
    message: () => 'The save met a deadlock with another writer.',
    hint: 'Sync again.',
    ...later,
  },
  '40001': {
    code: 'serialization_failure',
    message: () => 'The save met a concurrent change.',
    hint: 'Sync again.',
    ...later,
  },
  '42501': {
    code: 'privilege_missing',
    message: (error) => `The database user may not do this${objectOf(error)}.`,
    hint: 'Run `tillsync verify` to see the missing privileges.',
  },
  '42P01': {
    code: 'schema_missing',
    message: (error) => `A table is missing${objectOf(error)}.`,
    hint: 'Run `tillsync migrate`.',
  },
  '42703': {
    code: 'schema_missing',
    message: (error) => `A column is missing${objectOf(error)}.`,
    hint: 'Run `tillsync migrate`, then `tillsync verify`.',
  },
  '28': {
    code: 'database_login_refused',
    message: () => 'The database refused the login.',
    hint: 'Check user and password in DATABASE_URL.',
    exitCode: 2,
  },
  '3D': {
    code: 'database_unknown',
    message: (error) => `The database does not exist${objectOf(error)}.`,
    hint: 'Check DATABASE_URL.',
    exitCode: 2,
  },
  '57': {
    code: 'database_unavailable',
    message: () => 'The database ended the connection (restart or shutdown).',
    hint: 'Try again when it is back.',
    ...later,
  },
  '08': {
    code: 'database_unavailable',
    message: () => 'The connection to the database was lost.',
    hint: 'Try again when it is back.',
    ...later,
  },
};

function unstorable(code: string, text: string): Sentence {
  return { code, message: () => text, hint: rejectsHint };
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'ENOENT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
// The last is the driver's own, when no answer came in time.
const lostText = /Connection terminated|encountered a connection error|Query read timeout/;
// The pool gave up waiting: all its connections are taken, or none can be opened.
const busyText = /timeout exceeded when trying to connect/;

function named(name: string | undefined): string {
  return name ? ` (${name})` : '';
}

// PostgreSQL's own words may hold anything, and go to people who call over HTTP; the name of the object is what they need.
const objectWords =
  /^(?:permission denied for \w+|must be owner of \w+|relation|column|database|new row violates row-level security policy for table) "?([\w.]{1,127})"?(?: of relation "\w+")?(?: does not exist)?$/;

function objectOf({ message }: PostgresError): string {
  return named(objectWords.exec(message)?.[1]);
}

/** The TillsyncError for whatever `pg` threw; errors that are none of PostgreSQL's come back unchanged. */
export function databaseError(thrown: unknown): unknown {
  if (thrown instanceof TillsyncError || !(thrown instanceof Error)) return thrown;
  const error = thrown as PostgresError;
  const code = error.code ?? '';
  const isLost = networkCodes.has(code) || lostText.test(error.message);
  const byState = /^[0-9A-Z]{5}$/.test(code) ? (sentences[code] ?? sentences[code.slice(0, 2)]) : undefined;
  const sentence = isLost ? lost : busyText.test(error.message) ? busy : isOutdated(error) ? outdated : byState;
  if (!sentence) return thrown;
  const { message, ...details } = sentence;
  const broken = isLost || code.startsWith('57P') || code.startsWith('08') || code === '25P03';
  return new TillsyncError(message(error), {
    step: 'save',
    ...details,
    cause: error,
    facts: {
      sqlstate: code,
      ...(error.constraint ? { constraint: error.constraint } : {}),
      ...(error.table ? { table: error.table } : {}),
      ...(broken ? { connection: 'broken' } : {}),
    },
  });
}
