// tillsync sync: one sync now, by a worker where one lives, else in this process; or all of a concept or company.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { inputError } from '../../../errors.ts';
import { isSomeWorkerAlive } from '../../../records/owners/workers.ts';
import type { Backend, FanOutToRequest } from '../../backend/backend.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { exitCodes } from '../../exit-code.ts';
import { wholeNumber } from '../../parse-options.ts';
import { writeJson, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { type OpenOptions, serverOf, withApp } from '../../with-app.ts';
import { carryOut, waitFor } from './carry-out.ts';

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
      .option('--full', 'read everything and compare every item, even where the POS says that nothing changed')
      .option(
        '--dry-run',
        'plan only: nothing is written, `tillsync diff` shows it, `tillsync runs approve` applies it',
      )
      .option('--wait', 'wait for its end, also when a worker has it or it is running already')
      .addHelpText(
        'after',
        `\nA living worker (\`tillsync start\`, \`tillsync worker\`) takes it; without one the sync runs in this process, and Ctrl-C
cancels it and changes nothing. With --server a worker there takes it.\n${examples(
          'tillsync sync "QU POS" --wait',
          'tillsync sync "QU POS" --dry-run --json',
          'tillsync sync --company 12 --wait',
        )}`,
      )
      .action((named: string | undefined, _options: SyncOptions, self: Command) => {
        const options = optionsOf<SyncOptions>(self);
        refuseUnclear(named, options);
        const open: OpenOptions = { stopsItself: true, slots: (config) => config.workerSlots };
        if (named === undefined && serverOf(self) !== null)
          return withBackend(self, (backend, signal) => syncBelowThere(backend, { options, signal }), open);
        if (named === undefined) return withApp(self, (app, signal) => syncBelow(app, { options, signal }), open);
        return withBackend(self, (backend, signal) => sync(backend, { named, options, signal }), open);
      });
  },
};

interface Asked {
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

function fanOutOf({ concept, company, dryRun, full }: SyncOptions): FanOutToRequest {
  const level = concept === undefined ? 'company' : 'concept';
  return { level, id: concept ?? company ?? 0, dryRun: dryRun === true, full: full === true };
}

// Workers of the server take them.
async function syncBelowThere(backend: Backend, { options, signal }: Asked): Promise<number> {
  const asked = fanOutOf(options);
  const json = options.json === true;
  const run = await backend.requestFanOut(asked);
  if (options.wait === true) {
    return await waitFor(run, { json, signal }, (waiting) => backend.followRun(run.id, waiting));
  }
  writeTalk(`Run ${run.id} asked for every source of ${asked.level} ${asked.id}; workers take them.\n`);
  if (json) writeJson(run);
  return exitCodes.ok;
}

async function syncBelow(app: App, { options, signal }: Asked): Promise<number> {
  const { syncAll } = await import('./sync-all.ts');
  return await syncAll(app, {
    ...fanOutOf(options),
    wait: options.wait === true,
    json: options.json === true,
    signal,
    isWorkerAlive: await isSomeWorkerAlive(app.database, app.deps.leaseSeconds),
  });
}

async function sync(backend: Backend, { named, options, signal }: Asked & { named: string }): Promise<number> {
  const config = await backend.findConfig(named);
  const request = { configId: config.id, dryRun: options.dryRun === true, full: options.full === true };
  const { json = false, wait = false } = options;
  return await carryOut(backend, await backend.requestSync(request), { json, wait, signal });
}
