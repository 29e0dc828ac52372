// tillsync sources: the catalogs, and two repairs after an adoption: splitting one, and giving archived rows an owner.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { kinds } from '../../../catalog/item.ts';
import { inputError } from '../../../errors.ts';
import type { Backend } from '../../backend/backend.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { findConfig } from '../../find-config.ts';
import { collect } from '../../parse-options.ts';
import { count, time } from '../../print/quantities.ts';
import { fields, table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, withApp } from '../../with-app.ts';

const someId = '01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b';

export const sourcesVerb: Verb = {
  define(command) {
    command.addHelpText('after', examples('tillsync sources list', `tillsync sources show ${someId}`));
    command
      .command('list')
      .description('All sources with their items')
      .addHelpText('after', examples('tillsync sources list --json'))
      .action((_options: object, self: Command) => withBackend(self, (of) => list(of, self)));
    command
      .command('show <source>')
      .description('One source: its identity, its configs, its items')
      .addHelpText('after', examples(`tillsync sources show ${someId}`))
      .action((id: string, _options: object, self: Command) => withBackend(self, (of) => show(of, id, self)));
    command
      .command('split <source>')
      .description("Move what one config saved into this source to the config's own source")
      .requiredOption('--config <config>', 'id or exact name of the config whose items move')
      .addHelpText('after', examples(`tillsync sources split ${someId} --config "Main Street"`))
      .action((id: string, _options: object, self: Command) => withApp(self, (app) => split(app, id, self)));
    command
      .command('assign <source>')
      .description('Bring back rows of the archive that nothing attributed, as items of this source')
      .option('--id <archive id>', 'a row of the archive; may be given several times', collect)
      .option('--reason <reason>', 'all rows that were archived for this reason, e.g. unattributable')
      .addHelpText('after', examples(`tillsync sources assign ${someId} --reason unattributable`))
      .action((id: string, _options: object, self: Command) => withApp(self, (app) => assign(app, id, self)));
    command
      .command('retire <source>')
      .description('Mark all its items removed; a config that reads this catalog again brings them back')
      .addHelpText('after', examples(`tillsync sources retire ${someId}`))
      .action((id: string, _options: object, self: Command) => withBackend(self, (of) => retire(of, id, self)));
    command
      .command('delete <source>')
      .description('Delete it with all its items for good; its runs stay in history')
      .option('--yes', 'really delete')
      .addHelpText('after', examples(`tillsync sources delete ${someId} --yes`))
      .action((id: string, _options: object, self: Command) => withBackend(self, (of) => remove(of, id, self)));
  },
};

async function list(backend: Backend, self: Command): Promise<number> {
  const data = await backend.listSources();
  if (optionsOf(self).json) {
    writeJson({ data, next: null });
    return 0;
  }
  writeOut(
    table(
      [
        { title: 'ID' },
        { title: 'NAME' },
        { title: 'CONNECTOR' },
        ...kinds.map((kind) => ({ title: kind.toUpperCase(), align: 'right' as const })),
        { title: 'LAST SYNC' },
        { title: 'CONFIGS' },
      ],
      data.map((source) => [
        source.id,
        source.name,
        source.connector_id,
        ...kinds.map((kind) => count(source.items[kind].live)),
        time(source.last_synced_at),
        source.configs.map((config) => config.name).join(', '),
      ]),
      'No sources yet. A config that names its catalog makes one: `tillsync configs add`.',
    ),
  );
  return 0;
}

async function show(backend: Backend, id: string, self: Command): Promise<number> {
  const source = await backend.showSource(id);
  if (optionsOf(self).json) {
    writeJson(source);
    return 0;
  }
  writeOut(
    fields([
      ['id', source.id],
      ['name', source.name],
      ['connector', source.connector_id],
      ['origin', source.origin],
      ['identity', source.identity === null ? null : JSON.stringify(source.identity)],
      ['configs', source.configs.map((config) => `${config.name} (${config.id})`).join(', ') || 'none'],
      ...kinds.map((kind): [string, string] => {
        const { live, removed } = source.items[kind];
        return [kind, `${count(live)} live, ${count(removed)} removed`];
      }),
      ['last sync', source.last_synced_at === null ? 'never' : time(source.last_synced_at)],
      ['removals', `last checked ${source.removals_checked_at === null ? 'never' : time(source.removals_checked_at)}`],
    ]),
  );
  return 0;
}

async function split(app: App, id: string, self: Command): Promise<number> {
  const options = optionsOf<{ config: string }>(self);
  const { splitSource } = await import('../../../sync/split-source.ts');
  const config = await findConfig(app.database, options.config);
  const result = await splitSource(app.deps, { sourceId: id, configId: config.id, requestedBy: requestedBy() });
  if (options.json) {
    writeJson(result);
    return 0;
  }
  const moved = kinds.map((kind) => `${count(result.moved[kind])} ${kind}`).join(', ');
  writeOut(`Moved ${moved} to source ${result.target_source_id}.\n`);
  if (result.site_locations > 0) {
    writeTalk(`${count(result.site_locations)} locations are known there as the sites that they are.\n`);
  }
  if (result.conflicts.length > 0) {
    writeTalk(`${count(result.conflicts.length)} items stayed, because the other source has their key already.\n`);
  }
  return 0;
}

async function assign(app: App, id: string, self: Command): Promise<number> {
  const options = optionsOf<{ id?: string[]; reason?: string }>(self);
  if ((options.id === undefined) === (options.reason === undefined)) {
    throw inputError('archive_selection_invalid', 'Say which archived rows.', 'Use either --id or --reason.');
  }
  const { assignItems } = await import('../../../sync/assign-items.ts');
  const result = await assignItems(app.deps, {
    sourceId: id,
    select: options.id === undefined ? { reason: options.reason ?? '' } : { ids: options.id },
    requestedBy: requestedBy(),
  });
  if (options.json) {
    writeJson(result);
    return 0;
  }
  writeOut(`Brought back ${kinds.map((kind) => `${count(result.restored[kind])} ${kind}`).join(', ')}.\n`);
  for (const row of result.refused) {
    writeTalk(`Stayed in the archive: ${row.kind} ${row.external_id ?? '(no id)'} (${row.reason}).\n`);
  }
  return 0;
}

async function retire(backend: Backend, id: string, self: Command): Promise<number> {
  const retired = await backend.retireSource(id);
  if (optionsOf(self).json) writeJson(retired);
  else writeOut(`Retired "${retired.name}": ${countsOf(retired.items)} marked removed.\n`);
  return 0;
}

async function remove(backend: Backend, id: string, self: Command): Promise<number> {
  const options = optionsOf<{ yes?: boolean }>(self);
  const source = await backend.showSource(id);
  if (options.yes !== true) {
    throw inputError(
      'delete_unconfirmed',
      `This deletes "${source.name}" with all its items for good.`,
      'Say --yes to do it, or use `tillsync sources retire`, which can be undone.',
    );
  }
  const deleted = await backend.deleteSource(source.id);
  if (options.json) writeJson(deleted);
  else writeOut(`Deleted "${deleted.name}": ${countsOf(deleted.items)}.\n`);
  return 0;
}

function countsOf(items: Record<(typeof kinds)[number], number>): string {
  return kinds.map((kind) => `${count(items[kind])} ${kind}`).join(', ');
}
