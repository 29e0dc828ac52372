// Runs a text of SQL that a person wrote: every statement's result with its columns in order, times as the server's text.
import pg from 'pg';
import { inputError } from '../errors.ts';
import { parseJson } from '../json.ts';
import type { Connection } from './database.ts';
import { databaseError } from './database-error.ts';

/** What one statement gave. Columns may have the same name twice. */
export interface SqlResult {
  columns: string[];
  rows: unknown[][];
  /** Rows returned or affected; null where the statement speaks of none, such as CREATE TABLE. */
  rowCount: number | null;
}

const { builtins } = pg.types;
const asText = new Set<number>([
  builtins.DATE,
  builtins.TIMESTAMP,
  builtins.TIMESTAMPTZ,
  builtins.INTERVAL,
  builtins.BYTEA,
]);
// date[], timestamp[], timestamptz[], interval[], bytea[]: lists of the same texts, read as text[] is.
const asTexts = new Set([1182, 1115, 1185, 1187, 1001]);
const textList: number = 1009;

const types: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (asText.has(oid)) return (text: string) => text;
    if (asTexts.has(oid)) return pg.types.getTypeParser(textList, format);
    if (oid === builtins.JSON || oid === builtins.JSONB) return parseJson;
    return pg.types.getTypeParser(oid, format);
  },
};

/**
 * Runs one or several statements, in one transaction unless they say otherwise; one result for each, in order.
 * Dates, times, intervals and bytes come as the server's text; the rest as everywhere.
 * Throws TillsyncError copy_not_possible before anything runs; PostgreSQL's own refusals as databaseError gives them.
 */
export async function runSql(connection: Connection, statements: string): Promise<SqlResult[]> {
  refuseCopy(statements);
  await connection.announce(statements);
  try {
    const answer = (await connection.client.query({ text: statements, rowMode: 'array', types })) as
      | pg.QueryArrayResult<unknown[]>
      | pg.QueryArrayResult<unknown[]>[];
    return (Array.isArray(answer) ? answer : [answer]).map((result) => ({
      columns: result.fields.map((field) => field.name),
      rows: result.rows,
      rowCount: result.rowCount,
    }));
  } catch (error) {
    throw databaseError(error);
  }
}

// Comments, and whatever is quoted: nothing in them is a word of the statement.
const notWords =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\be'(?:\\[\s\S]|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|\$((?:[a-z_]\w*)?)\$[\s\S]*?\$\1\$/gi;

// The bytes of such a COPY would go past the result, or be waited for.
function refuseCopy(statements: string): void {
  const words = statements.replace(notWords, ' ');
  if (!words.split(';').some((text) => /^\s*copy\b.*\b(?:to\s+stdout|from\s+stdin)\b/is.test(text))) return;
  throw inputError(
    'copy_not_possible',
    'COPY to stdout and COPY from stdin are not possible here.',
    'Use a SELECT with --json to read, `tillsync save` to write items, or psql.',
  );
}
