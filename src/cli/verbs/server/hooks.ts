// tillsync hooks: endpoints where a POS sends its webhooks, each with the secret that proves who sent them.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { listEndpoints } from '../../../records/hooks/webhook-endpoints.ts';
import { collect, secrets } from '../../parse-options.ts';
import { count, time } from '../../print/quantities.ts';
import { table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { askedHere, requestedBy, withApp } from '../../with-app.ts';

interface AddOptions {
  secret?: string[];
  publicOrigin?: string;
}

const someId = '01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b';
const addExample = 'tillsync hooks add square --secret signature_key=- --public-origin https://sync.example < key.txt';

export const hooksVerb: Verb = {
  define(command) {
    command.addHelpText('after', examples(addExample, 'tillsync hooks list'));
    command
      .command('add <connector>')
      .description('Make an endpoint; prints the path that the POS is told')
      .option('--secret <name=from>', 'what the POS signs with, from stdin (name=-) or a file (name=@file)', collect)
      .option('--public-origin <url>', 'scheme and host that the POS sends to, where its signature covers the address')
      .addHelpText('after', examples(addExample))
      .action((connector: string, _options: AddOptions, self: Command) =>
        withApp(self, (app) => add(app, connector, self)),
      );
    command
      .command('list')
      .description('All endpoints, with what came')
      .addHelpText('after', examples('tillsync hooks list --json'))
      .action((_options: object, self: Command) => withApp(self, (app) => list(app, self)));
    command
      .command('remove <endpoint>')
      .description('Take an endpoint away: what comes for it is answered 404')
      .addHelpText('after', examples(`tillsync hooks remove ${someId}`))
      .action((id: string, _options: object, self: Command) => withApp(self, (app) => remove(app, id, self)));
  },
};

async function add(app: App, connectorId: string, self: Command): Promise<number> {
  const options = optionsOf<AddOptions>(self);
  const { addEndpoint } = await import('../../../sync/hooks/webhook-endpoints.ts');
  const added = await addEndpoint(askedHere(app), {
    connectorId,
    secrets: await secrets(options.secret),
    publicOrigin: options.publicOrigin,
    createdBy: requestedBy(),
  });
  if (options.json) writeJson(added);
  else {
    writeOut(`${added.path}\n`);
    writeTalk('Tell the POS this path behind the address under which it reaches this server.\n');
  }
  return 0;
}

async function list(app: App, self: Command): Promise<number> {
  const { endpointPath } = await import('../../../sync/hooks/webhook-endpoints.ts');
  const data = (await listEndpoints(app.database)).map((each) => ({
    ...each,
    path: endpointPath(each.connector_id, each.id),
  }));
  if (optionsOf(self).json) {
    writeJson({ data, next: null });
    return 0;
  }
  const counts = ['accepted', 'refused', 'replayed', 'unknown'] as const;
  writeOut(
    table(
      [
        { title: 'PATH' },
        { title: 'LAST RECEIVED' },
        ...counts.map((name) => ({ title: name.toUpperCase(), align: 'right' as const })),
      ],
      data.map((each) => [each.path, time(each.last_received_at), ...counts.map((name) => count(each[name]))]),
      'No endpoints yet. Add one with `tillsync hooks add`.',
    ),
  );
  return 0;
}

async function remove(app: App, id: string, self: Command): Promise<number> {
  const { removeEndpoint } = await import('../../../sync/hooks/webhook-endpoints.ts');
  await removeEndpoint(askedHere(app), id);
  if (optionsOf(self).json) writeJson({ id, removed: true });
  else writeOut(`Removed ${id}.\n`);
  return 0;
}
