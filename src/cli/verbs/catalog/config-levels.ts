// The levels' part of tillsync configs: removing one, explaining which level set what, and trying a change.
import type { Command } from 'commander';
import { inputError } from '../../../errors.ts';
import type { ConfigExplanation } from '../../../sync/configs/explain-config.ts';
import type { ConfigEffect } from '../../../sync/configs/what-if.ts';
import type { Backend } from '../../backend/backend.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { nulls } from '../../config-params.ts';
import { collect } from '../../parse-options.ts';
import { fields, table } from '../../print/table.ts';
import { writeJson, writeOut } from '../../print/write.ts';
import { examples, optionsOf } from '../../verb.ts';

export function defineRemove(command: Command): void {
  command
    .command('remove <config>')
    .description('Remove a config with its secrets; its source, items and runs stay')
    .addHelpText('after', examples('tillsync configs remove "QU POS"'))
    .action((named: string, _options: object, self: Command) =>
      withBackend(self, async (backend) => {
        const config = await backend.removeConfig(named);
        if (optionsOf(self).json) writeJson(config);
        else {
          const source = config.source_id === null ? '' : ` Its source ${config.source_id} and the items there stay.`;
          writeOut(`Removed the config "${config.name}".${source}\n`);
        }
        return 0;
      }),
    );
}

export function defineExplain(command: Command): void {
  command
    .command('explain <config>')
    .description('Which level set what: concept, company, site, or the default')
    .addHelpText('after', examples('tillsync configs explain "Main Street"'))
    .action((named: string, _options: object, self: Command) =>
      withBackend(self, async (backend) => {
        const explanation = await backend.explainConfig(named);
        if (optionsOf(self).json) writeJson(explanation);
        else printExplanation(explanation);
        return 0;
      }),
    );
}

function printExplanation(of: ConfigExplanation): void {
  writeOut(
    fields([
      ['config', `${of.name} (${of.config_id})`],
      ['source', of.source_id],
      ['identity', of.identity === null ? 'not known' : JSON.stringify(of.identity)],
      ['missing', of.missing.join(', ') || 'nothing'],
      ['levels', of.levels.map(({ level, name }) => `${level} "${name}"`).join(' > ')],
    ]),
  );
  const rows = [
    ...of.params.map((param) => [
      param.is_identity ? `${param.name} *` : param.name,
      textOf(param.value),
      fromOf(param.from),
      param.hides.map((hidden) => `${textOf(hidden.value)} (${fromOf(hidden)})`).join(', '),
    ]),
    ...of.secrets.map(({ name, ends_in, from, hides }) => [
      name,
      ends_in === null ? '(secret)' : `(secret, ends in ${ends_in})`,
      fromOf(from),
      hides.map((hidden) => `(secret) (${fromOf(hidden)})`).join(', '),
    ]),
  ];
  const titles = ['SETTING', 'VALUE', 'SET BY', 'HIDES'].map((title) => ({ title }));
  writeOut(`\n${table(titles, rows, 'Nothing is set.')}`);
  writeOut('\n* decides the source\n');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function fromOf(from: { level: string; name: string } | null): string {
  return from === null ? 'default' : `${from.level} "${from.name}"`;
}

export function defineWhatIf(command: Command): void {
  command
    .command('what-if <config>')
    .description('What a change of its settings would do to it and to the configs below it; writes nothing')
    .option('--set <name=value>', 'a setting as it would be; may be given several times', collect)
    .option('--unset <param>', 'a setting that would be taken away; may be given several times', collect)
    .addHelpText('after', examples('tillsync configs what-if "All of Acme" --set brand=acme2'))
    .action((named: string, _options: object, self: Command) =>
      withBackend(self, (backend) => tryChange(backend, named, self)),
    );
}

async function tryChange(backend: Backend, named: string, self: Command): Promise<number> {
  const options = optionsOf<{ set?: string[]; unset?: string[] }>(self);
  if (options.set === undefined && options.unset === undefined) {
    throw inputError(
      'nothing_to_change',
      'There is nothing to try.',
      'Say what with --set name=value or --unset name.',
    );
  }
  const found = await backend.whatIf(named, { set: options.set, unset: nulls(options.unset) });
  if (options.json) {
    writeJson(found);
    return 0;
  }
  const titles = ['CONFIG', 'LEVEL', 'BEFORE', 'AFTER', 'WHAT CHANGES'].map((title) => ({ title }));
  const rows = found.effects.map((effect) => [
    effect.name,
    effect.level,
    sideText(effect.before),
    sideText(effect.after),
    changesText(effect),
  ]);
  writeOut(`${table(titles, rows, 'No config.')}Nothing was written.\n`);
  return 0;
}

function sideText({ identity, missing }: ConfigEffect['before'] | ConfigEffect['after']): string {
  const which = identity === null ? 'no catalog' : Object.values(identity).join(' ');
  return missing.length === 0 ? which : `${which}, missing ${missing.join(', ')}`;
}

function changesText(effect: ConfigEffect): string {
  const { after, conflict } = effect;
  const source = after.source_id === null ? 'a new source' : `source ${after.source_id}`;
  const parts = [
    ...(effect.changes_identity ? [after.identity === null ? 'loses its source' : `another catalog: ${source}`] : []),
    ...(effect.changes_runnable ? [after.runnable ? 'becomes runnable' : 'is no longer runnable'] : []),
    ...(conflict === null ? [] : [`refused: "${conflict.name}" reads it already`]),
  ];
  return parts.join('; ') || 'nothing';
}
