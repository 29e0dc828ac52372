// tillsync keys: API keys for callers of the HTTP interface; a key is shown once and stored only as its digest.
import { type Command, Option } from 'commander';
import type { CreatedKey } from '../../../access/create-key.ts';
import type { ListedKey } from '../../../records/access/api-keys.ts';
import { withKeys } from '../../backend/key-verbs.ts';
import { wholeNumber } from '../../parse-options.ts';
import { time } from '../../print/quantities.ts';
import { table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { keyEnd, keyPlace, keyToMake } from './key-options.ts';

const someId = '01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b';
const createExamples = [
  'tillsync keys create --name kiosk',
  'tillsync keys create --name ci --access admin --json',
  'tillsync keys create --name "site 12" --access sync --site 12 --expires-days 90',
];

const columns = ['id', 'name', 'begins', 'may', 'where', 'last used', 'ends'].map((title) => ({ title }));

export const keysVerb: Verb = {
  define(command) {
    command.addHelpText('after', examples(createExamples[0]!, 'tillsync keys list'));
    defineCreate(command);
    command
      .command('list')
      .description('All keys, with what they may do and when they were last used')
      .addHelpText('after', examples('tillsync keys list --json'))
      .action((_options: object, self: Command) =>
        withKeys(self, async (keys) => {
          const data = await keys.list();
          if (optionsOf(self).json) writeJson({ data, next: null });
          else writeOut(table(columns, data.map(rowOf)));
        }),
      );
    command
      .command('rotate <key>')
      .description('Make the key that takes over from one, by its id; the old one goes on for a while')
      .option('--overlap-hours <hours>', 'how long the old one goes on (default: 24)', wholeNumber(0, 720))
      .addHelpText('after', examples(`tillsync keys rotate ${someId}`))
      .action((id: string, _options: object, self: Command) =>
        withKeys(self, async (keys) => {
          const { overlapHours = 24, json } = optionsOf<{ overlapHours?: number }>(self);
          const created = await keys.rotate(id, overlapHours);
          tell(created, json, `It takes over from ${id}, which ends in ${overlapHours} hours. Keep it now:`);
        }),
      );
    command
      .command('revoke <key>')
      .description('End a key at once, by its id')
      .addHelpText('after', examples(`tillsync keys revoke ${someId}`))
      .action((id: string, _options: object, self: Command) =>
        withKeys(self, async (keys) => {
          const ended = await keys.revoke(id);
          if (optionsOf(self).json) writeJson(ended);
          else writeOut(`Ended the key "${ended.name}" (${ended.prefix}…).\n`);
        }),
      );
  },
};

function defineCreate(command: Command): void {
  command
    .command('create')
    .description('Make a key; it is printed once and cannot be read again')
    .option('--name <name>', 'who will use it, as the history will say', 'cli')
    .addOption(
      new Option('--access <access>', 'sync also syncs and approves, admin also changes settings')
        .choices(['read', 'sync', 'admin'])
        .default('read'),
    )
    .option('--concept <id>', 'only for this concept', wholeNumber(1, 2 ** 53))
    .option('--company <id>', 'only for this company', wholeNumber(1, 2 ** 53))
    .option('--site <id>', 'only for this site', wholeNumber(1, 2 ** 53))
    .option('--expires-days <days>', 'days until it ends (default: never)', wholeNumber(1, 3650))
    .addHelpText('after', examples(...createExamples))
    .action((_options: object, self: Command) =>
      withKeys(self, async (keys) => {
        const options = optionsOf<Parameters<typeof keyToMake>[0]>(self);
        const created = await keys.create(keyToMake(options));
        const where = keyPlace(created);
        const talk = `This is the key "${created.name}": it may ${created.access}, ${where}. Keep it now:`;
        tell(created, optionsOf(self).json, talk);
      }),
    );
}

function tell(created: CreatedKey, json: boolean | undefined, talk: string): void {
  if (json) writeJson(created);
  else {
    writeOut(`${created.key}\n`);
    writeTalk(`${talk} it cannot be shown again.\n`);
  }
}

function rowOf(key: ListedKey): string[] {
  const used = key.last_used_at === null ? 'never' : time(key.last_used_at);
  return [key.id, key.name, `${key.prefix}…`, key.access, keyPlace(key), used, keyEnd(key)];
}
