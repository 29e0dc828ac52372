// tillsync stop: ends an embedded PostgreSQL that a killed process left running.
import type { Command } from 'commander';
import { writeJson, writeOut } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { configOf } from '../../with-app.ts';

export const stopVerb: Verb = {
  define(command) {
    command
      .addHelpText(
        'after',
        `\nA database that a living process uses is not stopped: end that process with Ctrl-C or SIGTERM, and it stops its\ndatabase itself.\n${examples(
          'tillsync stop',
          'tillsync stop --data-dir /var/lib/tillsync',
        )}`,
      )
      .action(async (_options: object, self: Command) => {
        const config = configOf(self);
        const { stopEmbedded } = await import('../../../db/embedded/stop-embedded.ts');
        const stopped = await stopEmbedded(config.dataDir);
        if (optionsOf(self).json) writeJson({ stopped, data_dir: config.dataDir });
        else
          writeOut(stopped ? `Stopped the PostgreSQL of ${config.dataDir}.\n` : 'No PostgreSQL was running there.\n');
      });
  },
};
