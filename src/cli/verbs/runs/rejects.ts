// tillsync rejects: what could not be saved, grouped by reason, over all runs or of one config or source.
import { type Command, Option } from 'commander';
import { type RejectState, rejectStates } from '../../../records/rejects/runs-with-rejects.ts';
import type { Backend } from '../../backend/backend.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { exitCodes } from '../../exit-code.ts';
import { count, time } from '../../print/quantities.ts';
import { table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { sourceOfOptions } from '../catalog/source-option.ts';

interface RejectOptions {
  source?: string;
  config?: string;
  state: RejectState;
}

export const rejectsVerb: Verb = {
  define(command) {
    command
      .option('--source <id>', 'of this source only')
      .option('--config <config>', "of this config's source only (id or exact name)")
      .addOption(
        new Option('--state <state>', 'open: still in the last answer of its source; gone: not any more')
          .choices(rejectStates)
          .default('open'),
      )
      .addHelpText(
        'after',
        `\nExit code 3 when something is wrong now. What is gone is looked for in the newest 500 runs that set something aside.\n${examples(
          'tillsync rejects',
          'tillsync rejects --config "QU POS" --state all --json',
        )}`,
      )
      .action((_options: RejectOptions, self: Command) => withBackend(self, (backend) => list(backend, self)));
  },
};

async function list(backend: Backend, self: Command): Promise<number> {
  const options = optionsOf<RejectOptions>(self);
  const sourceId = await sourceOfOptions(backend, options);
  const { groups, older_left_out } = await backend.rejectGroups({ sourceId, state: options.state });
  const isOpen = groups.some(({ open }) => open > 0);
  if (options.json) writeJson({ data: groups, next: null, older_left_out });
  else {
    const columns = [
      { title: 'ITEMS', align: 'right' as const },
      { title: 'NOW', align: 'right' as const },
      ...['KIND', 'REASON', 'SINCE', 'LAST SEEN', 'EXAMPLE'].map((title) => ({ title })),
    ];
    const rows = groups.map((group) => [
      count(group.rejects),
      count(group.open),
      group.kind,
      group.reason,
      time(group.first_seen),
      time(group.last_seen),
      group.example,
    ]);
    writeOut(table(columns, rows, options.state === 'open' ? 'Nothing is rejected.' : 'None.'));
    if (older_left_out) writeTalk('Only the newest 500 runs with rejects were looked at.\n');
  }
  return isOpen ? exitCodes.partial : exitCodes.ok;
}
