// tillsync keys: API keys for callers of the HTTP interface; a key is shown once and stored only as its digest.
import type { Command } from 'commander';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, withApp } from '../../with-app.ts';

interface CreateOptions {
  name: string;
}

export const keysVerb: Verb = {
  define(command) {
    command.addHelpText('after', examples('tillsync keys create --name kiosk'));
    command
      .command('create')
      .description('Make a key; it is printed once and cannot be read again')
      .option('--name <name>', 'who will use it, as the history will say', 'cli')
      .addHelpText('after', examples('tillsync keys create --name kiosk', 'tillsync keys create --name ci --json'))
      .action((_options: CreateOptions, self: Command) =>
        withApp(self, async (app) => {
          const { createKey } = await import('../../../access/create-key.ts');
          const { name, json } = optionsOf<CreateOptions>(self);
          const created = await createKey(app.database, { name, createdBy: requestedBy() });
          if (json) writeJson(created);
          else {
            writeOut(`${created.key}\n`);
            writeTalk(`This is the key "${created.name}". Keep it now: it cannot be shown again.\n`);
          }
          return 0;
        }),
      );
  },
};
