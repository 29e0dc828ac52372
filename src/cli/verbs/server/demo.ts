// tillsync demo: the whole life of a sync with a pretend POS.
import type { Command } from 'commander';
import { examples, optionsOf, type Verb } from '../../verb.ts';

export const demoVerb: Verb = {
  define(command) {
    command
      .option('--once', 'end after the show instead of serving until Ctrl-C')
      .addHelpText(
        'after',
        `\nIt lives in .tillsync/demo, which is emptied at each start.\n${examples('tillsync demo --once')}`,
      )
      .action(async (_options: { once?: boolean }, self: Command) => {
        const { demo } = await import('../../demo/demo.ts');
        const { once, json, dataDir } = optionsOf<{ once?: boolean }>(self);
        process.exitCode = await demo({ once: once === true, json: json === true, dataDir });
      });
  },
};
