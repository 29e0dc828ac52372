// tillsync sql: statements from the argument or stdin, or a prompt when somebody sits at a terminal.
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import type { SqlResult } from '../../../db/run-sql.ts';
import { TillsyncError } from '../../../errors.ts';
import { readInput } from '../../parse-options.ts';
import { errorText } from '../../print/error-text.ts';
import { counted } from '../../print/quantities.ts';
import { table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { withApp } from '../../with-app.ts';

export const sqlVerb: Verb = {
  define(command) {
    command
      .argument('[query]', 'SQL; - or nothing reads it from stdin, at a terminal nothing opens a prompt')
      .addHelpText(
        'after',
        `\nSeveral statements run in one transaction, each result in turn; with --json {"results": [{"data", "row_count"}]}.\n${examples(
          'tillsync sql "select name, price from integration_products_current order by name limit 10"',
          'tillsync sql --json < query.sql',
        )}`,
      )
      .action((query: string | undefined, _options: object, self: Command) =>
        withApp(
          self,
          async (app, signal) => {
            const json = optionsOf(self).json === true;
            if (query === undefined && process.stdin.isTTY) return await prompt(app, signal);
            await runStatements(app, query === undefined || query === '-' ? await readInput('-') : query, json);
            return 0;
          },
          { schema: 'embedded', asOwner: true },
        ),
      );
  },
};

// Refusals become sentences while the connection is held: it stays usable, and is not thrown away.
async function runStatements(app: App, statements: string, json: boolean): Promise<void> {
  const { runSql } = await import('../../../db/run-sql.ts');
  const results = await app.database.withConnection((connection) => runSql(connection, statements).catch(refused));
  if (!json) {
    for (const result of results) printResult(result);
    return;
  }
  const [first, ...others] = results.map(jsonOf);
  if (others.length > 0) writeJson({ results: [first, ...others] });
  else writeJson({ data: first?.data ?? [], next: null, row_count: first?.row_count ?? 0 });
}

function jsonOf({ columns, rows, rowCount }: SqlResult): { data: Record<string, unknown>[]; row_count: number } {
  const names = distinctNames(columns);
  return {
    data: rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]]))),
    row_count: rowCount ?? 0,
  };
}

/** ['count', 'count'] → ['count', 'count_2']: a key of a JSON object stands for one column only. */
function distinctNames(columns: readonly string[]): string[] {
  const taken = new Set(columns);
  const seen = new Set<string>();
  return columns.map((column) => {
    let name = column;
    for (let number = 2; seen.has(name) || (name !== column && taken.has(name)); number += 1) {
      name = `${column}_${number}`;
    }
    seen.add(name);
    return name;
  });
}

function printResult({ columns, rows, rowCount }: SqlResult): void {
  if (columns.length > 0 && rows.length > 0) {
    writeOut(
      table(
        columns.map((title, i) => ({ title, align: isNumeric(rows, i) ? 'right' : 'left' })),
        rows.map((row) => row.map(cell)),
      ),
    );
  }
  if (columns.length > 0) writeTalk(`(${counted(rows.length, 'row')})\n`);
  else writeTalk(rowCount === null ? '(done)\n' : `(${counted(rowCount, 'row')} affected)\n`);
}

// The statement is the caller's own, so PostgreSQL's words about it are for him; elsewhere they would be a bug of ours.
function refused(error: unknown): never {
  if (error instanceof TillsyncError || !(error instanceof Error && 'severity' in error)) throw error;
  throw new TillsyncError(`PostgreSQL refuses this statement: ${error.message}.`, {
    code: 'sql_refused',
    step: 'validation',
    effect: 'It changed nothing that it did not commit itself.',
    hint: 'Correct the statement; `tillsync sql "select tablename from pg_tables"` lists the tables.',
    exitCode: 1,
    cause: error,
  });
}

function isNumeric(rows: readonly (readonly unknown[])[], column: number): boolean {
  return rows.every((row) => row[column] === null || /^-?\d+(\.\d+)?$/.test(String(row[column])));
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

// Reads lines until one ends with a semicolon; \q, Ctrl-D and Ctrl-C leave.
async function prompt(app: App, signal: AbortSignal): Promise<number> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  signal.addEventListener('abort', () => lines.close(), { once: true });
  writeTalk(
    `${app.embedded === null ? 'Your PostgreSQL' : 'The embedded PostgreSQL'}. End with ; and leave with \\q.\n`,
  );
  lines.setPrompt('tillsync=> ');
  lines.prompt();
  let statement = '';
  for await (const line of lines) {
    if (line.trim() === '\\q') break;
    statement += `${line}\n`;
    if (line.trimEnd().endsWith(';')) {
      await attempt(app, statement);
      statement = '';
    }
    lines.setPrompt(statement.trim() === '' ? 'tillsync=> ' : 'tillsync-> ');
    lines.prompt();
  }
  lines.close();
  return 0;
}

// A wrong statement is told, and the prompt stays.
async function attempt(app: App, statement: string): Promise<void> {
  try {
    await runStatements(app, statement, false);
  } catch (error) {
    if (!(error instanceof TillsyncError)) throw error;
    writeTalk(errorText(error));
  }
}
