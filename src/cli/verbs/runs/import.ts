// tillsync import <file>: a catalog in CSV, NDJSON, JSON or XLSX, through the same plan, guard and history as a sync.
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { Connector, FilePreview } from '../../../connectors/connector.ts';
import { inputError, TillsyncError } from '../../../errors.ts';
import type { Backend } from '../../backend/backend.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { collect, pairs } from '../../parse-options.ts';
import { previewText } from '../../print/preview-text.ts';
import { printable } from '../../print/printable.ts';
import { openProgressLine } from '../../print/progress-line.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { reportRun } from '../../run-outcome.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';

interface ImportOptions {
  config?: string;
  new?: string;
  map?: string[];
  param?: string[];
  full?: boolean;
  dryRun?: boolean;
  preview?: boolean;
}

export const importVerb: Verb = {
  define(command) {
    command
      .argument('<file>', 'CSV, NDJSON, JSON or XLSX; - is stdin')
      .option('--config <config>', 'id or exact name of the config')
      .option('--new <name>', 'make a config with this name for it')
      .option('--map <field=column>', 'read a column as a field; the config remembers it (field= for none)', collect)
      .option('--param <name=value>', 'with --new: a setting of the config, e.g. decimal=,', collect)
      .option('--full', 'the file is the whole catalog: remove what it does not have')
      .option('--dry-run', 'plan only: no item is written')
      .option('--preview', 'show how each column is read, and write nothing')
      .addHelpText(
        'after',
        examples(
          'tillsync import menu.csv --new "Main Street" --preview',
          'tillsync import menu.csv --new "Main Street" --map price=Preis --param decimal=,',
          'tillsync import menu.csv --config "Main Street" --full',
        ),
      )
      .action((file: string, _options: ImportOptions, self: Command) =>
        withBackend(
          self,
          (backend, signal) => importOne(backend, { file, options: optionsOf<ImportOptions>(self), signal }),
          { stopsItself: true },
          // A pipe that was not read to its end would keep the process alive.
        ).finally(() => void (file === '-' && process.stdin.destroy())),
      );
  },
};

interface Given {
  file: string;
  options: ImportOptions & { json?: boolean };
  signal: AbortSignal;
}

async function importOne(backend: Backend, { file, options, signal }: Given): Promise<number> {
  const target = await targetOf(backend, options);
  const { prepareImport } = await import('../../../sync/requests/prepare-import.ts');
  const { preview, body } = await prepareImport({
    connector: target.connector,
    configName: target.name,
    params: target.params,
    map: pairs('--map', options.map),
    body: bytesOf(file),
  });
  if (options.preview === true) {
    if (options.json === true) writeJson(preview);
    else writeOut(previewText(file, preview));
    return 0;
  }
  const configId = await configFor(backend, target, preview);
  const line = openProgressLine();
  const brought = {
    configId,
    body,
    fileName: basename(file),
    mode: options.full === true ? 'full' : 'merge',
    dryRun: options.dryRun === true,
  } as const;
  const run = await backend.importFile(brought, { signal, onProgress: line.show }).finally(line.end);
  const code = reportRun(run, options.json === true);
  if (options.json !== true && ['partial', 'held', 'planned'].includes(run.status)) await tellRejects(backend, run.id);
  return code;
}

interface Target {
  connector: Pick<Connector, 'id' | 'title' | 'preview'>;
  /** null = the config is to be made, with this name. */
  configId: string | null;
  name: string;
  params: Readonly<Record<string, unknown>>;
}

async function targetOf(backend: Backend, options: ImportOptions): Promise<Target> {
  if ((options.config === undefined) === (options.new === undefined)) {
    throw inputError(
      'import_target_unclear',
      'Say whose catalog the file is: --config <config>, or --new <name>, and only one of them.',
      'List configs with `tillsync configs list`.',
    );
  }
  // Files are read where the command runs, also when their rows go to a server.
  const { openConnectors } = await import('../../../connectors/load-connectors.ts');
  const connectors = openConnectors();
  if (options.new !== undefined) {
    const connector = [...(await connectors.all()).values()].find(({ preview }) => preview !== undefined);
    if (connector === undefined) throw new Error('no connector takes files');
    const params = { ...(await backend.readParams(connector.id, options.param)), name: options.new };
    return { connector, configId: null, name: options.new, params };
  }
  if (options.param !== undefined) {
    throw inputError(
      'import_target_unclear',
      '--param goes with --new.',
      'Change the settings of a config with `tillsync configs set <config> --param name=value`.',
    );
  }
  const { id, name, connector_id, merged_params } = await backend.showConfig(options.config ?? '');
  const connector = (await connectors.get(connector_id)) ?? (await recipeNamed(backend, connector_id));
  return { connector, configId: id, name, params: merged_params };
}

/** A stored recipe, which takes no files; its title is for the refusal. */
async function recipeNamed(backend: Backend, id: string): Promise<Target['connector']> {
  const shown = (await backend.listConnectors()).find((connector) => connector.id === id);
  return { id, title: shown?.title ?? id };
}

// The file was readable so far: one that cannot be read makes no config.
async function configFor(backend: Backend, of: Target, preview: FilePreview): Promise<string> {
  const { configId, connector, name, params } = of;
  if (configId === null) {
    return await backend.addFileConfig({ connectorId: connector.id, name, params: { ...params, ...preview.params } });
  }
  await backend.rememberColumns(configId, { preview, merged: params });
  return configId;
}

const shownRejects = 10;

async function tellRejects(backend: Backend, runId: string): Promise<void> {
  const { data, next } = await backend.listRejects(runId);
  for (const { message } of data.slice(0, shownRejects)) writeTalk(`Set aside: ${printable(message)}\n`);
  if (next !== null || data.length > shownRejects) writeTalk(`… and more: tillsync runs show ${runId} --json\n`);
}

async function* bytesOf(file: string): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const bytes of file === '-' ? process.stdin : createReadStream(file)) yield bytes as Uint8Array;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new TillsyncError(`The file ${file} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code}.`, {
      code: 'file_unreadable',
      step: 'validation',
      hint: 'Check the path; - reads from stdin.',
      exitCode: 2,
      cause: error,
    });
  }
}
