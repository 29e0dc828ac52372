// tillsync sql: one statement from the argument or stdin, or a prompt when somebody sits at a terminal.
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
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
      .argument('[query]', 'one SQL statement; - or nothing reads it from stdin, at a terminal nothing opens a prompt')
      .addHelpText(
        'after',
        examples(
          'tillsync sql "select name, price from integration_products_current order by name limit 10"',
          'tillsync sql --json < query.sql',
        ),
      )
      .action((query: string | undefined, _options: object, self: Command) =>
        withApp(
          self,
          async (app, signal) => {
            const json = optionsOf(self).json === true;
            if (query === undefined && process.stdin.isTTY) return await prompt(app, signal);
            await runStatement(app, query === undefined || query === '-' ? await readInput('-') : query, json);
            return 0;
          },
          { schema: 'embedded' },
        ),
      );
  },
};

async function runStatement(app: App, statement: string, json: boolean): Promise<void> {
  const result = await app.database.query(statement).catch(refused);
  // Several statements in one text give no single list of rows.
  const rows = result.rows ?? [];
  if (json) {
    writeJson({ data: rows, next: null, row_count: result.rowCount });
    return;
  }
  const names = Object.keys(rows[0] ?? {});
  if (names.length > 0) {
    writeOut(
      table(
        names.map((name) => ({ title: name, align: isNumeric(rows, name) ? 'right' : 'left' })),
        rows.map((row) => names.map((name) => cell(row[name]))),
      ),
    );
  }
  writeTalk(`(${counted(result.rowCount, 'row')})\n`);
}

// The statement is the caller's own, so PostgreSQL's words about it are for him; elsewhere they would be a bug of ours.
function refused(error: unknown): never {
  if (error instanceof TillsyncError || !(error instanceof Error && 'severity' in error)) throw error;
  throw new TillsyncError(`PostgreSQL refuses this statement: ${error.message}.`, {
    code: 'sql_refused',
    step: 'validation',
    effect: 'It changed nothing.',
    hint: 'Correct the statement; `tillsync sql "select tablename from pg_tables"` lists the tables.',
    exitCode: 1,
    cause: error,
  });
}

function isNumeric(rows: readonly Record<string, unknown>[], name: string): boolean {
  return rows.every((row) => row[name] === null || /^-?\d+(\.\d+)?$/.test(String(row[name])));
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
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
    await runStatement(app, statement, false);
  } catch (error) {
    if (!(error instanceof TillsyncError)) throw error;
    writeTalk(errorText(error));
  }
}
