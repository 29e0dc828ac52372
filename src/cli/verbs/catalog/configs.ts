// tillsync configs: the settings of a POS at one level, and what they still lack to be runnable.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { inputError } from '../../../errors.ts';
import type { Config, Level } from '../../../records/configs/config.ts';
import type { ConfigWithMissing } from '../../../sync/set-config.ts';
import type { Backend } from '../../backend/backend.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { jsonOrText, nulls } from '../../config-params.ts';
import { findConfig } from '../../find-config.ts';
import { collect, pairs, secrets, wholeNumber } from '../../parse-options.ts';
import { readParams } from '../../parse-params.ts';
import { time } from '../../print/quantities.ts';
import { nextDueText, scheduleFields, scheduleText } from '../../print/schedule-text.ts';
import { fields, table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { askedHere, withApp } from '../../with-app.ts';
import { defineExplain, defineRemove, defineWhatIf } from './config-levels.ts';
import { definePause, defineResume, type ScheduleOptions, scheduleChange, scheduleOptions } from './config-schedule.ts';
import { missingAdvice } from './missing-advice.ts';

interface SettingOptions extends ScheduleOptions {
  name?: string;
  param?: string[];
  secret?: string[];
  shareSecrets?: boolean;
  guard?: string[];
}

interface AddOptions extends SettingOptions {
  connector: string;
  name: string;
  level?: Level;
  concept?: number;
  company?: number;
  site?: number;
}

interface SetOptions extends SettingOptions {
  unset?: string[];
  unsetSecret?: string[];
  enable?: boolean;
  disable?: boolean;
  move?: boolean;
  newSource?: boolean;
}

export const configsVerb: Verb = {
  define(command) {
    command.addHelpText('after', examples('tillsync configs list', 'tillsync configs show "QU POS"'));
    defineAdd(command);
    defineSet(command);
    command
      .command('list')
      .description('All configs')
      .addHelpText('after', examples('tillsync configs list --json'))
      .action((_options: object, self: Command) => withBackend(self, (of) => list(of, self)));
    command
      .command('show <config>')
      .description('One config: its own settings, and what it still lacks; never its secrets')
      .addHelpText('after', examples('tillsync configs show "QU POS"'))
      .action((named: string, _options: object, self: Command) => withBackend(self, (of) => show(of, named, self)));
    defineExplain(command);
    defineWhatIf(command);
    defineRemove(command);
    definePause(command);
    defineResume(command);
  },
};

function settingOptions(command: Command): Command {
  return scheduleOptions(command)
    .option('--param <name=value>', 'a setting of the connector; may be given several times', collect)
    .option('--secret <name=from>', 'a secret from stdin (name=-) or a file (name=@file)', collect)
    .option('--share-secrets', 'configs below with addresses of their own get the new secrets, too')
    .option('--guard <name=value>', 'a limit of the guard, see docs/explanation/guard.md', collect);
}

function defineAdd(command: Command): void {
  const add = command
    .command('add')
    .description('Add a config and find its source')
    .requiredOption('--connector <id>', 'which kind of POS, e.g. qu')
    .requiredOption('--name <name>', 'what people call it');
  settingOptions(add)
    .addOption(
      command
        .createOption('--level <level>', 'where it applies (default: site)')
        .choices(['concept', 'company', 'site']),
    )
    .option('--concept <id>', 'concept that it belongs to', wholeNumber(1, 999_999_999_999_999))
    .option('--company <id>', 'company that it belongs to', wholeNumber(1, 999_999_999_999_999))
    .option('--site <id>', 'site that it belongs to', wholeNumber(1, 999_999_999_999_999))
    .addHelpText(
      'after',
      examples(
        'tillsync configs add --connector qu --name "QU POS" --param brand=acme --param establishment=17 --param base_url=https://pos.example --json',
        'tillsync configs add --connector qu --name "QU POS" --param brand=acme --secret api_key=- < key.txt',
      ),
    )
    .action((_options: AddOptions, self: Command) =>
      withApp(self, async (app) => {
        const options = optionsOf<AddOptions>(self);
        const { addConfig } = await import('../../../sync/set-config.ts');
        const config = await addConfig(askedHere(app), {
          connectorId: options.connector,
          name: options.name,
          level: options.level,
          conceptId: options.concept,
          companyId: options.company,
          siteId: options.site,
          params: await readParams(app, {
            connectorId: options.connector,
            texts: options.param,
            option: '--param',
          }),
          secrets: await secrets(options.secret),
          shareSecrets: options.shareSecrets,
          guard: guardOf(options.guard),
          schedule: scheduleChange(options),
        });
        return await reportConfig(app, config, options.json === true);
      }),
    );
}

function defineSet(command: Command): void {
  settingOptions(command.command('set <config>').description('Change a config').option('--name <name>', 'a new name'))
    .option('--unset <param>', 'take a setting away; may be given several times', collect)
    .option('--unset-secret <name>', 'take a secret away; may be given several times', collect)
    .option('--no-schedule', 'sync it only when somebody asks')
    .option('--enable', 'let it be synced')
    .option('--disable', 'no longer sync it')
    .option('--move', 'the identity changes: the source keeps its rows under the new one')
    .option('--new-source', 'the identity changes: begin a new source, the old rows stay behind')
    .addHelpText(
      'after',
      examples(
        'tillsync configs set "QU POS" --param currency=USD',
        'tillsync configs set "QU POS" --every 15m',
        'tillsync configs set "QU POS" --cron "30 4 * * *" --time-zone America/Chicago',
        'tillsync configs set "QU POS" --param establishment=18 --new-source',
      ),
    )
    .action((named: string, _options: SetOptions, self: Command) =>
      withApp(self, async (app) => {
        const options = optionsOf<SetOptions>(self);
        if (options.enable && options.disable) {
          throw inputError('switch_invalid', '--enable and --disable exclude each other.', 'Say one of them.');
        }
        refuseNoChange(options);
        const { setConfig } = await import('../../../sync/set-config.ts');
        const config = await findConfig(app.database, named);
        const changed = await setConfig(askedHere(app), {
          configId: config.id,
          name: options.name,
          params: {
            ...(await readParams(app, {
              connectorId: config.connector_id,
              texts: options.param,
              option: '--param',
            })),
            ...nulls(options.unset),
          },
          secrets: { ...(await secrets(options.secret)), ...nulls(options.unsetSecret) },
          shareSecrets: options.shareSecrets,
          isActive: options.enable ? true : options.disable ? false : undefined,
          guard: guardOf(options.guard),
          schedule: scheduleChange(options),
          move: options.move,
          newSource: options.newSource,
        });
        return await reportConfig(app, changed, options.json === true);
      }),
    );
}

const changes = [
  'name',
  'param',
  'secret',
  'guard',
  'every',
  'cron',
  'timeZone',
  'unset',
  'unsetSecret',
  'enable',
  'disable',
  'move',
  'newSource',
] as const satisfies readonly (keyof SetOptions)[];

function refuseNoChange(options: SetOptions): void {
  if (options.schedule === false || changes.some((name) => options[name] !== undefined)) return;
  throw inputError(
    'nothing_to_change',
    'There is nothing to change.',
    'Say what with --param, --secret or another option; see `tillsync configs set --help`.',
  );
}

function guardOf(texts: string[] | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(pairs('--guard', texts)).map(([name, text]) => [name, jsonOrText(text)]));
}

async function list(backend: Backend, self: Command): Promise<number> {
  const data = await backend.listConfigs();
  if (optionsOf(self).json) {
    writeJson({ data, next: null });
    return 0;
  }
  writeOut(
    table(
      ['ID', 'NAME', 'CONNECTOR', 'LEVEL', 'SOURCE', 'SCHEDULE', 'NEXT DUE', 'LAST SYNC', 'STATUS'].map((title) => ({
        title,
      })),
      data.map((config) => [
        config.id,
        config.name,
        config.connector_id,
        config.level,
        config.source_id ?? '–',
        scheduleText(config.schedule),
        nextDueText(config),
        time(config.last_sync_at),
        config.is_active ? (config.last_sync_status ?? 'never synced') : 'disabled',
      ]),
      'No configs yet. Add one with `tillsync configs add`.',
    ),
  );
  return 0;
}

async function show(backend: Backend, named: string, self: Command): Promise<number> {
  const config = await backend.showConfig(named);
  if (optionsOf(self).json) writeJson(config);
  else printConfig(config);
  if (config.missing.length > 0) {
    const connectors = await backend.listConnectors();
    const connector = connectors.find(({ id }) => id === config.connector_id);
    writeTalk(missingAdvice(config, connector));
  }
  return 0;
}

async function reportConfig(
  { database, deps }: Pick<App, 'database' | 'deps'>,
  config: ConfigWithMissing,
  json: boolean,
): Promise<number> {
  if (json) writeJson(config);
  else printConfig(config);
  const { findConnector } = await import('../../../sync/recipes/find-connector.ts');
  const { describeConnector } = await import('../../../connectors/describe-connector.ts');
  writeTalk(missingAdvice(config, describeConnector(await findConnector(database, deps, config.connector_id))));
  return 0;
}

function printConfig(config: Config & { missing: string[] }): void {
  writeOut(
    fields([
      ['id', config.id],
      ['name', config.name],
      ['connector', config.connector_id],
      ['level', config.level],
      ['source', config.source_id],
      ['params', JSON.stringify(config.params)],
      ['secrets', secretsText(config.secrets)],
      ['guard', JSON.stringify(config.guard)],
      ['active', config.is_active ? 'yes' : 'no'],
      ['missing', config.missing.join(', ') || 'nothing'],
      ...scheduleFields(config),
      ['last sync', config.last_sync_at === null ? 'never' : time(config.last_sync_at)],
      ['removals', `last checked ${config.removals_checked_at === null ? 'never' : time(config.removals_checked_at)}`],
      ['last status', config.last_sync_status],
      ['syncs', `${config.sync_count}, ${config.error_count} failed`],
      ['last error', config.last_error],
    ]),
  );
}

// E.g. 'api_key set on 2026-11-29, ends in 9f3a; password set'.
function secretsText(secrets: Config['secrets']): string {
  const texts = Object.entries(secrets).map(([name, { set_at, ends_in }]) => {
    const when = set_at === null ? 'set' : `set on ${set_at.slice(0, 10)}`;
    return `${name} ${when}${ends_in === null ? '' : `, ends in ${ends_in}`}`;
  });
  return texts.join('; ') || 'none';
}
