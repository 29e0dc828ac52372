// tillsync sync <config>: one sync now, in this process; or it follows the one that runs already.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import type { Run } from '../../../records/runs/run.ts';
import { exitCodes } from '../../exit-code.ts';
import { findConfig } from '../../find-config.ts';
import { openProgressLine } from '../../print/progress-line.ts';
import { writeJson, writeTalk } from '../../print/write.ts';
import { reportRun } from '../../run-outcome.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, withApp } from '../../with-app.ts';

interface SyncOptions {
  full?: boolean;
  dryRun?: boolean;
  wait?: boolean;
}

export const syncVerb: Verb = {
  define(command) {
    command
      .argument('<config>', 'id or exact name of the config')
      .option('--full', 'read everything and compare every item, even where the POS says that nothing changed')
      .option(
        '--dry-run',
        'plan only: nothing is written, `tillsync diff` shows it, `tillsync runs approve` applies it',
      )
      .option('--wait', 'follow a sync of this source that is running already, instead of ending with code 5')
      .addHelpText(
        'after',
        `\nThe sync runs in this process, with or without --wait; Ctrl-C cancels it and changes nothing.\n${examples(
          'tillsync sync "QU POS" --wait',
          'tillsync sync "QU POS" --dry-run --json',
        )}`,
      )
      .action((named: string, _options: SyncOptions, self: Command) =>
        withApp(self, (app, signal) => sync(app, { named, options: optionsOf<SyncOptions>(self), signal }), {
          stopsItself: true,
        }),
      );
  },
};

async function sync(
  app: App,
  given: { named: string; options: SyncOptions & { json?: boolean }; signal: AbortSignal },
): Promise<number> {
  const { options, signal } = given;
  const json = options.json === true;
  const { requestSync } = await import('../../../sync/request-sync.ts');
  const config = await findConfig(app.database, given.named);
  const { run, alreadyActive } = await requestSync(app.deps, {
    configId: config.id,
    trigger: 'cli',
    requestedBy: requestedBy(),
    dryRun: options.dryRun === true,
    mode: 'full',
  });
  if (!alreadyActive) {
    const { runSync } = await import('../../../sync/run-sync.ts');
    const line = openProgressLine();
    const ended = await runSync(app.deps, run.id, {
      signal,
      onProgress: line.show,
      compareAll: options.full === true,
    }).finally(line.end);
    return reportRun(ended, json);
  }
  if (options.wait === true) return await follow(app, { run, json, signal });
  writeTalk(`A sync of this source is already running (run ${run.id}, by ${run.requested_by ?? 'somebody'}).\n`);
  writeTalk('  Nothing was started.\n  Fix: Wait for it, or follow it with --wait.\n');
  if (json) writeJson(run);
  return exitCodes.alreadyRunning;
}

async function follow(app: App, of: { run: Run; json: boolean; signal: AbortSignal }): Promise<number> {
  const { followRun } = await import('../../../sync/follow-run.ts');
  writeTalk(`Following run ${of.run.id}, which is running already (by ${of.run.requested_by ?? 'somebody'}).\n`);
  const line = openProgressLine();
  try {
    const ended = await followRun(app.deps, of.run.id, {
      signal: of.signal,
      onProgress: (run) => line.show({ phase: run.phase ?? run.status, ...numbersOf(run) }),
    });
    line.end();
    return reportRun(ended, of.json);
  } catch (error) {
    line.end();
    if (!of.signal.aborted) throw error;
    writeTalk(`Stopped following; run ${of.run.id} goes on.\n`);
    return exitCodes.tryLater;
  }
}

function numbersOf(run: Run): { items: number | null; bytes: number | null } {
  const { items, bytes } = run.progress ?? {};
  return { items: typeof items === 'number' ? items : null, bytes: typeof bytes === 'number' ? bytes : null };
}
