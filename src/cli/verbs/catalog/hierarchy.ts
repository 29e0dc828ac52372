// tillsync concepts, companies and sites: the levels that configs apply to.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { inputError } from '../../../errors.ts';
import type { Level } from '../../../records/configs/config.ts';
import type { Backend, ShownNode } from '../../backend/backend.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { exitCodes } from '../../exit-code.ts';
import { findConfig } from '../../find-config.ts';
import { wholeNumber } from '../../parse-options.ts';
import { time } from '../../print/quantities.ts';
import { table } from '../../print/table.ts';
import { writeJson, writeOut } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { askedHere, withApp } from '../../with-app.ts';

interface LevelWords {
  level: Level;
  many: string;
  /** The level that it belongs to. */
  above: 'concept' | 'company' | null;
}

export const conceptsVerb = levelVerb({ level: 'concept', many: 'concepts', above: null });
export const companiesVerb = levelVerb({ level: 'company', many: 'companies', above: 'concept' });
export const sitesVerb = levelVerb({ level: 'site', many: 'sites', above: 'company' });

const anyId = wholeNumber(1, Number.MAX_SAFE_INTEGER);

function levelVerb(of: LevelWords): Verb {
  const { level, many, above } = of;
  const option = above === null ? '' : ` --${above} 12`;
  return {
    define(command) {
      command.addHelpText('after', examples(`tillsync ${many} list`, `tillsync ${many} add "Main Street"${option}`));
      const add = command.command('add <name>').description(`Add a ${level}`);
      if (above !== null) add.option(`--${above} <id>`, `the ${above} that it belongs to`, anyId);
      add
        .addHelpText('after', examples(`tillsync ${many} add "Main Street"${option}`))
        .action((name: string, _options: object, self: Command) =>
          withBackend(self, (backend) => addOne(backend, { ...of, name }, self)),
        );
      command
        .command('list')
        .description(`All ${many}`)
        .addHelpText('after', examples(`tillsync ${many} list --json`))
        .action((_options: object, self: Command) => withBackend(self, (backend) => list(backend, of, self)));
      defineSet(command, of);
      command
        .command('remove <id>')
        .description(`Remove a ${level}; refused while something hangs below it`)
        .addHelpText('after', examples(`tillsync ${many} remove 12`))
        .action((id: string, _options: object, self: Command) =>
          withBackend(self, (backend) => removeOne(backend, { level, id: anyId(id) }, self)),
        );
      if (level !== 'site') return;
      defineImport(command);
      defineLocate(command);
    },
  };
}

function defineSet(command: Command, { level, many, above }: LevelWords): void {
  const set = command
    .command('set <id>')
    .description(
      above === null
        ? `Rename a ${level}`
        : `Rename a ${level}, or move it; not moved while configs stand at or below it`,
    )
    .option('--name <name>', 'its new name');
  if (above !== null) {
    set.option(`--${above} <id>`, `the ${above} that it belongs to from now on`, anyId);
    set.option('--top', `it belongs to no ${above} any more`);
  }
  set
    .addHelpText('after', examples(`tillsync ${many} set 12 --name "Main Street"`))
    .action((id: string, _options: object, self: Command) =>
      withBackend(self, (backend) => setOne(backend, { level, above, id: anyId(id) }, self)),
    );
}

function defineImport(command: Command): void {
  command
    .command('import')
    .description('Add a site for each place that the POS account of a config lists')
    .requiredOption('--config <config>', 'id or exact name of the config whose credentials see the places')
    .option('--company <id>', "the company of the sites (default: the config's)", anyId)
    .option('--configs', "add a config at site level for each, too, with the place's settings")
    .addHelpText('after', examples('tillsync sites import --config "All of Acme" --company 12 --configs'))
    .action((_options: object, self: Command) => withApp(self, (app, signal) => importAll(app, self, signal)));
}

function defineLocate(command: Command): void {
  command
    .command('locate <id>')
    .description('Say which location of a source with several locations a site is')
    .requiredOption('--source <source>', 'id of the source')
    .requiredOption('--location <id>', "the POS's id of the location")
    .addHelpText(
      'after',
      examples('tillsync sites locate 12 --source 01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b --location L8'),
    )
    .action((id: string, _options: object, self: Command) => withApp(self, (app) => locate(app, anyId(id), self)));
}

async function locate(app: App, siteId: number, self: Command): Promise<number> {
  const options = optionsOf<{ source: string; location: string }>(self);
  const { locateSite } = await import('../../../sync/hierarchy/locate-site.ts');
  const located = { siteId, sourceId: options.source, locationId: options.location };
  await locateSite(askedHere(app), located);
  if (options.json) writeJson({ site_id: siteId, source_id: options.source, location_id: options.location });
  else writeOut(`Site ${siteId} is the location ${options.location} of source ${options.source}.\n`);
  return 0;
}

async function importAll(app: App, self: Command, signal: AbortSignal): Promise<number> {
  const options = optionsOf<{ config: string; company?: number; configs?: boolean }>(self);
  const config = await findConfig(app.database, options.config);
  const { importSites } = await import('../../../sync/hierarchy/import-sites.ts');
  const withConfigs = options.configs === true;
  const data = await importSites(askedHere(app), {
    configId: config.id,
    companyId: options.company,
    withConfigs,
    signal,
  });
  const failed = data.filter(({ outcome }) => outcome === 'failed');
  if (options.json) writeJson({ data, next: null });
  else {
    const titles = ['LOCATION', 'NAME', 'SITE', 'OUTCOME', 'CONFIG'].map((title) => ({ title }));
    const rows = data.map((place) => [
      place.location_id,
      place.name,
      place.site_id === null ? '–' : String(place.site_id),
      place.error ?? place.outcome,
      place.missing.length > 0 ? `${place.config_id}, missing ${place.missing.join(', ')}` : (place.config_id ?? '–'),
    ]);
    writeOut(table(titles, rows, 'The POS lists no places.'));
  }
  return failed.length === 0 ? 0 : exitCodes.partial;
}

async function addOne(
  backend: Backend,
  { level, above, name }: LevelWords & { name: string },
  self: Command,
): Promise<number> {
  const options = optionsOf<{ concept?: number; company?: number }>(self);
  const node = await backend.addNode(level, { name, above: above === null ? undefined : options[above] });
  if (options.json) writeJson(node);
  else writeOut(`Added the ${level} "${node.name}" with the id ${node.id}.\n`);
  return 0;
}

async function setOne(
  backend: Backend,
  { level, above, id }: Pick<LevelWords, 'level' | 'above'> & { id: number },
  self: Command,
): Promise<number> {
  const options = optionsOf<{ name?: string; concept?: number; company?: number; top?: boolean }>(self);
  const upper = options.top === true ? null : above === null ? undefined : options[above];
  if (options.name === undefined && upper === undefined) {
    throw inputError('usage', 'It must be clear what to change.', 'Give --name, or the place that it moves to.');
  }
  const node = await backend.changeNode(level, {
    id,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(upper === undefined ? {} : { above: upper }),
  });
  if (options.json) writeJson(node);
  else writeOut(`Changed the ${level} "${node.name}" (${node.id}).\n`);
  return 0;
}

async function removeOne(backend: Backend, of: { level: Level; id: number }, self: Command): Promise<number> {
  const node = await backend.removeNode(of.level, of.id);
  if (optionsOf(self).json) writeJson(node);
  else writeOut(`Removed the ${of.level} "${node.name}" (${node.id}).\n`);
  return 0;
}

async function list(backend: Backend, { level, many, above }: LevelWords, self: Command): Promise<number> {
  const data = await backend.listNodes(level);
  if (optionsOf(self).json) {
    writeJson({ data, next: null });
    return 0;
  }
  const upper = above === null ? [] : [{ title: above.toUpperCase() }];
  writeOut(
    table(
      [{ title: 'ID' }, { title: 'NAME' }, ...upper, { title: 'ADDED' }],
      data.map((node) => [
        String(node.id),
        node.name,
        ...(above === null ? [] : [aboveOf(node)]),
        time(node.created_at),
      ]),
      `No ${many} yet. Add one with \`tillsync ${many} add\`.`,
    ),
  );
  return 0;
}

function aboveOf(node: ShownNode): string {
  const id = node.concept_id ?? node.company_id ?? null;
  return id === null ? '–' : String(id);
}
