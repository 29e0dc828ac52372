// tillsync runs retry and replay: a run done over, with a new answer of the POS or with the one that is stored.
import type { Command } from 'commander';
import { withBackend } from '../../backend/with-backend.ts';
import { examples, optionsOf } from '../../verb.ts';
import { carryOut } from './carry-out.ts';

interface RedoOptions {
  dryRun?: boolean;
  wait?: boolean;
}

const example = '01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b';

/** Defines both verbs below `runs`. */
export function defineRedo(runs: Command): void {
  redo(runs.command('retry <run>'), 'retry').description(
    'Ask the POS again, as a failed, interrupted or cancelled run did: a new run with its mode',
  );
  redo(runs.command('replay <run>'), 'replay')
    .description("Save a run's stored answer again with today's mapping and settings, without asking the POS")
    .addHelpText(
      'after',
      '\nIt goes through plan and guard as any run. What the answer no longer holds is removed only where its fetch proved itself complete.\n',
    );
}

function redo(command: Command, how: 'retry' | 'replay'): Command {
  return command
    .option('--dry-run', 'plan only: nothing is written, `tillsync diff` shows it, `tillsync runs approve` applies it')
    .option('--wait', 'wait for its end, also when a worker has it')
    .addHelpText(
      'after',
      examples(`tillsync runs ${how} ${example}`, `tillsync runs ${how} ${example} --dry-run --json`),
    )
    .action((runId: string, _options: RedoOptions, self: Command) => {
      const { dryRun, wait = false, json = false } = optionsOf<RedoOptions>(self);
      return withBackend(
        self,
        async (backend, signal) =>
          carryOut(backend, await backend.redoRun({ how, runId, dryRun }), { json, wait, signal }),
        { stopsItself: true },
      );
    });
}
