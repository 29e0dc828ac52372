// tillsync sync <config>: one sync now, in this process or on a server; or it follows the one that runs already.
import type { Command } from 'commander';
import type { Run } from '../../../records/runs/run.ts';
import type { Backend, Waiting } from '../../backend/backend.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { exitCodes } from '../../exit-code.ts';
import { openProgressLine } from '../../print/progress-line.ts';
import { writeJson, writeTalk } from '../../print/write.ts';
import { reportRun } from '../../run-outcome.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';

interface SyncOptions {
  full?: boolean;
  dryRun?: boolean;
  wait?: boolean;
}

export const syncVerb: Verb = {
  define(command) {
    command
      .argument('<config>', 'id or exact name of the config')
      .option('--full', 'compare every item, even where the POS answers just as it did last time')
      .option(
        '--dry-run',
        'plan only: nothing is written, `tillsync diff` shows it, `tillsync runs approve` applies it',
      )
      .option(
        '--wait',
        'follow a sync that runs elsewhere to its end; without it one that runs already ends with code 5',
      )
      .addHelpText(
        'after',
        `\nThe sync runs in this process, with or without --wait; Ctrl-C cancels it and changes nothing.
With --server it runs there: --wait follows it to its end, and Ctrl-C then only stops following.\n${examples(
          'tillsync sync "QU POS" --wait',
          'tillsync sync "QU POS" --dry-run --json',
        )}`,
      )
      .action((named: string, _options: SyncOptions, self: Command) =>
        withBackend(
          self,
          (backend, signal) => sync(backend, { named, options: optionsOf<SyncOptions>(self), signal }),
          {
            stopsItself: true,
          },
        ),
      );
  },
};

async function sync(
  backend: Backend,
  given: { named: string; options: SyncOptions & { json?: boolean }; signal: AbortSignal },
): Promise<number> {
  const { options, signal } = given;
  const json = options.json === true;
  const config = await backend.findConfig(given.named);
  const request = { configId: config.id, dryRun: options.dryRun === true, full: options.full === true };
  const { run, alreadyActive, isTaken } = await backend.requestSync(request);
  const follow = () => waitFor(run, { json, signal }, (waiting) => backend.followRun(run.id, waiting));
  if (!alreadyActive && isTaken) {
    writeTalk(`Run ${run.id} is queued; a worker takes it.\n`);
    if (options.wait === true) return await follow();
    if (json) writeJson(run);
    else writeTalk(`See it: tillsync runs show ${run.id}\n`);
    return exitCodes.ok;
  }
  if (!alreadyActive) {
    return await waitFor(run, { json, signal }, (waiting) => backend.workRun(run, request, waiting));
  }
  if (options.wait === true) {
    writeTalk(`Following run ${run.id}, which is running already (by ${run.requested_by ?? 'somebody'}).\n`);
    return await follow();
  }
  writeTalk(`A sync of this source is already running (run ${run.id}, by ${run.requested_by ?? 'somebody'}).\n`);
  writeTalk('  Nothing was started.\n  Fix: Wait for it, or follow it with --wait.\n');
  if (json) writeJson(run);
  return exitCodes.alreadyRunning;
}

async function waitFor(
  run: Run,
  of: { json: boolean; signal: AbortSignal },
  work: (waiting: Waiting) => Promise<Run>,
): Promise<number> {
  const line = openProgressLine();
  try {
    const ended = await work({ signal: of.signal, onProgress: line.show });
    line.end();
    return reportRun(ended, of.json);
  } catch (error) {
    line.end();
    if (!of.signal.aborted) throw error;
    writeTalk(`Stopped following; run ${run.id} goes on.\n`);
    return exitCodes.tryLater;
  }
}
