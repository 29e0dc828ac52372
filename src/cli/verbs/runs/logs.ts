// tillsync runs logs <run>: what happened in a run, line by line, also while it happens.
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { inputError } from '../../../errors.ts';
import type { Page } from '../../../records/cursor.ts';
import type { LogLine } from '../../../records/run-log/log-line.ts';
import { afterLine, listLog } from '../../../records/run-log/read-log.ts';
import { getRun } from '../../../records/runs/read-runs.ts';
import type { Run } from '../../../records/runs/run.ts';
import { wholeNumber } from '../../parse-options.ts';
import { logText } from '../../print/log-text.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf } from '../../verb.ts';
import { withApp } from '../../with-app.ts';

interface LogsOptions {
  follow?: boolean;
  limit?: number;
  cursor?: string;
}

const preset = 1_000;
const pollMilliseconds = 500;
// The last lines are written a moment after the run has its end; of a run whose log could not be written they never come.
const looksAfterEnd = 10;

/** Adds `logs` to the verb `runs`. */
export function defineLogs(command: Command): void {
  command
    .command('logs <run>')
    .description('What happened in a run: phases, pages, waits and their reasons, tries, how it ended')
    .option('--follow', 'go on until the run ends')
    .option('--limit <number>', 'lines to show (default: 1000)', wholeNumber(1, 1000))
    .option('--cursor <cursor>', 'go on where a list ended')
    .addHelpText(
      'after',
      `\nLines of a run at work come with its heartbeat, a third of its lease apart.\n${examples(
        'tillsync runs logs 01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b',
        'tillsync runs logs 01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b --follow',
      )}`,
    )
    .action((id: string, _options: LogsOptions, self: Command) => withApp(self, (app) => logs(app, id, self)));
}

async function logs(app: App, id: string, self: Command): Promise<number> {
  const { follow, json, limit = preset, cursor } = optionsOf<LogsOptions>(self);
  const run = await getRun(app.database, id);
  if (run === null) throw inputError('run_unknown', `No run has the id ${id}.`, 'List them with `tillsync runs list`.');
  const show = (line: LogLine) => (json ? undefined : writeOut(logText(line)));
  const page = await readPage(app, run, { limit, cursor });
  for (const line of page.data) show(line);
  if (follow === true) {
    page.data.push(...(await followLog(app, run, { after: page.data.at(-1), show })));
    page.next = null;
  }
  if (json) writeJson(page);
  else if (page.next !== null) writeTalk(`More: --cursor ${page.next}\n`);
  else if (page.data.length === 0)
    writeTalk('This run has no lines: it has not begun, or they were kept long enough.\n');
  return 0;
}

async function readPage(app: App, run: Run, of: { limit: number; cursor: string | undefined }): Promise<Page<LogLine>> {
  if (run.source_id === null) return { data: [], next: null };
  return await listLog(app.database, { sourceId: run.source_id, runId: run.id, ...of });
}

/** The lines after a line, each shown as it comes, until the run has ended. */
async function followLog(
  app: App,
  run: Run,
  of: { after: LogLine | undefined; show: (line: LogLine) => void },
): Promise<LogLine[]> {
  const { followRun } = await import('../../../sync/follow-run.ts');
  const lines: LogLine[] = [];
  for (let ended = 0; ; ) {
    const { status } = await followRun(app.deps, run.id, { timeoutMs: pollMilliseconds });
    if (status !== 'queued' && status !== 'in_progress') ended += 1;
    for (;;) {
      const last = lines.at(-1) ?? of.after;
      const cursor = last === undefined ? undefined : afterLine(last);
      const { data } = await readPage(app, run, { limit: preset, cursor });
      for (const line of data) of.show(line);
      lines.push(...data);
      if (data.length < preset) break;
    }
    const event = (lines.at(-1) ?? of.after)?.event;
    if (ended > 0 && (event === 'end' || event === 'interrupted' || ended === looksAfterEnd)) return lines;
    // An ended run is answered at once.
    if (ended > 0) await pause(pollMilliseconds / 2);
  }
}
