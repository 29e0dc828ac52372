// tillsync sync: one sync now, by a worker where one lives, else in this process; or all of a concept or company.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { inputError } from '../../../errors.ts';
import { isSomeWorkerAlive } from '../../../records/owners/workers.ts';
import { exitCodes } from '../../exit-code.ts';
import { findConfig } from '../../find-config.ts';
import { wholeNumber } from '../../parse-options.ts';
import { openProgressLine } from '../../print/progress-line.ts';
import { writeJson, writeTalk } from '../../print/write.ts';
import { reportRun } from '../../run-outcome.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, withApp } from '../../with-app.ts';
import { followToEnd } from './follow-to-end.ts';

interface SyncOptions {
  concept?: number;
  company?: number;
  full?: boolean;
  dryRun?: boolean;
  wait?: boolean;
}

export const syncVerb: Verb = {
  define(command) {
    command
      .argument('[config]', 'id or exact name of the config')
      .option('--concept <id>', 'every source of this concept once', wholeNumber(0, Number.MAX_SAFE_INTEGER))
      .option('--company <id>', 'every source of this company once', wholeNumber(0, Number.MAX_SAFE_INTEGER))
      .option('--full', 'compare every item, even where the POS answers just as it did last time')
      .option(
        '--dry-run',
        'plan only: nothing is written, `tillsync diff` shows it, `tillsync runs approve` applies it',
      )
      .option('--wait', 'wait for its end, also when a worker has it or it is running already')
      .addHelpText(
        'after',
        `\nA living worker (\`tillsync start\`, \`tillsync worker\`) takes it; without one the sync runs in this process, and Ctrl-C
cancels it and changes nothing.\n${examples(
          'tillsync sync "QU POS" --wait',
          'tillsync sync "QU POS" --dry-run --json',
          'tillsync sync --company 12 --wait',
        )}`,
      )
      .action((named: string | undefined, _options: SyncOptions, self: Command) => {
        refuseUnclear(named, optionsOf<SyncOptions>(self));
        return withApp(
          self,
          (app, signal) => syncAsked(app, { named, options: optionsOf<SyncOptions>(self), signal }),
          {
            stopsItself: true,
            slots: (config) => config.workerSlots,
          },
        );
      });
  },
};

interface Asked {
  named: string | undefined;
  options: SyncOptions & { json?: boolean };
  signal: AbortSignal;
}

function refuseUnclear(named: string | undefined, { concept, company }: SyncOptions): void {
  const targets = [named, concept, company].filter((target) => target !== undefined);
  if (targets.length !== 1) {
    throw inputError(
      'sync_target_unclear',
      'Say what to sync: one config, --concept or --company, and only one of them.',
      'List configs with `tillsync configs list`.',
    );
  }
}

async function syncAsked(app: App, asked: Asked): Promise<number> {
  const { named } = asked;
  const { concept, company } = asked.options;
  // Whether what is queued will be taken; a worker says so each third of its lease.
  const isWorkerAlive = await isSomeWorkerAlive(app.database, app.deps.leaseSeconds);
  if (named !== undefined) return await sync(app, { ...asked, named, isWorkerAlive });
  const { syncAll } = await import('./sync-all.ts');
  return await syncAll(app, {
    level: concept === undefined ? 'company' : 'concept',
    id: concept ?? company ?? 0,
    dryRun: asked.options.dryRun === true,
    compareAll: asked.options.full === true,
    wait: asked.options.wait === true,
    json: asked.options.json === true,
    signal: asked.signal,
    isWorkerAlive,
  });
}

async function sync(app: App, given: Asked & { named: string; isWorkerAlive: boolean }): Promise<number> {
  const { options, signal, isWorkerAlive } = given;
  const json = options.json === true;
  const { requestSync } = await import('../../../sync/request-sync.ts');
  const config = await findConfig(app.database, given.named);
  const { run, alreadyActive } = await requestSync(app.deps, {
    configId: config.id,
    trigger: 'cli',
    requestedBy: requestedBy(),
    dryRun: options.dryRun === true,
    mode: 'full',
    enqueue: isWorkerAlive,
    compareAll: options.full === true,
  });
  if (!alreadyActive && isWorkerAlive) {
    writeTalk(`Run ${run.id} is queued; a worker takes it.\n`);
    if (options.wait === true) return await followToEnd(app, { run, json, signal });
    if (json) writeJson(run);
    else writeTalk(`See it: tillsync runs show ${run.id}\n`);
    return exitCodes.ok;
  }
  if (!alreadyActive) {
    const { runSync } = await import('../../../sync/run-sync.ts');
    const line = openProgressLine();
    const ended = await runSync(app.deps, run.id, { signal, onProgress: line.show }).finally(line.end);
    return reportRun(ended, json);
  }
  if (options.wait === true) {
    writeTalk(`Following run ${run.id}, which is running already (by ${run.requested_by ?? 'somebody'}).\n`);
    return await followToEnd(app, { run, json, signal });
  }
  writeTalk(`A sync of this source is already running (run ${run.id}, by ${run.requested_by ?? 'somebody'}).\n`);
  writeTalk('  Nothing was started.\n  Fix: Wait for it, or follow it with --wait.\n');
  if (json) writeJson(run);
  return exitCodes.alreadyRunning;
}
