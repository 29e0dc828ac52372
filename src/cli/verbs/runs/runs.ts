// tillsync runs: Sync History, one run in full, the decision on a plan that waits, and the end of a run under way.
import type { Command } from 'commander';
import { TillsyncError } from '../../../errors.ts';
import { type Run, type RunStatus, runStatuses } from '../../../records/runs/run.ts';
import type { Backend } from '../../backend/backend.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { exitCodes } from '../../exit-code.ts';
import { wholeNumber } from '../../parse-options.ts';
import { openProgressLine } from '../../print/progress-line.ts';
import { count, duration, time } from '../../print/quantities.ts';
import { receipt, summary } from '../../print/receipt.ts';
import { fields, table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { advice, reportRun } from '../../run-outcome.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { defineLogs } from './logs.ts';
import { defineRedo } from './redo.ts';

interface ListOptions {
  config?: string;
  source?: string;
  parent?: string;
  status?: RunStatus;
  limit?: number;
  cursor?: string;
}

interface ApproveOptions {
  confirm?: number;
}

export const runsVerb: Verb = {
  define(command) {
    command.addHelpText('after', examples('tillsync runs list', 'tillsync runs list --status held'));
    defineList(command);
    command
      .command('show <run>')
      .description('One run in full: counts, notes, rejects, duplicates, why it was held')
      .addHelpText('after', examples('tillsync runs show 01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b'))
      .action((id: string, _options: object, self: Command) => withBackend(self, (of) => show(of, id, self)));
    defineLogs(command);
    command
      .command('approve <run>')
      .description('Apply the plan of a held or dry run, exactly as it was shown; a changed one is stale')
      .option('--confirm <count>', 'changes that you saw; a plan with another number is refused', wholeNumber(0, 1e12))
      .addHelpText(
        'after',
        `\nThe count is created + updated + removed + restored, as in the receipt.\n${examples(
          'tillsync runs approve 01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b',
          'tillsync runs approve 01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b --confirm 12',
        )}`,
      )
      .action((id: string, _options: ApproveOptions, self: Command) =>
        withBackend(self, (of, signal) => approve(of, { id, signal, options: optionsOf<ApproveOptions>(self) }), {
          stopsItself: true,
        }),
      );
    command
      .command('discard <run>')
      .description('Close a held or dry run without writing anything')
      .addHelpText('after', examples('tillsync runs discard 01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b'))
      .action((id: string, _options: object, self: Command) => withBackend(self, (of) => discard(of, id, self)));
    command
      .command('cancel <run>')
      .description('End a run that waits or is under way; a save is whole or not at all')
      .addHelpText('after', examples('tillsync runs cancel 01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b'))
      .action((id: string, _options: object, self: Command) => withBackend(self, (of) => cancel(of, id, self)));
    defineRedo(command);
  },
};

function defineList(command: Command): void {
  command
    .command('list')
    .description('Sync History, newest first')
    .option('--config <config>', 'only runs of this config (id or exact name)')
    .option('--source <id>', 'only runs of this source')
    .option('--parent <run>', 'only what was asked for with this run of a concept or company')
    .addOption(command.createOption('--status <status>', 'only runs with this status').choices(runStatuses))
    .option('--limit <number>', 'rows to show (default: 20)', wholeNumber(1, 1000))
    .option('--cursor <cursor>', 'go on where a list ended')
    .addHelpText('after', examples('tillsync runs list', 'tillsync runs list --status held --json'))
    .action((_options: ListOptions, self: Command) =>
      withBackend(self, async (of) => {
        const { config, source, parent, status, limit, cursor, json } = optionsOf<ListOptions>(self);
        const configId = config === undefined ? undefined : (await of.findConfig(config)).id;
        const page = await of.listRuns({ configId, sourceId: source, parentId: parent, status, limit, cursor });
        if (json) writeJson(page);
        else writeOut(runTable(page.data));
        if (!json && page.next !== null) writeTalk(`More: --cursor ${page.next}\n`);
        return 0;
      }),
    );
}

/** Sync History as a table. */
export function runTable(runs: readonly Run[]): string {
  return table(
    [
      { title: 'RUN' },
      { title: 'TIME' },
      { title: 'SOURCE' },
      { title: 'STATUS' },
      { title: 'TRIGGER' },
      { title: 'TOOK', align: 'right' },
      { title: 'ITEMS', align: 'right' },
      { title: 'RESULT' },
    ],
    runs.map((run) => [
      run.id,
      time(run.created_at),
      run.source_name ?? '–',
      run.hold?.resolution ? `${run.status} (${run.hold.resolution})` : run.status,
      run.trigger,
      tookOf(run),
      count(run.items_synced),
      summary(run),
    ]),
    'No runs yet. Start one with `tillsync sync <config>`.',
  );
}

function tookOf(run: Run): string {
  if (run.started_at === null || run.finished_at === null) return '–';
  return duration(Date.parse(run.finished_at) - Date.parse(run.started_at));
}

async function show(backend: Backend, id: string, self: Command): Promise<number> {
  const run = await backend.showRun(id);
  const rejects = await backend.listRejects(run.id);
  const duplicates = await backend.listDuplicates(run.id);
  if (optionsOf(self).json) {
    writeJson({ ...run, rejects, duplicates });
    return 0;
  }
  writeOut(`${receipt(run)}\n`);
  writeOut(
    fields([
      ['run', run.id],
      ['config', run.config_id],
      ['source', run.source_id],
      ['requested by', run.requested_by],
      ['mode', run.mode],
      ['attempt', run.attempt === 1 ? null : String(run.attempt)],
      ['does over', run.retry_of_run_id],
      ['part of', run.parent_id],
      ['started', time(run.started_at)],
      ['finished', time(run.finished_at)],
      ['complete', run.complete === null ? null : run.complete ? 'yes' : 'no'],
      ['applies', run.applies_run_id],
      ['hold', run.hold === null ? null : (run.hold.resolution ?? 'open')],
    ]),
  );
  const rows = rejects.data.map((row) => [row.kind, row.external_id ?? '–', row.reason, row.message]);
  if (rows.length > 0) {
    const columns = ['KIND', 'ID', 'REASON', 'REJECTED BECAUSE'].map((title) => ({ title }));
    writeOut(`\n${table(columns, rows)}`);
  }
  const twice = duplicates.data.map((row) => [
    row.kind,
    row.external_id,
    row.path_id ?? '–',
    String(row.copies),
    row.identical ? 'same' : 'different',
  ]);
  if (twice.length > 0) {
    const columns = ['KIND', 'ID', 'PATH', 'COPIES', 'CONTENT'].map((title) => ({ title }));
    writeOut(`\n${table(columns, twice)}`);
  }
  writeTalk(advice(run));
  return 0;
}

async function approve(
  backend: Backend,
  of: { id: string; signal: AbortSignal; options: ApproveOptions & { json?: boolean } },
): Promise<number> {
  const line = openProgressLine();
  const approval = { runId: of.id, confirm: of.options.confirm };
  const waiting = { signal: of.signal, onProgress: line.show };
  try {
    const run = await backend.approveRun(approval, waiting);
    line.end();
    return reportRun(run, of.options.json === true);
  } catch (error) {
    line.end();
    if (!of.signal.aborted || error instanceof TillsyncError) throw error;
    writeTalk('Stopped following; the run that applies it goes on.\n');
    return exitCodes.tryLater;
  }
}

async function cancel(backend: Backend, id: string, self: Command): Promise<number> {
  const run = await backend.cancelRun(id);
  if (optionsOf(self).json) writeJson(run);
  else if (run.status === 'cancelled') writeOut(`Cancelled run ${run.id}. Your catalog was not changed.\n`);
  else writeOut(`Asked run ${run.id} to end; its process obeys within two seconds, or saves as a whole.\n`);
  return 0;
}

async function discard(backend: Backend, id: string, self: Command): Promise<number> {
  const run = await backend.discardRun(id);
  if (optionsOf(self).json) writeJson(run);
  else writeOut(`Discarded run ${run.id}. Nothing was written; the next sync plans anew.\n`);
  return 0;
}
