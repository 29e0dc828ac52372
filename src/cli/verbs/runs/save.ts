// tillsync save <file>: items that you have in a file, through the same plan, guard and history as a sync.
import type { Command } from 'commander';
import { savedAnswer } from '../../../api/functions/saved-answer.ts';
import type { App } from '../../../app.ts';
import { type Kind, kinds } from '../../../catalog/item.ts';
import { inputError } from '../../../errors.ts';
import { type Json, parseJson } from '../../../json.ts';
import { listConfigs } from '../../../records/configs/read-configs.ts';
import { isUuid } from '../../../records/row-values.ts';
import { getSource } from '../../../records/sources/read-sources.ts';
import { exitCodeOfRun } from '../../exit-code.ts';
import { findConfig } from '../../find-config.ts';
import { readInput } from '../../parse-options.ts';
import { openProgressLine } from '../../print/progress-line.ts';
import { receipt } from '../../print/receipt.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { advice } from '../../run-outcome.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, withApp } from '../../with-app.ts';

interface SaveOptions {
  config?: string;
  source?: string;
  mode: string;
  dryRun?: boolean;
}

interface FormattedFile {
  formattedData: Partial<Record<Kind, Json[]>>;
  metadata: Record<string, Json>;
}

export const saveVerb: Verb = {
  define(command) {
    command
      .argument('<file>', 'JSON with products, modifiers, discounts (or the body of save-integration-data); - is stdin')
      .option('--config <config>', 'id or exact name of the config')
      .option('--source <id>', 'its source; on its own it finds the config')
      .addOption(modeOption(command))
      .option('--dry-run', 'plan only: nothing is written')
      .addHelpText(
        'after',
        examples(
          'tillsync save menu.json --config "QU POS"',
          'tillsync save - --config "QU POS" --mode full --json < menu.json',
        ),
      )
      .action((file: string, _options: SaveOptions, self: Command) =>
        withApp(self, (app, signal) => save(app, { file, options: optionsOf<SaveOptions>(self), signal }), {
          stopsItself: true,
        }),
      );
  },
};

function modeOption(command: Command) {
  return command
    .createOption('--mode <mode>', 'merge removes nothing; full removes what a listed kind no longer has')
    .choices(['merge', 'full'])
    .default('merge');
}

async function save(
  app: App,
  given: { file: string; options: SaveOptions & { json?: boolean }; signal: AbortSignal },
): Promise<number> {
  const { options, signal } = given;
  const configId = await configIdOf(app, options);
  const { formattedData, metadata } = formattedFile(await readInput(given.file), given.file);
  const { saveFormatted } = await import('../../../sync/save-formatted.ts');
  const line = openProgressLine();
  const saved = await saveFormatted(app.deps, {
    configId,
    sourceId: options.source,
    formattedData,
    metadata,
    mode: options.mode === 'full' ? 'full' : 'merge',
    dryRun: options.dryRun === true,
    requestedBy: requestedBy(),
    signal,
    onProgress: line.show,
  }).finally(line.end);
  const { run } = saved;
  if (options.json === true) writeJson((await functionAnswer(saved, metadata)) ?? run);
  else writeOut(`${receipt(run)}\n`);
  writeTalk(advice(run));
  return exitCodeOfRun(run);
}

// What save-integration-data answers; null for a dry run, which the function does not have.
async function functionAnswer(
  saved: Parameters<typeof savedAnswer>[0],
  metadata: Record<string, unknown>,
): Promise<object | null> {
  const { failedRunAnswer, heldRunAnswer } = await import('../../../api/functions/error-answer.ts');
  if (saved.run.status === 'planned') return null;
  if (saved.run.status === 'held') return heldRunAnswer(saved.run).body;
  return (savedAnswer(saved, metadata) ?? failedRunAnswer(saved.run, 'SAVE_ERROR')).body;
}

async function configIdOf(app: App, { config, source }: SaveOptions): Promise<string> {
  // With a config the source may be the legacy one, which is no row; it is compared when the save begins.
  const unknown = source !== undefined && (config === undefined ? !(await isSource(app, source)) : !isUuid(source));
  if (unknown) {
    throw inputError('source_unknown', `No source has the id ${source}.`, 'List them with `tillsync sources list`.');
  }
  if (config !== undefined) return (await findConfig(app.database, config)).id;
  if (source === undefined) {
    throw inputError('config_missing', 'Say whose items these are.', 'Use --config <id or name>, or --source <id>.');
  }
  const configs = await listConfigs(app.database, { sourceId: source });
  const [only, ...others] = configs.filter((candidate) => candidate.is_active);
  if (only !== undefined && others.length === 0) return only.id;
  throw inputError('config_missing', `Source ${source} has no single active config.`, 'Say which one with --config.');
}

async function isSource(app: App, id: string): Promise<boolean> {
  return (await getSource(app.database, id)) !== null;
}

/** Reads `{products?, modifiers?, discounts?}`, or a whole body of save-integration-data. Throws file_not_formatted. */
function formattedFile(text: string, file: string): FormattedFile {
  const hint = 'It holds one JSON object with at least one of products, modifiers, discounts, each a list.';
  let document: Json;
  try {
    document = parseJson(text.replace(/^\ufeff/, ''));
  } catch (error) {
    if (error instanceof RangeError) {
      throw inputError('file_not_formatted', `The file ${file} is nested too deeply to be read.`, hint);
    }
    if (!(error instanceof SyntaxError)) throw error;
    throw inputError('file_not_formatted', `The file ${file} is not valid JSON.`, hint);
  }
  const whole = members(document);
  const data = members(whole.formatted_data ?? document);
  const formattedData: Partial<Record<Kind, Json[]>> = {};
  for (const kind of kinds) {
    const items = data[kind];
    if (items === undefined || items === null) continue;
    if (!Array.isArray(items)) {
      throw inputError('file_not_formatted', `In the file ${file}, ${kind} is not a list.`, hint);
    }
    formattedData[kind] = items;
  }
  if (Object.keys(formattedData).length === 0) {
    throw inputError('file_not_formatted', `The file ${file} has no products, modifiers or discounts.`, hint);
  }
  return { formattedData, metadata: members(whole.metadata ?? null) };
}

function members(value: Json): Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, Json>) : {};
}
